"""The decision that a Valkey server has kept: noted by compare-and-set, in one script; a stale one is refused."""

from typing import Literal

from activities.clients.valkey import Command, Server
from activities.clients.valkey_state import ValkeyState, epoch_key
from activities.errors import StepError
from runbooks.steps import ErrorType, StepCall

# `redis.call` is what every version understands. A second promotion by one decision is the same promotion.
_NOTE = """
local seen = redis.call('HMGET', KEYS[1], 'epoch', 'timeline', 'promoted')
if tonumber(seen[1] or 0) > tonumber(ARGV[1]) then return tonumber(seen[1]) end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1])
if ARGV[2] == 'promote' and seen[3] ~= ARGV[1] then
  redis.call('HSET', KEYS[1], 'promoted', ARGV[1], 'timeline', tonumber(seen[2] or 1) + 1)
end
return 0
"""
# A fence that stands stays that of whoever put it up; of one from before this was kept, the decision of then.
_NOTE_FENCE = """
local seen = redis.call('HMGET', KEYS[1], 'epoch', 'fenced')
if tonumber(seen[1] or 0) > tonumber(ARGV[1]) then return tonumber(seen[1]) end
local since = ARGV[1]
if ARGV[2] == 'stands' then since = seen[2] or seen[1] or 0 end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'fenced', since)
return 0
"""


def refuse_stale(call: StepCall, state: ValkeyState, where: str) -> None:
    """Raises StepError when the server has kept a newer decision than the call's."""
    epoch = state.values.epoch or 0
    if epoch > call.epoch:
        raise _stale(call, epoch, where)


async def note(server: Server, call: StepCall, verb: Literal["fence", "promote"]) -> None:
    """Keep the call's decision. Raises StepError: stale-epoch, or what the server says."""
    newer = int(await server.ask("EVAL", _NOTE, 1, epoch_key(call.runbook), call.epoch, verb))
    if newer:
        raise _stale(call, newer, server.where)


async def note_if_taken(server: Server, call: StepCall, state: ValkeyState, verb: Literal["fence", "promote"]) -> None:
    """As `note`; one that takes no writes as it is (`state`) keeps nothing, and may have kept nothing newer."""
    try:
        await note(server, call, verb)
    except StepError as error:
        if error.kind is ErrorType.STALE_EPOCH or (state.values.epoch or 0) > call.epoch:
            raise


def noting_fence(call: StepCall, *, stands: bool) -> Command:
    """The command that keeps the call's decision, and whose the fence is. For a transaction that watches the key."""
    how = "stands" if stands else "begins"
    return ("EVAL", _NOTE_FENCE, 1, epoch_key(call.runbook), call.epoch, how)


def _stale(call: StepCall, epoch: int, where: str) -> StepError:
    return StepError(
        ErrorType.STALE_EPOCH,
        f"Valkey at {where} has carried out decision {epoch}, which is newer than this run's {call.epoch}: "
        "nothing was changed.",
        {"epoch": epoch},
    )
