"""Technologies that move and look at data on Azure."""

from typing import Any

from activities.catch_up.azure_postgres import CatchUpAzurePostgres
from activities.catch_up.azure_redis import CatchUpAzureRedis
from activities.catch_up.azure_sql import CatchUpAzureSql
from activities.catch_up.azure_storage import CatchUpAzureStorage
from activities.catch_up.cosmosdb import CatchUpCosmosDb
from activities.contract import Technology
from activities.detect.azure_postgres import DetectAzurePostgres
from activities.detect.azure_redis import DetectAzureRedis
from activities.detect.azure_sql import DetectAzureSql
from activities.detect.azure_storage import DetectAzureStorage
from activities.detect.cosmosdb import DetectCosmosDb
from activities.fence.azure_postgres import FenceAzurePostgres
from activities.fence.azure_redis import FenceAzureRedis
from activities.fence.azure_sql import FenceAzureSql
from activities.fence.azure_storage import FenceAzureStorage
from activities.fence.cosmosdb import FenceCosmosDb
from activities.promote.azure_postgres import PromoteAzurePostgres
from activities.promote.azure_redis import PromoteAzureRedis
from activities.promote.azure_sql import PromoteAzureSql
from activities.promote.azure_storage import PromoteAzureStorage
from activities.promote.cosmosdb import PromoteCosmosDb
from activities.reseed.azure_postgres import ReseedAzurePostgres
from activities.reseed.azure_redis import ReseedAzureRedis
from activities.reseed.azure_sql import ReseedAzureSql
from activities.reseed.azure_storage import ReseedAzureStorage
from activities.reseed.cosmosdb import ReseedCosmosDb
from activities.restore.azure_postgres import RestoreAzurePostgres

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    CatchUpAzurePostgres,
    CatchUpAzureRedis,
    CatchUpAzureSql,
    CatchUpAzureStorage,
    CatchUpCosmosDb,
    DetectAzurePostgres,
    DetectAzureRedis,
    DetectAzureSql,
    DetectAzureStorage,
    DetectCosmosDb,
    FenceAzurePostgres,
    FenceAzureRedis,
    FenceAzureSql,
    FenceAzureStorage,
    FenceCosmosDb,
    PromoteAzurePostgres,
    PromoteAzureRedis,
    PromoteAzureSql,
    PromoteAzureStorage,
    PromoteCosmosDb,
    ReseedAzurePostgres,
    ReseedAzureRedis,
    ReseedAzureSql,
    ReseedAzureStorage,
    ReseedCosmosDb,
    RestoreAzurePostgres,
)
