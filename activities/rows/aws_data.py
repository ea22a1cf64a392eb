"""Technologies that move and look at data on AWS."""

from typing import Any

from activities.catch_up.dynamodb import CatchUpDynamodb
from activities.catch_up.elasticache import CatchUpElasticache
from activities.catch_up.event_sources import CatchUpEventSources
from activities.catch_up.s3 import CatchUpS3
from activities.contract import Technology
from activities.detect.dynamodb import DetectDynamodb
from activities.detect.elasticache import DetectElasticache
from activities.detect.event_sources import DetectEventSources
from activities.detect.s3 import DetectS3
from activities.fence.dynamodb import FenceDynamodb
from activities.fence.elasticache import FenceElasticache
from activities.fence.event_sources import FenceEventSources
from activities.fence.s3 import FenceS3
from activities.promote.dynamodb import PromoteDynamodb
from activities.promote.elasticache import PromoteElasticache
from activities.promote.event_sources import PromoteEventSources
from activities.promote.s3 import PromoteS3
from activities.reseed.dynamodb import ReseedDynamodb
from activities.reseed.elasticache import ReseedElasticache
from activities.reseed.event_sources import ReseedEventSources
from activities.reseed.s3 import ReseedS3

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
    DetectEventSources,
    FenceEventSources,
    CatchUpEventSources,
    PromoteEventSources,
    ReseedEventSources,
    DetectS3,
    FenceS3,
    CatchUpS3,
    PromoteS3,
    ReseedS3,
)
