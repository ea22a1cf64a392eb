"""`catch_up.docdb`: wait until a DocumentDB cluster has what the primary of its global one has."""

from activities.clients.global_cluster import DOCDB
from activities.clusters.catch_up import CatchUpCluster


class CatchUpDocdb(CatchUpCluster):
    """Changes nothing: it waits; in a managed move the last part is left to AWS's switchover."""

    uses = "catch_up.docdb"
    family = DOCDB
