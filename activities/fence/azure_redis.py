"""`fence.azure_redis`: is it certain that Azure takes the role of the primary away from a cache? The failover does."""

from activities.clients.azure_redis import LOOKS, NOTES, AzureRedisPlace
from activities.handing.fence import HandFence
from runbooks.azure.databases import AzureRedisSettings


class FenceAzureRedis(AzureRedisPlace, HandFence[AzureRedisSettings]):
    """Notes the decision; it is proved when Azure will make a secondary of it in the promotion, or has."""

    uses = "fence.azure_redis"
    permissions = (*LOOKS, *NOTES)
    Settings = AzureRedisSettings
