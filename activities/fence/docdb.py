"""`fence.docdb`: nobody can connect any more to a DocumentDB cluster that was the primary of a global one."""

from activities.clients.global_cluster import DOCDB
from activities.clusters.fence import FenceCluster


class FenceDocdb(FenceCluster):
    """Swaps the cluster's security groups for the fenced one, and restarts its writer; it can be undone."""

    uses = "fence.docdb"
    family = DOCDB
    service = DOCDB.service
