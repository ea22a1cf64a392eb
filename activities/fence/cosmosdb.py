"""`fence.cosmosdb`: is it certain that Azure takes the role of the primary away from it? The move itself does."""

from activities.clients.cosmosdb import LOOKS, NOTES, CosmosDbPlace
from activities.handing.fence import HandFence
from runbooks.azure.databases import CosmosDbSettings


class FenceCosmosDb(CosmosDbPlace, HandFence[CosmosDbSettings]):
    """Notes the decision; it is proved when Azure will make a standby of it in the promotion, or has."""

    uses = "fence.cosmosdb"
    permissions = (*LOOKS, *NOTES)
    Settings = CosmosDbSettings
