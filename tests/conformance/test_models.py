"""What serves models, and other capacity: the whole suite, in a process of its own when there are several."""

from tests.conformance.acts import *  # noqa: F403
from tests.conformance.looks import *  # noqa: F403

KINDS = ("aurora_capacity", "aurora_readers", "aws_lambda", "bedrock", "sagemaker")
