"""`promote.azure_storage`: have Azure move the writer of a geo-redundant storage account to a region."""

from activities.clients.azure import azure
from activities.clients.azure_storage import LOOKS, MOVES, NOTES, AzureStoragePlace, move_account
from activities.contract import Job
from activities.handing.place import Place
from activities.handing.promote import HandPromote
from runbooks.azure.databases import AzureStorageSettings


class PromoteSettings(AzureStorageSettings):
    """The standby, and in a planned procedure the primary that it must have everything of."""

    upstream: AzureStorageSettings | None = None


class PromoteAzureStorage(AzureStoragePlace, HandPromote[PromoteSettings]):
    """Planned, nothing is lost; in a failover it is forced, and what was not copied is lost."""

    uses = "promote.azure_storage"
    permissions = (*LOOKS, *NOTES, *MOVES)
    Settings = PromoteSettings

    async def _move(self, job: Job[PromoteSettings], seen: Place, *, planned: bool) -> None:
        del seen
        await move_account(azure(job), job.settings, planned=planned)
