"""`fence.azure_sql`: is it certain that Azure takes the role of the primary away from it? The move itself does."""

from activities.clients.azure_sql import LOOKS, NOTES, AzureSqlPlace
from activities.handing.fence import HandFence
from runbooks.azure.databases import AzureSqlSettings


class FenceAzureSql(AzureSqlPlace, HandFence[AzureSqlSettings]):
    """Notes the decision; it is proved when Azure will make a standby of it in the promotion, or has."""

    uses = "fence.azure_sql"
    permissions = (*LOOKS, *NOTES)
    Settings = AzureSqlSettings
