"""Checks that ask AWS itself, and the settings that each becomes once its texts are filled in.

`{region}` and the region's own `vars` may stand in every text: names of alarms, ARNs, roles.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

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


class ModelSettings(LookSettings):
    """A question to a model, and what is a good answer."""

    expect: str
    """In any case of letters."""
    samples: int = Field(default=1, ge=1, le=100)
    p95: Seconds = 5.0
    """So long may the slowest sample take."""


class SagemakerQuestion(ModelSettings):
    """A question to a SageMaker endpoint."""

    endpoint_name: str = Field(pattern=r"^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$")
    variant: str | None = None
    """Only this variant is asked; None: whichever the endpoint's weights choose."""
    body: JsonValue
    """Sent as JSON: what the model's container takes, such as `{inputs: "2+2="}`."""


class BedrockQuestion(ModelSettings):
    """A question to a model of Bedrock."""

    model: str = Field(min_length=1)
    """A model's id, an inference profile's, or an ARN. A profile over several regions says nothing of one of them."""
    prompt: str = Field(min_length=1)


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


class _ModelCheck(AwsCheck):
    """The model must answer with `expect` in it; the slowest of `samples` within `p95`."""

    expect: str
    samples: int = Field(default=1, ge=1, le=100)
    p95: Seconds = 5.0
    use: tuple[Use, ...] = ("verify",)


class SagemakerCheck(_ModelCheck):
    """The SageMaker endpoint must answer `body` with `expect` in it, the slowest within `p95` (`verify` only)."""

    asks = SagemakerQuestion
    kind: Literal["sagemaker"]
    endpoint_name: str
    variant: str | None = None
    body: JsonValue
    """Sent as JSON: what the model's container takes, such as `{inputs: "2+2="}`."""


class BedrockCheck(_ModelCheck):
    """The Bedrock model must answer the prompt with `expect` in it, the slowest within `p95` (`verify` only)."""

    asks = BedrockQuestion
    kind: Literal["bedrock"]
    model: str
    """A model's id, an inference profile's, or an ARN. A profile over several regions says nothing of one of them."""
    prompt: str
