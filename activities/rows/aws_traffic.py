"""Technologies that lead clients on AWS."""

from typing import Any

from activities.contract import Technology
from activities.cut_over.route53 import CutOverRoute53
from activities.cut_over.routing_control import CutOverRoutingControl
from activities.detect.route53 import DetectRoute53
from activities.detect.routing_control import DetectRoutingControl
from activities.verify.route53 import VerifyRoute53

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    CutOverRoute53,
    CutOverRoutingControl,
    DetectRoute53,
    DetectRoutingControl,
    VerifyRoute53,
)
