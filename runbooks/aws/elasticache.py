"""The kind `elasticache`: a Global Datastore of Amazon ElastiCache, Valkey or Redis OSS."""

from pydantic import Field

from runbooks.aws.access import AwsSettings
from runbooks.kind import Kind
from runbooks.steps import Verb
from runbooks.values import Seconds


class ElasticacheSettings(AwsSettings):
    """One region's replication group of a Global Datastore.

    ElastiCache has one primary, and moves it in one operation that demotes the other one. It has no command that only
    stops writes: the fence therefore proves that AWS will demote the former primary, and not that writes have stopped.
    In a failover that is enough. A planned move cannot promise that nothing is lost: before the promotion it waits
    until replication is quick, and then for a person, who skips that step when the cache may lose its last moments.
    """

    datastore: str = Field(min_length=1, description="the GlobalReplicationGroupId, such as ldgnf-sessions")
    replication_group: str = Field(min_length=1)
    near: Seconds = Field(default=5.0, gt=0)
    """Replication that lags no more than this is quick."""


KIND = Kind(
    "elasticache",
    frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED}),
    ElasticacheSettings,
    identity=("aws_region", "replication_group"),
    name_of=("aws_region", "replication_group"),
)
