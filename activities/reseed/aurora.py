"""`reseed.aurora`: make an Aurora cluster a secondary one of its global cluster again."""

from activities.clients.global_cluster import AURORA
from activities.clusters.reseed import ReseedCluster


class ReseedAurora(ReseedCluster):
    """Waits until AWS has made it a secondary cluster, and gives back what a fence has taken."""

    uses = "reseed.aurora"
    family = AURORA
