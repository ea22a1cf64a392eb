"""`reseed.cosmosdb`: the former primary of a Cosmos DB account is a standby again."""

from activities.clients.cosmosdb import LOOKS, NOTES, CosmosDbPlace
from activities.handing.reseed import HandReseed
from runbooks.azure.databases import CosmosDbSettings


class FollowerSettings(CosmosDbSettings):
    """A standby, and the primary that it is to follow."""

    upstream: CosmosDbSettings


class ReseedCosmosDb(CosmosDbPlace, HandReseed[FollowerSettings]):
    """Waits until Azure has made a read region of it, and proves it.

    A region that was taken offline comes back when Azure brings it back, which can take days: a support request.
    """

    uses = "reseed.cosmosdb"
    permissions = (*LOOKS, *NOTES)
    Settings = FollowerSettings
