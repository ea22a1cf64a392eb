"""Technologies of checks that ask AWS itself."""

from typing import Any

from activities.contract import Technology
from activities.detect.aws_health import DetectAwsHealth
from activities.detect.cloudwatch import DetectCloudwatch
from activities.detect.target_group import DetectTargetGroup
from activities.verify.target_group import VerifyTargetGroup

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    DetectAwsHealth,
    DetectCloudwatch,
    DetectTargetGroup,
    VerifyTargetGroup,
)
