"""Other stores, and what consumes queues: the whole suite, in a process of its own when there are several."""

from tests.conformance.acts import *  # noqa: F403
from tests.conformance.looks import *  # noqa: F403

KINDS = ("dynamodb", "elasticache", "event_sources", "opensearch", "s3")
