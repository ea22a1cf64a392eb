"""A Valkey server and the one that it follows, or is to follow: is it behind, and does it follow at all?"""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from pydantic import JsonValue

from activities.clients.valkey import Server, connected
from activities.clients.valkey_epoch import refuse_stale
from activities.clients.valkey_state import ValkeyState, read_state
from activities.contract import Job
from runbooks.kinds import ValkeySettings


class FollowerSettings(ValkeySettings):
    """A server, and the one that it follows or is to follow."""

    upstream: ValkeySettings


@dataclass(frozen=True)
class Pair:
    """Both, as they are now."""

    standby: ValkeyState
    upstream: ValkeyState
    follows: str
    """The upstream's `host:port`."""

    def evidence(self) -> dict[str, JsonValue]:
        """What each says of itself."""
        return {"standby": self.standby.evidence(), "upstream": self.upstream.evidence()}

    @property
    def behind(self) -> int:
        """Bytes of the upstream's stream that the standby has not applied."""
        return max(0, self.upstream.values.position - self.standby.values.position)

    @property
    def why_apart(self) -> str | None:
        """The sentence why the standby does not follow the upstream, or None."""
        standby = self.standby
        if not standby.standby:
            return "It is a primary, and follows nobody."
        if standby.follows != self.follows:
            return f"It follows {standby.follows}, and not {self.follows}."
        if standby.syncing:
            return f"It is still receiving a whole copy from {self.follows}."
        if not standby.link_up:
            return f"Its link to {self.follows} is down."
        if standby.lineage != self.upstream.lineage:
            return f"It has not taken over the stream of {self.follows} yet."
        return None


class Wires:
    """Open connections to both, for one call."""

    def __init__(self, standby: Server, upstream: Server) -> None:
        self.standby = standby
        self.upstream = upstream

    async def look(self, job: Job[FollowerSettings]) -> Pair:
        """Both now: the upstream first, so that what it had then is what the standby must have. Raises StepError."""
        upstream = await read_state(self.upstream, job.call.runbook)
        refuse_stale(job.call, upstream, self.upstream.where)
        standby = await read_state(self.standby, job.call.runbook)
        return Pair(standby, upstream, job.settings.upstream.where)


async def wired(job: Job[FollowerSettings], stack: AsyncExitStack) -> Wires:
    """Connect to both. Raises StepError."""
    upstream = await stack.enter_async_context(connected(job.settings.upstream, job.secrets))
    return Wires(await stack.enter_async_context(connected(job.settings, job.secrets)), upstream)
