"""`promote.aurora`: make an Aurora cluster the primary of its global one."""

from activities.clients.global_cluster import AURORA
from activities.clusters.promote import PromoteCluster


class PromoteAurora(PromoteCluster):
    """With an `upstream` (nothing may be lost) it is a switchover, else a failover that accepts loss."""

    uses = "promote.aurora"
    family = AURORA
