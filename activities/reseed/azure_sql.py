"""`reseed.azure_sql`: the former primary of a failover group of Azure SQL is a standby again."""

from activities.clients.azure_sql import LOOKS, NOTES, AzureSqlPlace
from activities.handing.reseed import HandReseed
from runbooks.azure.databases import AzureSqlSettings


class FollowerSettings(AzureSqlSettings):
    """A standby, and the primary that it is to follow."""

    upstream: AzureSqlSettings


class ReseedAzureSql(AzureSqlPlace, HandReseed[FollowerSettings]):
    """Azure makes a standby of it, as soon as its region is back; this waits, and proves it."""

    uses = "reseed.azure_sql"
    permissions = (*LOOKS, *NOTES)
    Settings = FollowerSettings
