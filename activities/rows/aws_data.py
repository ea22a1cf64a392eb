"""Technologies that move and look at data on AWS."""

from typing import Any

from activities.catch_up.dynamodb import CatchUpDynamodb
from activities.catch_up.elasticache import CatchUpElasticache
from activities.catch_up.event_sources import CatchUpEventSources
from activities.catch_up.rds import CatchUpRds
from activities.catch_up.s3 import CatchUpS3
from activities.contract import Technology
from activities.detect.dynamodb import DetectDynamodb
from activities.detect.elasticache import DetectElasticache
from activities.detect.event_sources import DetectEventSources
from activities.detect.rds import DetectRds
from activities.detect.s3 import DetectS3
from activities.fence.dynamodb import FenceDynamodb
from activities.fence.elasticache import FenceElasticache
from activities.fence.event_sources import FenceEventSources
from activities.fence.rds import FenceRds
from activities.fence.s3 import FenceS3
from activities.promote.dynamodb import PromoteDynamodb
from activities.promote.elasticache import PromoteElasticache
from activities.promote.event_sources import PromoteEventSources
from activities.promote.rds import PromoteRds
from activities.promote.s3 import PromoteS3
from activities.reseed.dynamodb import ReseedDynamodb
from activities.reseed.elasticache import ReseedElasticache
from activities.reseed.event_sources import ReseedEventSources
from activities.reseed.rds import ReseedRds
from activities.reseed.s3 import ReseedS3

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    CatchUpRds,
    DetectRds,
    FenceRds,
    PromoteRds,
    ReseedRds,
    CatchUpDynamodb,
    CatchUpElasticache,
    CatchUpEventSources,
    CatchUpS3,
    DetectDynamodb,
    DetectElasticache,
    DetectEventSources,
    DetectS3,
    FenceDynamodb,
    FenceElasticache,
    FenceEventSources,
    FenceS3,
    PromoteDynamodb,
    PromoteElasticache,
    PromoteEventSources,
    PromoteS3,
    ReseedDynamodb,
    ReseedElasticache,
    ReseedEventSources,
    ReseedS3,
)
