"""Technologies that lead clients on AWS."""

from typing import Any

from activities.contract import Technology
from activities.cut_over.cloudfront import CutOverCloudFront
from activities.cut_over.global_accelerator import CutOverGlobalAccelerator
from activities.cut_over.route53 import CutOverRoute53
from activities.cut_over.route53_health import CutOverRoute53Health
from activities.cut_over.routing_control import CutOverRoutingControl
from activities.detect.cloudfront import DetectCloudFront
from activities.detect.global_accelerator import DetectGlobalAccelerator
from activities.detect.route53 import DetectRoute53
from activities.detect.route53_health import DetectRoute53Health
from activities.detect.routing_control import DetectRoutingControl
from activities.verify.route53 import VerifyRoute53

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    CutOverCloudFront,
    CutOverGlobalAccelerator,
    CutOverRoute53,
    CutOverRoute53Health,
    CutOverRoutingControl,
    DetectCloudFront,
    DetectGlobalAccelerator,
    DetectRoute53,
    DetectRoute53Health,
    DetectRoutingControl,
    VerifyRoute53,
)
