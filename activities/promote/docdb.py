"""`promote.docdb`: make a DocumentDB cluster the primary of its global one."""

from activities.clients.global_cluster import DOCDB
from activities.clusters.promote import PromoteCluster


class PromoteDocdb(PromoteCluster):
    """With an `upstream` (nothing may be lost) it is a switchover, else a failover that accepts loss."""

    uses = "promote.docdb"
    family = DOCDB
