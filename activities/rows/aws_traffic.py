"""Technologies that lead clients on AWS."""

from typing import Any

from activities.contract import Technology
from activities.cut_over.route53 import CutOverRoute53
from activities.detect.route53 import DetectRoute53
from activities.verify.route53 import VerifyRoute53

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (CutOverRoute53, DetectRoute53, VerifyRoute53)
