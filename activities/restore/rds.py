"""`restore.rds`: prove that the newest snapshot of an instance can be restored, and is young enough.

It is restored aside, behind the fenced security group so that nobody takes it for the real one, and removed when RDS
says that it is available. Only what bears this restore's own tag is ever deleted.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html
"""

import hashlib
import time
from typing import Any, ClassVar

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.aws import Aws, aws
from activities.clients.guarded import RACES
from activities.clients.rds import Instance, find_raw, instance_of, read_raw
from activities.contract import Job, Technology
from activities.errors import StepError
from activities.fence.rds import FenceRds
from activities.lifeline import poll
from activities.settling import until
from runbooks.aws.rds import RdsSettings
from runbooks.models import Query
from runbooks.restoring import AGE
from runbooks.steps import ErrorType, StepResult
from runbooks.values import Model, Seconds

ASIDE_TAG = "evac:aside"


class RestoreSettings(RdsSettings):
    """The instance whose snapshots are meant, and what is demanded of them."""

    max_age: Seconds = 86400.0
    queries: tuple[Query, ...] = ()


class Snapshot(Model):
    """One that could be restored."""

    name: str
    at: float
    gigabytes: int


class RestoreRds(OnAws, Technology[RestoreSettings]):
    """Leaves nothing behind; `proved=False` with the sentence when a snapshot is missing, old or broken."""

    uses = "restore.rds"
    permissions = (
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBInstances",
        "rds:RestoreDBInstanceFromDBSnapshot",
        "rds:AddTagsToResource",
        "rds:DeleteDBInstance",
    )
    Settings = RestoreSettings
    every: ClassVar[float] = 5.0

    @classmethod
    def arns(cls, settings: RestoreSettings) -> tuple[str, ...]:
        """The instance, its snapshots, what is restored aside, and the groups that this has."""
        where = f"arn:aws:rds:{settings.aws_region}:{account_of(settings)}"
        made = (f"{where}:db:{settings.instance}-aside-*", f"{where}:subgrp:*", f"{where}:og:*", f"{where}:pg:*")
        return (*FenceRds.arns(settings), f"{where}:snapshot:*", *made)

    async def _run(self, job: Job[RestoreSettings]) -> StepResult:
        newest = await _newest(job)
        if newest is None:
            return _result(None, {}, [_none(job)])
        began, name = time.monotonic(), _name(job)
        try:
            await self._restored(job, newest, name)
        except StepError as error:
            if error.kind is not ErrorType.WRONG_STATE:
                raise
            await self._removed(job, name)
            return _result(newest, {}, [f"Snapshot {newest.name} cannot be restored: {error.sentence}"])
        seconds = round(time.monotonic() - began, 1)
        await self._removed(job, name)
        return _result(newest, {"seconds": seconds, "aside": name}, _faults(newest, job))

    async def _check(self, job: Job[RestoreSettings]) -> StepResult:
        """How old the newest one is; nothing is restored."""
        newest = await _newest(job)
        return _result(newest, {}, [_none(job)] if newest is None else _faults(newest, job), looked=True)

    async def _restored(self, job: Job[RestoreSettings], newest: Snapshot, name: str) -> None:
        there, settings = aws(job), job.settings
        if await find_raw(there, name) is None:
            asked: dict[str, Any] = {
                "DBInstanceIdentifier": name,
                "DBSnapshotIdentifier": newest.name,
                "DBInstanceClass": settings.instance_class,
                "DBSubnetGroupName": settings.subnet_group,
                "VpcSecurityGroupIds": [settings.fenced_group],
                "PubliclyAccessible": False,
                "DeletionProtection": False,
                "Tags": [{"Key": ASIDE_TAG, "Value": job.call.run}],
            }
            given = {key: value for key, value in asked.items() if value is not None}
            await there.change("rds", "restore_db_instance_from_db_snapshot", meanings=RACES, **given)

        async def look() -> Instance:
            return instance_of(await read_raw(there, name))

        await until(job, look, lambda now: now.status == "available", every=self.every, wanted="available")

    async def _removed(self, job: Job[RestoreSettings], name: str) -> None:
        """Delete what was restored aside, and wait until it is gone. Raises StepError."""
        there = aws(job)
        raw = await find_raw(there, name)
        if raw is None:
            return
        if ASIDE_TAG not in {tag["Key"] for tag in raw.get("TagList", ())}:
            sentence = f"{name} bears no tag {ASIDE_TAG}: it is not Evac's, and is left. Look whose it is."
            raise StepError(ErrorType.CONFLICT, sentence)
        if raw["DBInstanceStatus"] != "deleting":
            await _delete(there, name)
        gone, _ = await poll(
            lambda: find_raw(there, name), lambda now: now is None, every=self.every, within=job.allowed
        )
        if gone is not None:
            sentence = f"{name} is still being deleted: look at it, since it costs."
            raise StepError(ErrorType.NOT_YET, sentence)


async def _delete(there: Aws, name: str) -> None:
    asked: dict[str, Any] = {
        "DBInstanceIdentifier": name,
        "SkipFinalSnapshot": True,
        "DeleteAutomatedBackups": True,
    }
    await there.change("rds", "delete_db_instance", meanings=RACES, **asked)


async def _newest(job: Job[RestoreSettings]) -> Snapshot | None:
    asked: Any = {"DBInstanceIdentifier": job.settings.instance}
    found = await aws(job).pages("rds", "describe_db_snapshots", "DBSnapshots", **asked)
    whole = (
        Snapshot(
            name=one["DBSnapshotIdentifier"],
            at=one["SnapshotCreateTime"].timestamp(),
            gigabytes=one.get("AllocatedStorage", 0),
        )
        for one in found
        if one["Status"] == "available"
    )
    return max(whole, key=lambda snapshot: snapshot.at, default=None)


def _name(job: Job[RestoreSettings]) -> str:
    """The same for every attempt of one step, so that a second one finds what the first has begun."""
    digest = hashlib.sha256(f"{job.call.run}/{job.call.step}".encode()).hexdigest()[:8]
    return f"{job.settings.instance}-aside-{digest}"


def _none(job: Job[RestoreSettings]) -> str:
    return f"There is no snapshot of {job.settings.instance} in {job.call.region}."


def _faults(newest: Snapshot, job: Job[RestoreSettings]) -> list[str]:
    faults, age, limit = [], time.time() - newest.at, job.settings.max_age
    if age > limit:
        faults.append(f"Snapshot {newest.name} is {age:.0f} s old, and {limit:.0f} s are allowed.")
    if job.settings.queries:
        faults.append("Queries cannot be asked of an instance that RDS restores aside: take them out, and ask by hand.")
    return faults


def _result(
    newest: Snapshot | None, more: dict[str, JsonValue], faults: list[str], *, looked: bool = False
) -> StepResult:
    """Nothing was changed: what was restored is gone again."""
    seen: dict[str, JsonValue] = {}
    if newest is not None:
        seen = {AGE: round(time.time() - newest.at, 3), "backup": newest.name, "gigabytes": newest.gigabytes, **more}
    said = "is there" if looked else f"was restored aside in {more.get('seconds')} s, and was removed"
    reason = " ".join(faults) or f"Snapshot {newest.name if newest else ''} {said}."
    return StepResult(changed=False, proved=not faults, reason=reason, before=seen, after={} if looked else seen)
