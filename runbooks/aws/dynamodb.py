"""The kind `dynamodb`: a global table of Amazon DynamoDB."""

from pydantic import Field

from runbooks.aws.access import AwsSettings
from runbooks.kind import Kind
from runbooks.steps import Verb
from runbooks.values import Seconds


class DynamodbSettings(AwsSettings):
    """One region's replica of a global table.

    DynamoDB takes writes in every region, and the later one of two wins: a region that is left, and is not quite dead,
    can overwrite what its heir has written since. So Evac makes one region the writer: it is the one whose table has no
    fence. In every other one a statement of Evac's in the table's policy denies writes to all but AWS's own replication
    and those that are `exempt`. Before the first failover the standbys must be fenced so: a failback from the writer,
    with `two-writers:<resource>` accepted, does it.
    """

    table: str = Field(pattern=r"^[a-zA-Z0-9_.-]{3,255}$")
    exempt: tuple[str, ...] = ()
    """ARNs of IAM principals that may write in spite of a fence; `*` stands for any part of one."""
    quiet: Seconds = Field(default=8.0, gt=0)
    """So long after the fence everything has been replicated: DynamoDB tells how long it takes, and never that it is
    done. A planned move refuses while replication takes longer. Nobody can write meanwhile."""


KIND = Kind(
    "dynamodb",
    frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED}),
    DynamodbSettings,
    identity=("aws_region", "table"),
    undoes=frozenset({Verb.FENCE}),
    name_of=("aws_region",),
)
