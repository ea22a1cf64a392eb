"""`detect.docdb`: looks at the role, health and lag of a DocumentDB cluster in a global one."""

from activities.clients.global_cluster import DOCDB
from activities.clusters.detect import DetectCluster


class DetectDocdb(DetectCluster):
    """A cluster that AWS shows as working, and that has an instance, is healthy; CloudWatch tells the lag."""

    uses = "detect.docdb"
    family = DOCDB
