"""The kind `s3`: a bucket of Amazon S3 that is replicated to buckets in other regions."""

from pydantic import Field

from runbooks.aws.access import AwsSettings
from runbooks.kind import Kind
from runbooks.steps import Verb


class S3Settings(AwsSettings):
    """One region's bucket.

    S3 takes writes to every bucket, so Evac makes one the writer: it is the one without a fence. In every other one a
    statement of Evac's in the bucket's policy denies writes to all but S3's replication and those that are `exempt`.
    Before the first failover the standbys must be fenced so: a failback from the writer, with
    `two-writers:<resource>` accepted, does it. Replication rules stay in both directions: S3 never copies a copy.
    """

    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    replicas: tuple[str, ...] = ()
    """The buckets that get this one's objects while it is the writer. A rule that leads to one is kept as it is, and
    enabled; where there is none, one for everything is made."""
    replication_role: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$")
    """The role that S3 takes on to copy objects, for a bucket that has no replication yet."""
    exempt: tuple[str, ...] = ()
    """ARNs of IAM principals that may write in spite of a fence; `*` stands for any part of one."""


KIND = Kind(
    "s3",
    frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED}),
    S3Settings,
    identity=("bucket",),
    undoes=frozenset({Verb.FENCE}),
    name_of=("bucket",),
)
