"""The kinds of resource: what scales on AWS."""

from pydantic import Field

from runbooks.aws.access import AwsSettings
from runbooks.aws.groups import AutoscalingSettings, Ec2Settings
from runbooks.kind import Kind
from runbooks.matching import Matching
from runbooks.steps import Verb


class EcsSettings(AwsSettings, Matching):
    """A service of Amazon ECS in one region."""

    cluster: str = Field(min_length=1)
    service: str = Field(min_length=1)


class EksNodegroupSettings(AwsSettings):
    """A managed node group of Amazon EKS in one region."""

    cluster: str = Field(min_length=1)
    nodegroup: str = Field(min_length=1)


KINDS: tuple[Kind, ...] = (
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
)
