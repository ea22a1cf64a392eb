"""What instances and clusters of AWS's databases share: how they stand, and the tags in which they keep decisions.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html (what each status means)
"""

from collections.abc import Mapping
from typing import Any, Literal

from activities.acting import View
from activities.aws import EPOCH_TAG
from activities.clients.aws import Aws
from activities.contract import Job
from runbooks.steps import ErrorType

FENCE_TAG = "evac:fence-of"
"""The security groups that a fence has taken away, by which it is undone."""
FENCED_BY_TAG = "evac:fenced-by"
"""The decision that put the fence up; newer ones that rely on it are kept as the epoch alone."""
FENCED_AT_TAG = "evac:fenced-at"
"""When the last connection from before the fence was gone: since then nobody has written."""

SERVES = frozenset(
    {
        "available",
        "backing-up",
        "configuring-enhanced-monitoring",
        "configuring-iam-database-auth",
        "configuring-log-exports",
        "modifying",
        "promoting",
        "resetting-master-credentials",
        "storage-config-upgrade",
        "storage-initialization",
        "storage-optimization",
        "update-iam-db-auth",
    }
)
"""Statuses in which a database answers."""
_PASSES = SERVES | {
    "creating",
    "maintenance",
    "moving-to-vpc",
    "rebooting",
    "renaming",
    "starting",
    "stopping",
    "switching-over",
    "failing-over",
    "upgrading",
}
"""What AWS brings to an end by itself: it is waited for."""

RACES = {
    "DBInstanceAlreadyExists": ErrorType.CONFLICT,
    "DBSnapshotAlreadyExists": ErrorType.CONFLICT,
    "InvalidDBInstanceState": ErrorType.BUSY,
    "InvalidDBClusterStateFault": ErrorType.BUSY,
    "InvalidGlobalClusterStateFault": ErrorType.BUSY,
    "DBClusterAlreadyExistsFault": ErrorType.CONFLICT,
    "DBClusterSnapshotAlreadyExistsFault": ErrorType.CONFLICT,
}
"""What a change is answered when another run of the same step, or AWS itself, was quicker: look again."""


class Guarded(View):
    """A database in one region, as AWS shows it."""

    name: str
    arn: str
    role: Literal["primary", "standby"]
    status: str
    engine: str
    groups: tuple[str, ...]
    """Its security groups."""
    applied: bool = True
    """They are in force."""
    epoch: int | None = None
    fence_of: tuple[str, ...] = ()
    """Those that it had before a fence."""
    fenced_by: int | None = None
    """The decision that put the fence up."""
    fenced_at: float | None = None
    writer: str = ""
    """The instance that takes the writes."""

    @property
    def console(self) -> str:
        """Where people look at it."""
        return "the RDS console"

    @property
    def serves(self) -> bool:
        """It answers, as far as AWS knows."""
        return self.status in SERVES

    @property
    def passing(self) -> bool:
        """AWS is at work on it, or it is fine."""
        return self.status in _PASSES

    def closed(self, group: str) -> bool:
        """It has that group alone."""
        return self.applied and self.groups == (group,)

    def fenced(self, group: str) -> bool:
        """Nobody can connect, and nobody is connected any more."""
        return self.closed(group) and self.fenced_at is not None


def kept(tags: Mapping[str, str]) -> dict[str, Any]:
    """The fields of Guarded that tags hold."""
    epoch, by, at = (tags.get(tag, "") for tag in (EPOCH_TAG, FENCED_BY_TAG, FENCED_AT_TAG))
    return {
        "epoch": int(epoch) if epoch.isdecimal() else None,
        "fenced_by": int(by) if by.isdecimal() else None,
        "fence_of": tuple(tags.get(FENCE_TAG, "").split()),
        "fenced_at": float(at) if at.replace(".", "", 1).isdecimal() else None,
    }


async def note(there: Aws, seen: Guarded, tags: Mapping[str, str], service: str = "rds") -> None:
    """Keep the tags with it. Raises StepError."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    await there.change(service, "add_tags_to_resource", ResourceName=seen.arn, Tags=pairs)


async def note_epoch(job: Job[Any], there: Aws, seen: Guarded, service: str = "rds") -> None:
    """Keep this decision, before anything is changed by it. Raises StepError."""
    if seen.epoch != job.call.epoch:
        await note(there, seen, {EPOCH_TAG: str(job.call.epoch)}, service)


async def note_fence(job: Job[Any], there: Aws, seen: Guarded, service: str = "rds") -> None:
    """Keep this decision and what a fence takes away; of one that stands, whose it is stays. Raises StepError."""
    whose = seen.fenced_by or seen.epoch if seen.fence_of else job.call.epoch
    tags = {
        EPOCH_TAG: str(job.call.epoch),
        FENCE_TAG: " ".join(seen.fence_of or seen.groups),
        FENCED_BY_TAG: str(whose),
    }
    await note(there, seen, tags, service)


async def forget_fence(there: Aws, seen: Guarded, service: str = "rds") -> None:
    """Its fence is lifted: the tags go. Raises StepError."""
    keys = [FENCE_TAG, FENCED_BY_TAG, FENCED_AT_TAG]
    await there.change(service, "remove_tags_from_resource", ResourceName=seen.arn, TagKeys=keys)
