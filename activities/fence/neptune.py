"""`fence.neptune`: nobody can connect any more to a Neptune cluster that was the primary of a global one."""

from activities.clients.global_cluster import NEPTUNE
from activities.clusters.fence import FenceCluster


class FenceNeptune(FenceCluster):
    """Swaps the cluster's security groups for the fenced one, and restarts its writer; it can be undone."""

    uses = "fence.neptune"
    family = NEPTUNE
    service = NEPTUNE.service
