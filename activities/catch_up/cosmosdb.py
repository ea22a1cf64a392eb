"""`catch_up.cosmosdb`: wait until the replication of a Cosmos DB account is well."""

from activities.clients.cosmosdb import LOOKS, CosmosDbPlace
from activities.handing.catch_up import HandCatchUp
from runbooks.azure.databases import CosmosDbSettings


class CatchUpSettings(CosmosDbSettings):
    """A standby, and the primary that it must be near to, or have everything of."""

    upstream: CosmosDbSettings
    exact: bool = False


class CatchUpCosmosDb(CosmosDbPlace, HandCatchUp[CatchUpSettings]):
    """Waits until it is in step; what is missing then, Azure waits for itself when it moves the writer."""

    uses = "catch_up.cosmosdb"
    permissions = LOOKS
    Settings = CatchUpSettings
