"""`catch_up.azure_storage`: wait until the replication of a geo-redundant storage account is well."""

from activities.clients.azure_storage import LOOKS, AzureStoragePlace
from activities.handing.catch_up import HandCatchUp
from runbooks.azure.databases import AzureStorageSettings


class CatchUpSettings(AzureStorageSettings):
    """A standby, and the primary that it must be near to, or have everything of."""

    upstream: AzureStorageSettings
    exact: bool = False


class CatchUpAzureStorage(AzureStoragePlace, HandCatchUp[CatchUpSettings]):
    """Waits until it is in step; what is missing then, Azure waits for itself when it moves the writer."""

    uses = "catch_up.azure_storage"
    permissions = LOOKS
    Settings = CatchUpSettings
