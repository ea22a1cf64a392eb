"""The primary that a promotion leaves behind: its last words before, and its slot afterwards."""

from dataclasses import dataclass, field

from activities.clients.postgres import Server, connected
from activities.clients.postgres_follow import lsn
from activities.clients.postgres_logical import LogicalState
from activities.clients.postgres_logical_fence import read_fence
from activities.clients.postgres_logical_gap import Gap, look_again, read_gap
from activities.clients.postgres_logical_pair import PromoteSettings
from activities.clients.postgres_logical_sequences import last_values
from activities.clients.postgres_logical_slots import drop_slot, read_slots
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.02
_APPLY_SECONDS = 10.0


@dataclass(frozen=True)
class Upstream:
    """What it said, as far as it was asked. `sequences`: the last value of each, by title."""

    sentence: str = ""
    sequences: dict[str, int] = field(default_factory=dict)
    equal: bool = False
    """It has no row that is not here, and will have none: nobody at all can write there."""


async def last_words(job: Job[PromoteSettings], standby: Server, state: LogicalState) -> Upstream:
    """In a planned procedure: see that it takes no writes, and that everything of it is applied. Raises StepError.

    One that has gone away meanwhile was fenced, and waited for, by the steps before this one. An earlier attempt of
    this decision that has gone on behind this look has seen the same.
    """
    above = job.settings.upstream
    if above is None or state.role == "primary":
        return Upstream()
    try:
        async with connected(above, job.secrets) as upstream:
            sequences = await last_values(upstream)
            if not state.follows or state.note.promoting == job.call.epoch:
                return Upstream(sequences=sequences)
            gap = await read_gap(standby, upstream, job, above, exact=True)
            sentence = await _everything(job, gap)
            equal = (await read_fence(upstream, above, job.call.runbook)).proved
            return Upstream(sentence, sequences, equal)
    except StepError as error:
        if error.kind is not ErrorType.UNREACHABLE:
            raise
        return Upstream(f"{above.where} does not answer any more, after it was fenced and everything was copied")


async def _everything(job: Job[PromoteSettings], gap: Gap) -> str:
    if not gap.there.shut:
        sentence = f"The primary {gap.upstream.where} still takes writes: fence it before another one is promoted."
        raise StepError(ErrorType.WRONG_STATE, sentence, gap.evidence())

    async def look() -> Gap:
        return await look_again(gap, job, exact=True)

    now, closed = await poll(look, Gap.closed, every=_EVERY, within=min(_APPLY_SECONDS, job.allowed))
    if not closed:
        raise StepError(ErrorType.NOT_YET, f"{now.why_open} It would be lost.", now.evidence())
    return f"everything of {gap.upstream.where} is applied, up to {lsn(gap.target)}"


async def drop_former_slot(job: Job[PromoteSettings], state: LogicalState) -> str:
    """What keeps the former primary's log for this subscriber, which needs it no more; how that went."""
    name, above = state.slot or job.settings.subscription, job.settings.upstream
    left = f"the slot {name} is left at the former primary, and keeps log on its disk until it is reseeded"
    if above is None:
        return left if state.follows else ""
    try:
        async with connected(above, job.secrets) as upstream:
            if await drop_slot(upstream, name):
                return f"the slot {name} was dropped at {above.where}"
            return left if name in await read_slots(upstream) else ""
    except StepError as error:
        return f"{left} ({error.sentence.rstrip('.')})"
