"""`promote.azure_sql`: have Azure move the writer of a failover group of Azure SQL to a region."""

from activities.clients.azure import azure
from activities.clients.azure_sql import LOOKS, MOVES, NOTES, AzureSqlPlace, move_group
from activities.contract import Job
from activities.handing.place import Place
from activities.handing.promote import HandPromote
from runbooks.azure.databases import AzureSqlSettings


class PromoteSettings(AzureSqlSettings):
    """The standby, and in a planned procedure the primary that it must have everything of."""

    upstream: AzureSqlSettings | None = None


class PromoteAzureSql(AzureSqlPlace, HandPromote[PromoteSettings]):
    """Planned, nothing is lost; in a failover it is forced, and what was not copied is lost."""

    uses = "promote.azure_sql"
    permissions = (*LOOKS, *NOTES, *MOVES)
    Settings = PromoteSettings

    async def _move(self, job: Job[PromoteSettings], seen: Place, *, planned: bool) -> None:
        del seen
        await move_group(azure(job), job.settings, planned=planned)
