"""`promote.cosmosdb`: have Azure move the writer of a Cosmos DB account to a region."""

from activities.clients.azure import azure
from activities.clients.cosmosdb import LOOKS, MOVES, NOTES, CosmosDbPlace, move_account
from activities.contract import Job
from activities.handing.place import Place
from activities.handing.promote import HandPromote
from runbooks.azure.databases import CosmosDbSettings


class PromoteSettings(CosmosDbSettings):
    """The standby, and in a planned procedure the primary that it must have everything of."""

    upstream: CosmosDbSettings | None = None


class PromoteCosmosDb(CosmosDbPlace, HandPromote[PromoteSettings]):
    """Planned, nothing is lost; in a failover it is forced, and what was not copied is lost."""

    uses = "promote.cosmosdb"
    permissions = (*LOOKS, *NOTES, *MOVES)
    Settings = PromoteSettings

    async def _move(self, job: Job[PromoteSettings], seen: Place, *, planned: bool) -> None:
        del seen
        await move_account(azure(job), job.settings, planned=planned)
