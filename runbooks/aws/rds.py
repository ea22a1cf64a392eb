"""The kinds of resource: relational databases on Amazon RDS, with read replicas in other regions."""

from pydantic import Field

from runbooks.aws.access import AwsSettings
from runbooks.kind import Kind
from runbooks.steps import Verb
from runbooks.values import Seconds

_NAME = r"^[a-z][a-z0-9-]*$"
_GROUP = r"^sg-[0-9a-f]+$"


class FencedSettings(AwsSettings):
    """A database of AWS's that is fenced by a security group of its own, and cannot be stopped.

    AWS stops no instance that has a read replica, and no cluster of a global database.
    """

    fenced_group: str = Field(pattern=_GROUP, description="a security group without any inbound rule, made beforehand")
    """A fenced database has this security group alone: nobody can connect, until its own ones are given back."""
    near: Seconds = Field(default=60.0, gt=0)
    """A standby that is no further behind has the rest in a moment: a planned move may stop the writes then.

    A replica of an idle PostgreSQL is up to five minutes behind in CloudWatch's eyes.
    """


class RdsSettings(FencedSettings):
    """A DB instance of Amazon RDS in one region: the primary, or a read replica of it (all engines but Aurora)."""

    instance: str = Field(pattern=_NAME, max_length=48)
    backup_retention: int = Field(default=7, ge=1, le=35)
    """Days that a promoted replica keeps its backups: without backups nothing can replicate from it."""
    instance_class: str | None = None
    """For a new replica here, as all that follows: None is what its predecessor in the region had."""
    subnet_group: str | None = None
    parameter_group: str | None = None
    option_group: str | None = None
    security_groups: tuple[str, ...] = ()
    kms_key: str | None = None
    """A key of this region: AWS demands it for a replica of an encrypted instance in another region."""
    multi_az: bool | None = None


KINDS: tuple[Kind, ...] = (
    Kind(
        "rds",
        frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED, Verb.RESTORE}),
        RdsSettings,
        abilities=frozenset({"metered"}),
        identity=("aws_region", "instance"),
        name_of=("aws_region", "instance"),
        undoes=frozenset({Verb.FENCE}),
    ),
)
