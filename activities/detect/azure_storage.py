"""`detect.azure_storage`: the role of a geo-redundant storage account in a region."""

from activities.clients.azure_storage import LOOKS, AzureStoragePlace
from activities.handing.detect import HandDetect
from runbooks.azure.databases import AzureStorageSettings


class DetectAzureStorage(AzureStoragePlace, HandDetect[AzureStorageSettings]):
    """Which role a geo-redundant storage account has in a region, as Azure shows it."""

    uses = "detect.azure_storage"
    permissions = LOOKS
    Settings = AzureStorageSettings
