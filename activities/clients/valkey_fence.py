"""The fence that Valkey can put around itself: writes wait for more replicas than there are, so each one is refused.

It holds for every user, the administrator included, from the moment the command is answered: the server does one
thing at a time, so no write is under way then. It is in the server's own file, and is not replicated. Replicas go on
copying, and reads go on. `CLIENT PAUSE` is no fence: it ends by itself, and with the process.

Decisions are kept in the data. A fenced server takes a note in a transaction that lifts the fence and puts it up again:
nobody else is served in between. Whoever changes the fence watches the key, so a fence and its lifting cannot pass each
other unseen.
"""

from activities.acting import SettledMeanwhile, View
from activities.clients.valkey import Answer, Command, Server
from activities.clients.valkey_epoch import noting_fence, refuse_stale
from activities.clients.valkey_errors import valkey_error
from activities.clients.valkey_state import FENCED_AT, NOT_KEPT, ValkeyState, epoch_key, read_state
from activities.errors import StepError
from runbooks.steps import ErrorType, StepCall

_DEFAULT_LAG = 10
_REPLICA = "It is a replica, which takes no writes: there is nothing to fence."
_FENCED = "It is fenced already: it refuses every write, also after a restart."
_REWRITE: Command = ("CONFIG", "REWRITE")
_TRIES = 5
_WRITE = ("DEL", "evac:nothing-has-this-name")
"""A write that changes nothing where it is taken."""


class FenceState(View):
    """How far a server is fenced."""

    role: str
    able: bool
    """Whoever asked may change its configuration, and in a transaction."""
    min_replicas: int
    max_lag: int
    begun: bool = False
    """Evac's fence, or half of one."""
    marked: bool = False
    """All of it: in force, and in the server's file."""
    refuses: bool = False
    """It has just refused a write because of the fence."""
    epoch: int | None = None
    """The newest decision that it has kept."""
    since: int | None = None
    """The decision that put the fence up."""

    def keeps(self, epoch: int) -> bool:
        """A replica has no fence to lift."""
        return self.role == "standby" or self.epoch == epoch

    @property
    def why_fenced(self) -> str | None:
        """The sentence why it can take no writes, or None."""
        if self.role == "standby":
            return _REPLICA
        if self.marked and self.refuses:
            return _FENCED
        return None


async def read_fence(server: Server, call: StepCall, user: str | None) -> FenceState:
    """Look. Raises StepError."""
    state = await read_state(server, call.runbook)
    if not state.standby:
        refuse_stale(call, state, server.where)
    wanted: list[Command] = [_limits(1, _DEFAULT_LAG), ("WATCH", epoch_key(call.runbook)), ("MULTI",), ("EXEC",)]
    may = await server.try_all([("ACL", "DRYRUN", user or "default", *command) for command in wanted])
    return FenceState(
        role=state.values.role,
        able=all(one == b"OK" for one in may),
        min_replicas=state.min_replicas,
        max_lag=state.max_lag,
        begun=state.fence_begun,
        marked=state.fence,
        refuses=state.fence and not state.standby and await refuses_writes(server),
        epoch=state.values.epoch,
        since=state.fenced_by,
    )


async def refuses_writes(server: Server) -> bool:
    """Try a write that changes nothing. Raises StepError when something else than the fence refuses it."""
    (answer,) = await server.try_all([_WRITE])
    if not isinstance(answer, Exception):
        return False
    if "NOREPLICAS" not in str(answer):
        raise valkey_error(answer, server.where)
    return True


async def write_fence(server: Server, call: StepCall) -> str:
    """Fence it, prove it, and say so. Raises StepError, or SettledMeanwhile."""
    state = await _begin(server, call)
    if not state.fence:
        # Twice, so that the full number in force says that the file has it, too, whenever this worker may die.
        for number in (FENCED_AT - NOT_KEPT, FENCED_AT):
            await server.ask_all([_limits(number, state.max_lag or _DEFAULT_LAG), _REWRITE])
    if not await refuses_writes(server):
        raise StepError(
            ErrorType.NOT_YET, f"Valkey at {server.where} was told to fence itself, and still takes writes: look at it."
        )
    if state.fence:
        raise SettledMeanwhile(_FENCED)
    return "It is fenced: it refuses every write, also after a restart; its replicas go on copying."


async def lift_fence(server: Server, call: StepCall, min_replicas: int, max_lag: int) -> None:
    """Give it these limits, in force and in its file, unless a newer decision relies on the fence. Raises StepError."""
    await _watched(server, call)
    answer = await _together(server, [_limits(min_replicas, max_lag), _REWRITE])
    for one in answer or ():
        if isinstance(one, Exception):
            raise valkey_error(one, server.where)
    if answer is None:
        raise StepError(
            ErrorType.BUSY, f"A decision was noted at {server.where} at this moment: it is looked at again."
        )


async def _begin(server: Server, call: StepCall) -> ValkeyState:
    """Keep the decision and refuse writes, in one; what it was before. Raises StepError, or SettledMeanwhile."""
    for _ in range(_TRIES):
        state = await _watched(server, call)
        if state.standby:
            raise SettledMeanwhile(_REPLICA)
        lag = state.max_lag or _DEFAULT_LAG
        number = FENCED_AT if state.fence else FENCED_AT - NOT_KEPT
        try:
            answer = await _together(
                server, [_limits(0, lag), noting_fence(call, stands=state.fence_begun), _limits(number, lag)]
            )
        except StepError as error:
            if error.kind in (ErrorType.UNREACHABLE, ErrorType.DENIED):
                raise
            return state  # it takes nothing (no memory, a full disk): then the fence is what matters
        if answer is not None:
            return state
    raise StepError(ErrorType.BUSY, f"Decisions are noted at {server.where} all the time: it will be asked again.")


async def _watched(server: Server, call: StepCall) -> ValkeyState:
    """How it stands; a transaction after this is not carried out when another decision is noted before it."""
    await server.ask("WATCH", epoch_key(call.runbook))
    state = await read_state(server, call.runbook)
    refuse_stale(call, state, server.where)
    return state


async def _together(server: Server, commands: list[Command]) -> list[Answer] | None:
    """What each was answered; None: what is watched has changed, and nothing was done. Raises StepError."""
    await server.ask("MULTI")  # alone: were it refused, the others would be carried out one by one
    done: list[Answer] | None = (await server.ask_all([*commands, ("EXEC",)]))[-1]
    return done


def _limits(min_replicas: int, max_lag: int) -> Command:
    """How many replicas a write needs, and how near they must be."""
    return ("CONFIG", "SET", "min-replicas-to-write", min_replicas, "min-replicas-max-lag", max_lag)
