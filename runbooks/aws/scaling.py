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


def _kind(name: str, settings: type[AwsSettings], *identity: str) -> Kind:
    """What only scales; in each region it is another one by its `identity`."""
    verbs, undoes = frozenset({Verb.DETECT, Verb.SCALE}), frozenset({Verb.SCALE})
    return Kind(name, verbs, settings, identity=("aws_region", *identity), undoes=undoes)


KINDS: tuple[Kind, ...] = (
    _kind("aurora_capacity", AuroraCapacitySettings, "cluster"),
    _kind("aurora_readers", AuroraReadersSettings, "cluster"),
    _kind("aws_lambda", LambdaSettings, "function", "alias"),
    _kind("autoscaling", AutoscalingSettings, "group"),
    _kind("ec2", Ec2Settings, "instances", "tags"),
    _kind("ecs", EcsSettings, "cluster", "service"),
    _kind("eks_nodegroup", EksNodegroupSettings, "cluster", "nodegroup"),
    _kind("sagemaker", SagemakerSettings, "endpoint_name", "variant"),
)
