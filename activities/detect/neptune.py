"""`detect.neptune`: looks at the role, health and lag of a Neptune cluster in a global one."""

from activities.clients.global_cluster import NEPTUNE
from activities.clusters.detect import DetectCluster


class DetectNeptune(DetectCluster):
    """A cluster that AWS shows as working, and that has an instance, is healthy; CloudWatch tells the lag."""

    uses = "detect.neptune"
    family = NEPTUNE
