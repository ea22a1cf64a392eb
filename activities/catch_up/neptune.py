"""`catch_up.neptune`: wait until a Neptune cluster has what the primary of its global one has."""

from activities.clients.global_cluster import NEPTUNE
from activities.clusters.catch_up import CatchUpCluster


class CatchUpNeptune(CatchUpCluster):
    """Changes nothing: it waits; in a managed move the last part is left to AWS's switchover."""

    uses = "catch_up.neptune"
    family = NEPTUNE
