"""Technologies that scale on AWS, and those that look at what scales."""

from typing import Any

from activities.contract import Technology
from activities.detect.autoscaling import DetectAutoscaling
from activities.detect.ec2 import DetectEc2
from activities.detect.ecs import DetectEcs
from activities.detect.eks_nodegroup import DetectEksNodegroup
from activities.scale.autoscaling import ScaleAutoscaling
from activities.scale.ec2 import ScaleEc2
from activities.scale.ecs import ScaleEcs
from activities.scale.eks_nodegroup import ScaleEksNodegroup

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    DetectAutoscaling,
    ScaleAutoscaling,
    DetectEc2,
    ScaleEc2,
    DetectEcs,
    ScaleEcs,
    DetectEksNodegroup,
    ScaleEksNodegroup,
)
