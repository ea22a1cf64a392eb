"""Technologies that move and look at data on AWS."""

from typing import Any

from activities.catch_up.aurora import CatchUpAurora
from activities.catch_up.docdb import CatchUpDocdb
from activities.catch_up.dynamodb import CatchUpDynamodb
from activities.catch_up.elasticache import CatchUpElasticache
from activities.catch_up.event_sources import CatchUpEventSources
from activities.catch_up.neptune import CatchUpNeptune
from activities.catch_up.opensearch import CatchUpOpensearch
from activities.catch_up.rds import CatchUpRds
from activities.catch_up.s3 import CatchUpS3
from activities.contract import Technology
from activities.detect.aurora import DetectAurora
from activities.detect.docdb import DetectDocdb
from activities.detect.dynamodb import DetectDynamodb
from activities.detect.elasticache import DetectElasticache
from activities.detect.event_sources import DetectEventSources
from activities.detect.neptune import DetectNeptune
from activities.detect.opensearch import DetectOpensearch
from activities.detect.rds import DetectRds
from activities.detect.s3 import DetectS3
from activities.fence.aurora import FenceAurora
from activities.fence.docdb import FenceDocdb
from activities.fence.dynamodb import FenceDynamodb
from activities.fence.elasticache import FenceElasticache
from activities.fence.event_sources import FenceEventSources
from activities.fence.neptune import FenceNeptune
from activities.fence.opensearch import FenceOpensearch
from activities.fence.rds import FenceRds
from activities.fence.s3 import FenceS3
from activities.promote.aurora import PromoteAurora
from activities.promote.docdb import PromoteDocdb
from activities.promote.dynamodb import PromoteDynamodb
from activities.promote.elasticache import PromoteElasticache
from activities.promote.event_sources import PromoteEventSources
from activities.promote.neptune import PromoteNeptune
from activities.promote.opensearch import PromoteOpensearch
from activities.promote.rds import PromoteRds
from activities.promote.s3 import PromoteS3
from activities.reseed.aurora import ReseedAurora
from activities.reseed.docdb import ReseedDocdb
from activities.reseed.dynamodb import ReseedDynamodb
from activities.reseed.elasticache import ReseedElasticache
from activities.reseed.event_sources import ReseedEventSources
from activities.reseed.neptune import ReseedNeptune
from activities.reseed.opensearch import ReseedOpensearch
from activities.reseed.rds import ReseedRds
from activities.reseed.s3 import ReseedS3
from activities.restore.rds import RestoreRds

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    CatchUpAurora,
    CatchUpDocdb,
    CatchUpDynamodb,
    CatchUpElasticache,
    CatchUpEventSources,
    CatchUpNeptune,
    CatchUpOpensearch,
    CatchUpRds,
    CatchUpS3,
    DetectAurora,
    DetectDocdb,
    DetectDynamodb,
    DetectElasticache,
    DetectEventSources,
    DetectNeptune,
    DetectOpensearch,
    DetectRds,
    DetectS3,
    FenceAurora,
    FenceDocdb,
    FenceDynamodb,
    FenceElasticache,
    FenceEventSources,
    FenceNeptune,
    FenceOpensearch,
    FenceRds,
    FenceS3,
    PromoteAurora,
    PromoteDocdb,
    PromoteDynamodb,
    PromoteElasticache,
    PromoteEventSources,
    PromoteNeptune,
    PromoteOpensearch,
    PromoteRds,
    PromoteS3,
    ReseedAurora,
    ReseedDocdb,
    ReseedDynamodb,
    ReseedElasticache,
    ReseedEventSources,
    ReseedNeptune,
    ReseedOpensearch,
    ReseedRds,
    ReseedS3,
    RestoreRds,
)
