"""`reseed.valkey`: make a server follow its new primary. Where their streams have parted, its own data are destroyed.

Valkey finds out by itself which it is: a server that has nothing of its own goes on where it stopped, any other
takes a whole copy.
"""

from dataclasses import dataclass, replace

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.controller import Power
from activities.clients.valkey import Server, connected
from activities.clients.valkey_epoch import note_if_taken, refuse_stale
from activities.clients.valkey_follow import FollowerSettings, Pair, Wires, wired
from activities.clients.valkey_state import ValkeyState, read_state
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import POWER_PERMISSION, read_power
from activities.lifeline import poll
from activities.waking import asleep, wake
from runbooks.steps import ErrorType

_EVERY = 0.02


@dataclass(frozen=True)
class Rebuild:
    """The server to be rebuilt, as far as it can be seen, and the primary that it is to follow."""

    server: ValkeyState | StepError
    upstream: ValkeyState
    power: Power | StepError | None
    where: str
    """The upstream."""
    asleep: Power | None = None
    """Its power, when it has none, or got it back a moment ago."""

    def evidence(self) -> dict[str, JsonValue]:
        """What each said."""
        server = self.server.sentence if isinstance(self.server, StepError) else self.server.evidence()
        seen: dict[str, JsonValue] = {"server": server, "upstream": self.upstream.evidence()}
        if isinstance(self.power, Power):
            seen["power"] = self.power.model_dump(mode="json")
        return seen


class ReseedValkey(Act[FollowerSettings, Rebuild]):
    """Switches it on when its fence was its power, and makes it a replica. Waits until it has everything."""

    uses = "reseed.valkey"
    permissions = (
        "+replicaof +info +config|get +config|set +config|rewrite +hmget, keys evac:*",
        "upstream: +info +config|get +hmget +eval, keys evac:*",
        POWER_PERMISSION,
    )
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Rebuild:
        settings = job.settings
        async with connected(settings.upstream, job.secrets) as server:
            upstream = await read_state(server, job.call.runbook)
        refuse_stale(job.call, upstream, settings.upstream.where)
        own = await _direct(job)
        silence = own if isinstance(own, StepError) else None
        power = await read_power(job) if silence is not None else None
        seen = Rebuild(own, upstream, power, settings.upstream.where, asleep(job, silence, power))
        _refuse(job, seen)
        if silence is not None and seen.asleep is None:
            raise silence
        return seen

    def _settled(self, job: Job[FollowerSettings], seen: Rebuild) -> str | None:
        del job
        if isinstance(seen.server, StepError) or seen.server.fence_begun:
            return None
        pair = Pair(seen.server, seen.upstream, seen.where)
        return None if pair.why_apart else f"It follows {seen.where} already, at offset {pair.standby.values.position}."

    async def _act(self, job: Job[FollowerSettings], seen: Rebuild) -> str:
        done = []
        if seen.asleep is not None:
            await wake(job, seen.asleep, lambda: _silence(job))
            done.append("it was switched on")
        wires = await wired(job, job.stack)
        state = await read_state(wires.standby, job.call.runbook)
        _refuse(job, replace(seen, server=state))
        if state.follows != seen.where:
            was = f"followed {state.follows}" if state.standby else f"was primary at offset {state.values.position}"
            upstream = job.settings.upstream
            await note_if_taken(wires.upstream, job.call, seen.upstream, "fence")
            await wires.standby.ask("REPLICAOF", upstream.host, upstream.port)
            done.append(f"before it {was}")
        await _settle(wires.standby, state)
        now = await self._following(job, wires)
        return (
            "; ".join(
                [f"It follows {seen.where} and has everything, up to offset {now.standby.values.position}", *done]
            )
            + "."
        )

    async def _following(self, job: Job[FollowerSettings], wires: Wires) -> Pair:
        first = await wires.look(job)
        goal = first.upstream.values.position
        now, done = await poll(
            lambda: wires.look(job),
            lambda now: now.why_apart is None and now.standby.values.position >= goal,
            every=_EVERY,
            within=job.allowed,
        )
        if not done:
            why = now.why_apart or f"It is {now.behind} bytes behind."
            raise StepError(ErrorType.NOT_YET, f"{why} Look at the log of {job.settings.where}.", now.evidence())
        return now


async def _direct(job: Job[FollowerSettings]) -> ValkeyState | StepError:
    try:
        async with connected(job.settings, job.secrets) as server:
            return await read_state(server, job.call.runbook)
    except StepError as error:
        return error


async def _silence(job: Job[FollowerSettings]) -> StepError | None:
    seen = await _direct(job)
    return seen if isinstance(seen, StepError) else None


async def _settle(server: Server, state: ValkeyState) -> None:
    """Without a fence of its own (a replica needs none), and so in its file: it comes back as a replica."""
    if state.fence_begun:
        await server.ask("CONFIG", "SET", "min-replicas-to-write", 0)
    await server.ask("CONFIG", "REWRITE")


def _refuse(job: Job[FollowerSettings], seen: Rebuild) -> None:
    if why_not := _why_not(job, seen):
        raise StepError(ErrorType.WRONG_STATE, why_not, seen.evidence())


def _why_not(job: Job[FollowerSettings], seen: Rebuild) -> str | None:
    """The sentence why this would destroy what must be kept, or None."""
    if seen.upstream.standby:
        return f"{seen.where} is no primary: nothing can follow it. Look where the writer is."
    if isinstance(seen.server, StepError):
        return None
    mine, theirs = seen.server.values.timeline, seen.upstream.values.timeline
    if mine > theirs:
        return (
            f"{job.settings.where} has been through {mine - theirs} promotions more than {seen.where}, so its data are "
            "the newer ones: it is left as it is."
        )
    if seen.server.values.writable:
        return f"{job.settings.where} is a primary that takes writes: as a replica it would lose them. Fence it first."
    return None
