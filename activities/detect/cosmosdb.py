"""`detect.cosmosdb`: the role of a Cosmos DB account in a region."""

from activities.clients.cosmosdb import LOOKS, CosmosDbPlace
from activities.handing.detect import HandDetect
from runbooks.azure.databases import CosmosDbSettings


class DetectCosmosDb(CosmosDbPlace, HandDetect[CosmosDbSettings]):
    """Which role a Cosmos DB account has in a region, as Azure shows it."""

    uses = "detect.cosmosdb"
    permissions = LOOKS
    Settings = CosmosDbSettings
