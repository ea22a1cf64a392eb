"""Checks that ask AWS itself, and the settings that each becomes once its texts are filled in.

`{region}` and the region's own `vars` may stand in every text: names of alarms, ARNs, roles.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from runbooks.aws.access import AwsSettings
from runbooks.check_base import CheckBase, Use
from runbooks.values import Model, Seconds, SecretRef

_SHARE = r"^(100|[1-9]?[0-9])%$"
Minimum = Annotated[int, Field(ge=1)] | Annotated[str, Field(pattern=_SHARE)]


class LookSettings(AwsSettings):
    """Where a check asks AWS, and how long all of it may take."""

    timeout: Seconds = Field(default=10.0, gt=0)


class TargetGroupSettings(LookSettings):
    """A target group of a load balancer, and how many of its targets must be healthy."""

    target_group: str = Field(pattern=r"^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:targetgroup/.+$")
    minimum: Minimum = "50%"


class CloudwatchSettings(LookSettings):
    """Alarms of CloudWatch, by name."""

    alarms: tuple[str, ...] = Field(min_length=1, max_length=100)


class AwsHealthSettings(LookSettings):
    """What AWS Health tells of its region: of these services, or of all."""

    services: tuple[str, ...] = Field(default=(), max_length=10)


class AwsCheck(CheckBase):
    """What every check that asks AWS has besides."""

    asks: ClassVar[type[Model]] = LookSettings
    """What it becomes."""
    timeout: Seconds = 10.0
    aws_region: str = "{region}"
    """AWS's name of the region; as a rule that is what the runbook calls it."""
    role: str | None = None
    """A role to take on."""
    external_id: SecretRef | None = None
    profile: str | None = None
    endpoint: str | None = None
    """Where every service is asked, in place of AWS's public addresses."""


class TargetGroupCheck(AwsCheck):
    """So many of the load balancer's targets must be healthy: `minimum` of them, as a number or in percent."""

    asks = TargetGroupSettings
    kind: Literal["target_group"]
    target_group: str
    """Its ARN, which is another in each region: give it by a variable of the region."""
    minimum: Minimum = "50%"


class CloudwatchCheck(AwsCheck):
    """None of the named alarms may be in ALARM; one that has not enough data tells nothing (`detect` only)."""

    asks = CloudwatchSettings
    kind: Literal["cloudwatch"]
    alarms: tuple[str, ...] = Field(min_length=1, max_length=100)
    use: tuple[Use, ...] = ("detect",)


class AwsHealthCheck(AwsCheck):
    """AWS itself must know of no open issue in the region (`detect` only; needs a paid plan of AWS Support)."""

    asks = AwsHealthSettings
    kind: Literal["aws_health"]
    services: tuple[str, ...] = Field(default=(), max_length=10)
    """As AWS Health calls them (EC2, RDS, ...); none: all of them."""
    use: tuple[Use, ...] = ("detect",)
