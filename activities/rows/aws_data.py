"""Technologies that move and look at data on AWS."""

from typing import Any

from activities.catch_up.rds import CatchUpRds
from activities.contract import Technology
from activities.detect.rds import DetectRds
from activities.fence.rds import FenceRds
from activities.promote.rds import PromoteRds
from activities.reseed.rds import ReseedRds

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (CatchUpRds, DetectRds, FenceRds, PromoteRds, ReseedRds)
