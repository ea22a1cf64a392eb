"""`detect.aurora`: looks at the role, health and lag of an Aurora cluster in a global one."""

from activities.clients.global_cluster import AURORA
from activities.clusters.detect import DetectCluster


class DetectAurora(DetectCluster):
    """A cluster that AWS shows as working, and that has an instance, is healthy; CloudWatch tells the lag."""

    uses = "detect.aurora"
    family = AURORA
