"""Technologies that move and look at data on AWS."""

from typing import Any

from activities.catch_up.dynamodb import CatchUpDynamodb
from activities.catch_up.elasticache import CatchUpElasticache
from activities.contract import Technology
from activities.detect.dynamodb import DetectDynamodb
from activities.detect.elasticache import DetectElasticache
from activities.fence.dynamodb import FenceDynamodb
from activities.fence.elasticache import FenceElasticache
from activities.promote.dynamodb import PromoteDynamodb
from activities.promote.elasticache import PromoteElasticache
from activities.reseed.dynamodb import ReseedDynamodb
from activities.reseed.elasticache import ReseedElasticache

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    DetectDynamodb,
    FenceDynamodb,
    CatchUpDynamodb,
    PromoteDynamodb,
    ReseedDynamodb,
    DetectElasticache,
    FenceElasticache,
    CatchUpElasticache,
    PromoteElasticache,
    ReseedElasticache,
)
