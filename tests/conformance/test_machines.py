"""What scales on instances and containers: the whole suite, in a process of its own when there are several."""

from tests.conformance.acts import *  # noqa: F403
from tests.conformance.looks import *  # noqa: F403

KINDS = ("autoscaling", "ec2", "ecs", "eks_nodegroup", "kubernetes", "target_group", "cloudwatch", "aws_health")
