"""`reseed.docdb`: make a DocumentDB cluster a secondary one of its global cluster again."""

from activities.clients.global_cluster import DOCDB
from activities.clusters.reseed import ReseedCluster


class ReseedDocdb(ReseedCluster):
    """Waits until AWS has made it a secondary cluster, and gives back what a fence has taken."""

    uses = "reseed.docdb"
    family = DOCDB
