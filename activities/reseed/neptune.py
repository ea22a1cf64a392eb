"""`reseed.neptune`: make a Neptune cluster a secondary one of its global cluster again."""

from activities.clients.global_cluster import NEPTUNE
from activities.clusters.reseed import ReseedCluster


class ReseedNeptune(ReseedCluster):
    """Waits until AWS has made it a secondary cluster, and gives back what a fence has taken."""

    uses = "reseed.neptune"
    family = NEPTUNE
