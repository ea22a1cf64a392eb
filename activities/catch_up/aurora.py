"""`catch_up.aurora`: wait until an Aurora cluster has what the primary of its global one has."""

from activities.clients.global_cluster import AURORA
from activities.clusters.catch_up import CatchUpCluster


class CatchUpAurora(CatchUpCluster):
    """Changes nothing: it waits; in a managed move the last part is left to AWS's switchover."""

    uses = "catch_up.aurora"
    family = AURORA
