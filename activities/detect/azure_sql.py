"""`detect.azure_sql`: the role of a failover group of Azure SQL in a region."""

from activities.clients.azure_sql import LOOKS, AzureSqlPlace
from activities.handing.detect import HandDetect
from runbooks.azure.databases import AzureSqlSettings


class DetectAzureSql(AzureSqlPlace, HandDetect[AzureSqlSettings]):
    """Which role a failover group of Azure SQL has in a region, as Azure shows it."""

    uses = "detect.azure_sql"
    permissions = LOOKS
    Settings = AzureSqlSettings
