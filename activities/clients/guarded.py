"""What instances and clusters of AWS's databases share: how they stand, and the tags in which they keep decisions.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html (what each status means)
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeVar

from activities.acting import View
from activities.aws import EPOCH_TAG
from activities.clients.aws import Aws
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

FENCE_TAG = "evac:fence-of"
"""The security groups that a fence has taken away, by which it is undone."""
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
    fenced_at: float | None = None
    writer: str = ""
    """The instance that takes the writes."""

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


G = TypeVar("G", bound=Guarded)


def kept(tags: Mapping[str, str]) -> dict[str, Any]:
    """The fields of Guarded that tags hold."""
    epoch, at = tags.get(EPOCH_TAG, ""), tags.get(FENCED_AT_TAG, "")
    return {
        "epoch": int(epoch) if epoch.isdecimal() else None,
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


async def forget_fence(there: Aws, seen: Guarded, service: str = "rds") -> None:
    """Its fence is lifted: the tags go. Raises StepError."""
    keys = [FENCE_TAG, FENCED_AT_TAG]
    await there.change(service, "remove_tags_from_resource", ResourceName=seen.arn, TagKeys=keys)


async def until(
    job: Job[Any],
    look: Callable[[], Awaitable[G]],
    enough: Callable[[G], bool],
    *,
    every: float,
    wanted: str,
) -> G:
    """Look until it is as `wanted`; a look that fails for a moment counts for nothing. Raises StepError."""
    failed: list[StepError] = []

    async def seen() -> G | None:
        try:
            now = await look()
        except StepError as error:
            if error.final:
                raise
            failed[:] = [error]
            return None
        job.progress.text = f"{now.name} is {now.status}"
        return now

    def done(now: G | None) -> bool:
        return now is not None and (enough(now) or not now.passing)

    now, _ = await poll(seen, done, every=every, within=job.allowed)
    if now is None:
        raise failed[0]
    if enough(now):
        return now
    where = f"{now.name} in {job.call.region}"
    if not now.passing:
        sentence = f"{where} is {now.status}, and should be {wanted}: look at it in the RDS console."
        raise StepError(ErrorType.WRONG_STATE, sentence, now.evidence())
    sentence = f"{where} is {now.status} after {job.allowed:.0f} s, and not yet {wanted}: look at its events."
    raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
