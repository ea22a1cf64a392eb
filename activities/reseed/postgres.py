"""`reseed.postgres`: make a server a standby of its upstream, whatever it was before.

The region's database agent does the work on its machine: `pg_rewind` where that is possible, else a new copy. What
only this server has is thrown away: `salvage` comes before. In the end the upstream itself says that the server
streams from it, and, with `synchronous: true`, its commits wait for this standby again: set only now, when it is
there, since a commit would hang for one that is not.
"""

import asyncio
from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.postgres import Server, connected
from activities.clients.postgres_agent import Machine, database, ordered
from activities.clients.postgres_epoch import refuse_stale
from activities.clients.postgres_pair import FollowerSettings
from activities.clients.postgres_state import read_state
from activities.clients.postgres_synchrony import NAMES, override, with_standby
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import POWER_PERMISSION, read_power, switch
from activities.lifeline import poll
from runbooks.facts import DataValues
from runbooks.steps import ErrorType

_EVERY = 0.02
_STREAM_SECONDS = 30.0


@dataclass(frozen=True)
class Rejoining:
    """The server that is to follow, as it and its upstream say. `names`: whom the upstream's commits wait for."""

    upstream: DataValues
    names: str
    direct: DataValues | StepError
    machine: Machine

    def why_not_following(self, name: str) -> str | None:
        """The sentence what is missing, or None."""
        if isinstance(self.direct, StepError):
            return self.direct.sentence
        if self.direct.role != "standby":
            return "It is no standby."
        seen = self.upstream.standbys.get(name)
        if seen is None or seen.state != "streaming" or not self.direct.streaming:
            return f"Its upstream does not see {name} streaming."
        if self.direct.timeline != self.upstream.timeline:
            return f"It is on timeline {self.direct.timeline}, its upstream on {self.upstream.timeline}."
        return None

    def evidence(self) -> dict[str, JsonValue]:
        """What each of the three said."""
        direct = self.direct
        return {
            "upstream": self.upstream.model_dump(mode="json"),
            NAMES: self.names,
            "direct": direct.sentence if isinstance(direct, StepError) else direct.model_dump(mode="json"),
            "machine": self.machine.evidence(),
        }


class ReseedPostgres(Act[FollowerSettings, Rejoining]):
    """Refuses a primary that takes writes, and an upstream that is no primary or has kept a newer decision."""

    uses = "reseed.postgres"
    permissions = (
        "database agent: GET and PUT /database",
        POWER_PERMISSION,
        "pg_read_all_stats: pg_stat_replication, pg_stat_wal_receiver",
        "upstream, with synchronous: ALTER SYSTEM on synchronous_standby_names, EXECUTE on pg_reload_conf()",
    )
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Rejoining:
        return await _look(job, await job.stack.enter_async_context(connected(job.settings.upstream, job.secrets)))

    def _settled(self, job: Job[FollowerSettings], seen: Rejoining) -> str | None:
        if seen.why_not_following(job.settings.application_name) or _names(job, seen) != seen.names:
            return None
        return f"It streams from {_upstream(job)} already, on timeline {seen.upstream.timeline}."

    async def _act(self, job: Job[FollowerSettings], seen: Rejoining) -> str:
        name = job.settings.application_name
        done = []
        if seen.why_not_following(name):
            done.append(await _rejoin(job, seen))
        async with connected(job.settings.upstream, job.secrets) as upstream:
            seen = await _until_it_streams(job, upstream)
            names = _names(job, seen)
            if names != seen.names:
                await override(upstream, NAMES, names)
                done.append(f"Commits of {_upstream(job)} wait for {names} from now on.")
        return " ".join(done)


async def _look(job: Job[FollowerSettings], upstream: Server) -> Rejoining:
    agent = database(job)
    values = await _upstream_state(upstream, job.call.runbook)
    refuse_stale(upstream.where, values.epoch, job.call)
    direct, machine = await asyncio.gather(_direct(job), agent.get())
    if machine.epoch > job.call.epoch:
        sentence = (
            f"{agent.url} has carried out decision {machine.epoch}, and this is {job.call.epoch}: it is out of date."
        )
        raise StepError(ErrorType.STALE_EPOCH, sentence, machine.evidence())
    names = (await upstream.row("SELECT current_setting(%(name)s) AS names", {"name": NAMES}))["names"]
    return Rejoining(values, names, direct, machine)


async def _upstream_state(upstream: Server, runbook: str) -> DataValues:
    values = await read_state(upstream, runbook)
    if values.role != "primary":
        raise StepError(ErrorType.WRONG_STATE, f"The upstream {upstream.where} is a standby itself: promote it first.")
    return values


async def _direct(job: Job[FollowerSettings]) -> DataValues | StepError:
    try:
        async with connected(job.settings, job.secrets) as server:
            return await read_state(server)
    except StepError as error:
        return error


async def _rejoin(job: Job[FollowerSettings], seen: Rejoining) -> str:
    """Let it have power, and have its agent rebuild it. Raises StepError."""
    if isinstance(seen.direct, DataValues) and seen.direct.writable:
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{job.settings.where} is a primary that takes writes: rebuilt, it would lose them. Fence it first.",
            seen.evidence(),
        )
    if not job.settings.application_name:
        raise StepError(ErrorType.BAD_SETTINGS, "A standby needs `application_name`: its upstream knows it by that.")
    power = await read_power(job)
    if isinstance(power, StepError):
        raise power
    if power is not None and power.off:
        await switch(job, "on")
    upstream = job.settings.upstream
    order: dict[str, JsonValue] = {"state": "follow", "upstream": {"host": upstream.host, "port": upstream.port}}
    machine = await ordered(job, database(job), order)
    return machine.result or ""


async def _until_it_streams(job: Job[FollowerSettings], upstream: Server) -> Rejoining:
    async def look() -> Rejoining:
        return await _look(job, upstream)

    name = job.settings.application_name
    within = min(_STREAM_SECONDS, job.allowed)
    seen, streams = await poll(look, lambda now: now.why_not_following(name) is None, every=_EVERY, within=within)
    if not streams:
        why = seen.why_not_following(name) or ""
        raise StepError(ErrorType.NOT_YET, f"{job.settings.where} was rebuilt. {why}", seen.evidence())
    return seen


def _names(job: Job[FollowerSettings], seen: Rejoining) -> str:
    """Whom the upstream's commits should wait for."""
    return with_standby(seen.names, job.settings.application_name) if job.settings.synchronous else seen.names


def _upstream(job: Job[FollowerSettings]) -> str:
    return f"{job.settings.upstream.host}:{job.settings.upstream.port}"
