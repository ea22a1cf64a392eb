"""`fence.azure_storage`: is it certain that Azure takes the role of the primary away from it? The move itself does."""

from activities.clients.azure_storage import LOOKS, NOTES, AzureStoragePlace
from activities.handing.fence import HandFence
from runbooks.azure.databases import AzureStorageSettings


class FenceAzureStorage(AzureStoragePlace, HandFence[AzureStorageSettings]):
    """Notes the decision; it is proved when Azure will make a standby of it in the promotion, or has."""

    uses = "fence.azure_storage"
    permissions = (*LOOKS, *NOTES)
    Settings = AzureStorageSettings
