"""The kinds of resource: what scales on AWS."""

from pydantic import Field

from runbooks.aws.access import AwsSettings
from runbooks.aws.groups import AutoscalingSettings, Ec2Settings
from runbooks.kind import Kind
from runbooks.matching import Matching
from runbooks.steps import Verb


class AuroraCapacitySettings(AwsSettings, Matching):
    """A cluster of Aurora Serverless v2 in one region: its size is the least capacity that it keeps, in ACU."""

    cluster: str = Field(pattern=r"^[A-Za-z](-?[A-Za-z0-9])*$", max_length=63)


class AuroraReadersSettings(AwsSettings, Matching):
    """The readers of an Aurora cluster in one region: its size is how many there are beside the writer."""

    cluster: str = Field(pattern=r"^[A-Za-z](-?[A-Za-z0-9])*$", max_length=55)
    """Its name and `-evac-01` are the name of the first reader that is added."""
    instance_class: str | None = Field(default=None, pattern=r"^db\.[a-z0-9.-]+$")
    """Of readers that are added; None: as the writer."""


class EcsSettings(AwsSettings, Matching):
    """A service of Amazon ECS in one region."""

    cluster: str = Field(min_length=1)
    service: str = Field(min_length=1)


class EksNodegroupSettings(AwsSettings, Matching):
    """A managed node group of Amazon EKS in one region."""

    cluster: str = Field(min_length=1)
    nodegroup: str = Field(min_length=1)


class LambdaSettings(AwsSettings, Matching):
    """A function of AWS Lambda in one region."""

    function: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    alias: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,128}$")
    """Its size is this alias's provisioned concurrency; None: the function's reserved concurrency."""


class SagemakerSettings(AwsSettings, Matching):
    """A variant of an Amazon SageMaker endpoint in one region."""

    endpoint_name: str = Field(pattern=r"^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$")
    variant: str = Field(default="AllTraffic", min_length=1)


KINDS: tuple[Kind, ...] = (
    Kind(
        "aurora_capacity",
        frozenset({Verb.DETECT, Verb.SCALE}),
        AuroraCapacitySettings,
        identity=("aws_region", "cluster"),
        undoes=frozenset({Verb.SCALE}),
    ),
    Kind(
        "aurora_readers",
        frozenset({Verb.DETECT, Verb.SCALE}),
        AuroraReadersSettings,
        identity=("aws_region", "cluster"),
        undoes=frozenset({Verb.SCALE}),
    ),
    Kind(
        "aws_lambda",
        frozenset({Verb.DETECT, Verb.SCALE}),
        LambdaSettings,
        identity=("aws_region", "function", "alias"),
        undoes=frozenset({Verb.SCALE}),
    ),
    Kind(
        "autoscaling",
        frozenset({Verb.DETECT, Verb.SCALE}),
        AutoscalingSettings,
        identity=("aws_region", "group"),
        undoes=frozenset({Verb.SCALE}),
    ),
    Kind(
        "ec2",
        frozenset({Verb.DETECT, Verb.SCALE}),
        Ec2Settings,
        identity=("aws_region", "instances", "tags"),
        undoes=frozenset({Verb.SCALE}),
    ),
    Kind(
        "ecs",
        frozenset({Verb.DETECT, Verb.SCALE}),
        EcsSettings,
        identity=("aws_region", "cluster", "service"),
        undoes=frozenset({Verb.SCALE}),
    ),
    Kind(
        "eks_nodegroup",
        frozenset({Verb.DETECT, Verb.SCALE}),
        EksNodegroupSettings,
        identity=("aws_region", "cluster", "nodegroup"),
        undoes=frozenset({Verb.SCALE}),
    ),
    Kind(
        "sagemaker",
        frozenset({Verb.DETECT, Verb.SCALE}),
        SagemakerSettings,
        identity=("aws_region", "endpoint_name", "variant"),
        undoes=frozenset({Verb.SCALE}),
    ),
)
