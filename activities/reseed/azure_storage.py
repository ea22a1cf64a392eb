"""`reseed.azure_storage`: the former primary of a geo-redundant storage account is a standby again."""

from activities.clients.azure import azure
from activities.clients.azure_storage import LOOKS, NOTES, AzureStoragePlace, replicate
from activities.contract import Job
from activities.handing.place import Place
from activities.handing.reseed import HandReseed
from runbooks.azure.databases import AzureStorageSettings


class FollowerSettings(AzureStorageSettings):
    """A standby, and the primary that it is to follow."""

    upstream: AzureStorageSettings


class ReseedAzureStorage(AzureStoragePlace, HandReseed[FollowerSettings]):
    """After a forced failover the account has one region: it is made geo-redundant again, and waited for."""

    uses = "reseed.azure_storage"
    permissions = (*LOOKS, *NOTES)
    Settings = FollowerSettings

    async def _rejoin(self, job: Job[FollowerSettings], seen: Place) -> None:
        del seen
        await replicate(azure(job), job.settings)
