"""Technologies that move and look at data on AWS."""

from typing import Any

from activities.catch_up.aurora import CatchUpAurora
from activities.catch_up.docdb import CatchUpDocdb
from activities.catch_up.neptune import CatchUpNeptune
from activities.catch_up.rds import CatchUpRds
from activities.contract import Technology
from activities.detect.aurora import DetectAurora
from activities.detect.docdb import DetectDocdb
from activities.detect.neptune import DetectNeptune
from activities.detect.rds import DetectRds
from activities.fence.aurora import FenceAurora
from activities.fence.docdb import FenceDocdb
from activities.fence.neptune import FenceNeptune
from activities.fence.rds import FenceRds
from activities.promote.aurora import PromoteAurora
from activities.promote.docdb import PromoteDocdb
from activities.promote.neptune import PromoteNeptune
from activities.promote.rds import PromoteRds
from activities.reseed.aurora import ReseedAurora
from activities.reseed.docdb import ReseedDocdb
from activities.reseed.neptune import ReseedNeptune
from activities.reseed.rds import ReseedRds
from activities.restore.rds import RestoreRds

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    CatchUpAurora,
    CatchUpDocdb,
    CatchUpNeptune,
    CatchUpRds,
    DetectAurora,
    DetectDocdb,
    DetectNeptune,
    DetectRds,
    FenceAurora,
    FenceDocdb,
    FenceNeptune,
    FenceRds,
    PromoteAurora,
    PromoteDocdb,
    PromoteNeptune,
    PromoteRds,
    ReseedAurora,
    ReseedDocdb,
    ReseedNeptune,
    ReseedRds,
    RestoreRds,
)
