"""`catch_up.azure_sql`: wait until the replication of a failover group of Azure SQL is well."""

from activities.clients.azure_sql import LOOKS, AzureSqlPlace
from activities.handing.catch_up import HandCatchUp
from runbooks.azure.databases import AzureSqlSettings


class CatchUpSettings(AzureSqlSettings):
    """A standby, and the primary that it must be near to, or have everything of."""

    upstream: AzureSqlSettings
    exact: bool = False


class CatchUpAzureSql(AzureSqlPlace, HandCatchUp[CatchUpSettings]):
    """Waits until it is in step; what is missing then, Azure waits for itself when it moves the writer."""

    uses = "catch_up.azure_sql"
    permissions = LOOKS
    Settings = CatchUpSettings
