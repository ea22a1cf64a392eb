"""`reseed.rds`: a new read replica of the new primary under the former instance's name. No data are destroyed.

RDS cannot turn an instance into a replica. So the former one is kept twice, as a last snapshot and as an instance
`<name>-former-<epoch>`, still fenced; when nobody needs it any more, its owner deletes it.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import JsonValue

from activities.acting import Act
from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.clients.guarded import note_epoch
from activities.clients.rds import Instance, find_raw, instance_of, read_instance
from activities.clients.rds_pair import FollowerSettings
from activities.clients.rds_replica import (
    create_replica,
    find_snapshot,
    former_name,
    rename,
    snapshot_name,
    take_snapshot,
)
from activities.contract import Job
from activities.errors import StepError
from activities.fence.rds import FenceRds
from activities.lifeline import poll
from activities.stale import refuse_stale
from runbooks.steps import ErrorType


@dataclass(frozen=True)
class Rebuild:
    """The instance to be replaced (None: no such), its upstream, and what has been kept of a former one."""

    own: Instance | None
    upstream: Instance
    former: dict[str, Any] | None
    snapshot: str | None
    """Its status."""
    names: tuple[str, str]
    """Of the former instance and of the snapshot."""
    fenced: bool

    @property
    def follows(self) -> bool:
        """The instance is a replica of its upstream."""
        return self.own is not None and self.own.follows(self.upstream.arn)

    @property
    def ready(self) -> bool:
        """It replicates."""
        return self.own is not None and self.follows and self.own.status == "available" and self.own.replicating

    def evidence(self) -> dict[str, JsonValue]:
        """What each said, and by which names the former data are found."""
        return {
            "instance": None if self.own is None else self.own.evidence(),
            "upstream": self.upstream.evidence(),
            "former": self.names[0] if self.former else None,
            "snapshot": self.names[1] if self.snapshot else None,
        }


class ReseedRds(OnAws, Act[FollowerSettings, Rebuild]):
    """Keeps the former instance, creates a replica in its place, and waits until that replicates."""

    uses = "reseed.rds"
    permissions = (
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots",
        "rds:AddTagsToResource",
        "rds:CreateDBSnapshot",
        "rds:ModifyDBInstance",
        "rds:CreateDBInstanceReadReplica",
    )
    Settings = FollowerSettings
    every: ClassVar[float] = 2.0

    @classmethod
    def arns(cls, settings: FollowerSettings) -> tuple[str, ...]:
        """Both instances, the former one, its snapshot, and the groups and keys that the replica is made with."""
        where = f"arn:aws:rds:{settings.aws_region}:{account_of(settings)}"
        made = tuple(f"{where}:{kind}:*" for kind in ("og", "pg", "subgrp"))
        kept = (f"{where}:db:{settings.instance}-former-*", f"{where}:snapshot:{settings.instance}-evac-*")
        return (*FenceRds.arns(settings), *FenceRds.arns(settings.upstream), *kept, *made)

    async def _observe(self, job: Job[FollowerSettings]) -> Rebuild:
        settings, there = job.settings, aws(job)
        upstream = await read_instance(aws(job, settings.upstream), settings.upstream)
        refuse_stale(job, upstream.epoch, f"{upstream.name} ({settings.upstream.aws_region})")
        found = await find_raw(there, settings.instance)
        own = None if found is None else instance_of(found)
        if own is not None:
            refuse_stale(job, own.epoch, f"{own.name} in {job.call.region}")
        names = former_name(settings, job.call.epoch), snapshot_name(settings, job.call.epoch)
        former, snapshot = await find_raw(there, names[0]), await find_snapshot(there, names[1])
        fenced = own is not None and own.fenced(settings.fenced_group)
        seen = Rebuild(own, upstream, former, snapshot, names, fenced)
        if why_not := _why_not(job, seen):
            raise StepError(ErrorType.WRONG_STATE, why_not, seen.evidence())
        return seen

    def _settled(self, job: Job[FollowerSettings], seen: Rebuild) -> str | None:
        del job
        if not seen.ready or seen.own is None:
            return None
        return f"{seen.own.name} replicates from {seen.upstream.arn} already."

    async def _act(self, job: Job[FollowerSettings], seen: Rebuild) -> str:
        settings, there = job.settings, aws(job)
        if seen.own is not None and not seen.follows:
            seen = await self._kept(job, seen)
        if seen.own is None:
            await create_replica(job, there, seen.upstream, seen.former)
        now = await self._until(job, lambda now: now.ready, "a replica that replicates")
        kept = f"; what was there is kept as {seen.names[0]}, and in the snapshot {seen.names[1]}" if now.former else ""
        return f"{settings.instance} is a new replica of {now.upstream.arn}{kept}."

    async def _kept(self, job: Job[FollowerSettings], seen: Rebuild) -> Rebuild:
        """Take the last snapshot, and give the instance another name. Raises StepError."""
        there, (former, snapshot) = aws(job), seen.names
        if seen.former is not None:
            sentence = f"{former} is there already, and {job.settings.instance} again too: look at which is which."
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        seen = await self._until(job, _available, "available")
        if seen.own is None or seen.follows:
            return seen
        await note_epoch(job, there, seen.own)
        if seen.snapshot is None:
            await take_snapshot(there, snapshot, seen.own.name, job.call.epoch)
        seen = await self._until(job, lambda now: now.snapshot == "available" and _available(now), "in a snapshot")
        if seen.own is None or seen.follows:
            return seen
        await rename(there, seen.own.name, former)
        return await self._until(job, lambda now: now.own is None and now.former is not None, f"called {former}")

    async def _until(self, job: Job[FollowerSettings], enough: Any, wanted: str) -> Rebuild:  # noqa: ANN401
        last: list[StepError] = []

        async def look() -> Rebuild | None:
            try:
                now = await self._observe(job)
            except StepError as error:
                if error.final:
                    raise
                last[:] = [error]
                return None
            job.progress.text = f"{now.own.name} is {now.own.status}" if now.own else "it is being created"
            return now

        now, done = await poll(look, lambda now: now is not None and enough(now), every=self.every, within=job.allowed)
        if now is None:
            raise last[0]
        if not done:
            sentence = f"{job.settings.instance} is not yet {wanted} after {job.allowed:.0f} s: look at its events."
            raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
        return now


def _available(seen: Rebuild) -> bool:
    return seen.own is None or seen.own.status == "available"


def _why_not(job: Job[FollowerSettings], seen: Rebuild) -> str | None:
    """The sentence why this must not or cannot be done, or None."""
    upstream, own = seen.upstream, seen.own
    if upstream.role == "standby":
        return f"{upstream.arn} is no primary: nothing can follow it. Look where the writer is."
    if not upstream.retention:
        return f"{upstream.arn} keeps no backups: nothing can replicate from it. Give it a backup retention period."
    if own is None or seen.follows:
        return None
    if not own.passing:
        return f"{own.name} in {job.call.region} is {own.status}: no snapshot of it can be taken now; look at it."
    if own.role == "primary" and not seen.fenced:
        return f"{own.name} in {job.call.region} may still take writes: fence it first."
    return None
