"""The kind `event_sources`: which region's Lambda function consumes a queue or a stream."""

from pydantic import Field

from runbooks.aws.access import AwsSettings
from runbooks.kind import Kind
from runbooks.steps import Verb


class EventSourcesSettings(AwsSettings):
    """The event source mappings (SQS, Kinesis, DynamoDB streams, Kafka, MQ) of one region's function.

    What they consume must be worked off in one region at a time, or it would be worked off twice. So it is a writer,
    though it holds no data: `fence` and `reseed` switch its mappings off, `promote` switches them on, and the planner's
    rule that no second one starts before the first has stopped holds for it as well. `scale` would not do: a failover
    never scales the region that it leaves, and its consumers would go on. Before the first failover the mappings of the
    standbys must be off. Where every region is to consume its own queue, leave the resource out of the runbook.
    """

    function: str = Field(min_length=1, description="the function's name, or its ARN with an alias")
    sources: tuple[str, ...] = ()
    """ARNs of the event sources that are meant; none: every mapping of the function."""


KIND = Kind(
    "event_sources",
    frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED}),
    EventSourcesSettings,
    identity=("aws_region", "function", "sources"),
    undoes=frozenset({Verb.FENCE}),
)
