"""How far a subscriber is behind its upstream, to the byte, from both ends."""

from dataclasses import dataclass, replace

from pydantic import JsonValue

from activities.clients.postgres import Server, connected
from activities.clients.postgres_follow import lsn, mark
from activities.clients.postgres_logical import LogicalState, read_logical
from activities.clients.postgres_logical_slots import Slot, slot_of
from activities.contract import Job
from activities.errors import StepError
from runbooks.postgres_logical import PostgresLogicalSettings
from runbooks.steps import ErrorType

_FLUSHED = "SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint AS position"


@dataclass(frozen=True)
class Gap:
    """Both ends, on open connections. `target`: up to where the upstream's subscriber must have confirmed."""

    standby: Server
    upstream: Server
    here: LogicalState
    there: LogicalState
    slot: Slot
    target: int

    @property
    def bytes(self) -> int:
        """How much is missing."""
        return max(0, self.target - (self.slot.confirmed or 0))

    def closed(self, within: int = 0) -> bool:
        """It has what it must have, in every table."""
        return not self.here.copying and self.bytes <= within

    @property
    def why_open(self) -> str:
        """Where to look."""
        halted = self.here.why_halted or "It streams."
        what = f"{self.bytes} bytes behind {lsn(self.target)}"
        return f"{self.standby.where} is {what} of {self.upstream.where}. {halted}"

    def evidence(self) -> dict[str, JsonValue]:
        """Both ends, and the slot."""
        return {
            "target": lsn(self.target),
            "confirmed": lsn(self.slot.confirmed or 0),
            "behind_bytes": self.bytes,
            "copying": list(self.here.copying),
            "streaming": self.here.streaming,
            "upstream_takes_writes": bool(self.there.able),
        }


async def read_gap(
    standby: Server, upstream: Server, job: Job[PostgresLogicalSettings], above: PostgresLogicalSettings, *, exact: bool
) -> Gap:
    """Look at both. `exact`: a mark is set, before which everything lies. Raises StepError: it is no follower."""
    here = await read_logical(standby, job.settings, job.call.runbook)
    if not here.follows:
        raise StepError(ErrorType.WRONG_STATE, f"{standby.where} follows nobody: it must be reseeded first.")
    there = await read_logical(upstream, above, job.call.runbook)
    if there.follows:
        sentence = f"The upstream {upstream.where} follows somebody itself: nothing begins there."
        raise StepError(ErrorType.WRONG_STATE, sentence)
    target = await mark(upstream) if exact else await flushed(upstream)
    return Gap(standby, upstream, here, there, await slot_of(upstream, here.slot), target)


async def look_again(gap: Gap, job: Job[PostgresLogicalSettings], *, exact: bool) -> Gap:
    """The same two, now; an exact mark stays where it is. Raises StepError."""
    here = await read_logical(gap.standby, job.settings, job.call.runbook)
    target = gap.target if exact else await flushed(gap.upstream)
    return replace(gap, here=here, slot=await slot_of(gap.upstream, gap.here.slot), target=target)


async def flushed(upstream: Server) -> int:
    """Where its log ends. Raises StepError."""
    return int((await upstream.row(_FLUSHED))["position"])


async def open_pair(job: Job[PostgresLogicalSettings], above: PostgresLogicalSettings) -> tuple[Server, Server]:
    """Connections to both, for the whole call: the upstream is asked first. Raises StepError."""
    upstream = await job.stack.enter_async_context(connected(above, job.secrets))
    standby = await job.stack.enter_async_context(connected(job.settings, job.secrets))
    return standby, upstream
