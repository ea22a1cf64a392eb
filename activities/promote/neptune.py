"""`promote.neptune`: make a Neptune cluster the primary of its global one."""

from activities.clients.global_cluster import NEPTUNE
from activities.clusters.promote import PromoteCluster


class PromoteNeptune(PromoteCluster):
    """With an `upstream` (nothing may be lost) it is a switchover, else a failover that accepts loss."""

    uses = "promote.neptune"
    family = NEPTUNE
