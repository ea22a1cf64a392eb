"""`detect.dynamodb`: whether a replica of a global table works, who may write to it, and how far it is behind."""

import asyncio
import time
from collections.abc import Mapping

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.dynamodb import ACTIVE, LAGS, SEES, Lag, TableView, arns, latency_in_time, read_table
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.aws.dynamodb import DynamodbSettings
from runbooks.facts import DataValues, StandbyValues

Lags = Mapping[str, Lag]


class DetectDynamodb(OnAws, Detector[DynamodbSettings]):
    """A table that works is healthy. One without Evac's fence is the writer, one with it a standby."""

    uses = "detect.dynamodb"
    tested_against = "moto + fake (replicas, resource policies)"
    permissions = (*SEES, LAGS)
    unscoped = frozenset({LAGS})
    Settings = DynamodbSettings

    @classmethod
    def arns(cls, settings: DynamodbSettings) -> tuple[str, ...]:
        """The table alone."""
        return arns(settings)

    async def _look(self, job: Job[DynamodbSettings]) -> Sight:
        seen = await read_table(aws(job), job.settings)
        if not seen.works:
            reason = f"The table {job.settings.table} is {seen.status}."
            return Sight(good=False, reason=reason, values=seen.evidence())
        lags = {} if seen.strong else await self._lags(job, seen)
        values = _standby(seen, lags) if seen.fence else _primary(seen, lags)
        return Sight(good=True, reason=_told(seen, lags), values=values.model_dump(mode="json"))

    async def _lags(self, job: Job[DynamodbSettings], seen: TableView) -> Lags:
        """How far each standby is behind this writer, or this standby behind each other region. Silence is left out."""
        own, others = job.settings.aws_region, [one for one in seen.replicas if one != job.settings.aws_region]
        ways = [(own, other) if seen.fence is None else (other, own) for other in others]
        found = await asyncio.gather(*(latency_in_time(job, *way) for way in ways))
        return {other: one for other, one in zip(others, found, strict=True) if one is not None}


def _primary(seen: TableView, lags: Lags) -> DataValues:
    now = time.time()
    standbys = {
        region: StandbyValues(
            state="streaming" if status in ACTIVE else status.lower(),
            sync_state="sync" if seen.strong else "async",
            lag_bytes=0 if seen.strong else None,
            lag_seconds=lags[region].behind(now) if region in lags else None,
        )
        for region, status in seen.replicas.items()
    }
    return DataValues(role="primary", epoch=seen.newest, synchronous=seen.strong, standbys=standbys)


def _standby(seen: TableView, lags: Lags) -> DataValues:
    now = time.time()
    values = DataValues(role="standby", streaming=bool(seen.replicas), read_only=True, epoch=seen.newest)
    if seen.strong:
        return values.model_copy(update={"lag_seconds": 0.0, "lag_bytes": 0, "last_commit_at": now})
    if not lags:
        return values
    worst = max(lags.values(), key=lambda lag: lag.behind(now))
    return values.model_copy(update={"lag_seconds": worst.seconds, "last_commit_at": now - worst.behind(now)})


def _told(seen: TableView, lags: Lags) -> str:
    writes = "It takes writes" if seen.fence is None else f"Writes are denied by decision {seen.fence.epoch}"
    if seen.strong:
        behind = "a write is answered once another region has it"
    elif not lags:
        behind = "how long replication takes is not known"
    else:
        behind = f"replication took at most {max(lag.seconds for lag in lags.values()):.1f} s lately"
    return f"{writes}; its replicas: {', '.join(sorted(seen.replicas)) or 'none'}; {behind}."
