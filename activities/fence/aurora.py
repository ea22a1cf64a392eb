"""`fence.aurora`: nobody can connect any more to an Aurora cluster that was the primary of a global one."""

from activities.clients.global_cluster import AURORA
from activities.clusters.fence import FenceCluster


class FenceAurora(FenceCluster):
    """Swaps the cluster's security groups for the fenced one, and restarts its writer; it can be undone."""

    uses = "fence.aurora"
    family = AURORA
    service = AURORA.service
