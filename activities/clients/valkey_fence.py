"""The fence that Valkey can put around itself: writes wait for more replicas than there are, so each one is refused.

It holds for every user, the administrator included, from the moment the command is answered: the server does one
thing at a time, so no write is under way then. It is in the server's own file, and is not replicated. Replicas go on
copying, and reads go on. `CLIENT PAUSE` is no fence: it ends by itself, and with the process.
"""

from activities.acting import SettledMeanwhile, View
from activities.clients.valkey import Server
from activities.clients.valkey_epoch import note
from activities.clients.valkey_errors import valkey_error
from activities.clients.valkey_state import FENCED_AT, NOT_KEPT, ValkeyState, read_state
from activities.errors import StepError
from runbooks.steps import ErrorType, StepCall

_DEFAULT_LAG = 10
_REPLICA = "It is a replica, which takes no writes: there is nothing to fence."
_WRITE = ("DEL", "evac:nothing-has-this-name")
"""A write that changes nothing where it is taken."""


class FenceState(View):
    """How far a server is fenced."""

    role: str
    able: bool
    """Whoever asked may change its configuration."""
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

    @property
    def why_fenced(self) -> str | None:
        """The sentence why it can take no writes, or None."""
        if self.role == "standby":
            return _REPLICA
        if self.marked and self.refuses:
            return "It is fenced already: it refuses every write, also after a restart."
        return None


async def read_fence(server: Server, call: StepCall, user: str | None) -> FenceState:
    """Look. Raises StepError."""
    state = await read_state(server, call.runbook)
    (may,) = await server.try_all([("ACL", "DRYRUN", user or "default", "CONFIG", "SET", "min-replicas-to-write", "1")])
    return FenceState(
        role=state.values.role,
        able=may == b"OK",
        min_replicas=state.min_replicas,
        max_lag=state.max_lag,
        begun=state.fence_begun,
        marked=state.fence,
        refuses=state.fence and not state.standby and await refuses_writes(server),
        epoch=state.values.epoch,
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
    state = await read_state(server, call.runbook)
    if state.standby:
        raise SettledMeanwhile(_REPLICA)
    await _note(server, call, state)
    # Twice, so that the full number in force says that the file has it, too, whenever this worker may die.
    for number in (FENCED_AT - NOT_KEPT, FENCED_AT):
        await set_limits(server, number, state.max_lag or _DEFAULT_LAG)
    if not await refuses_writes(server):
        raise StepError(
            ErrorType.NOT_YET, f"Valkey at {server.where} was told to fence itself, and still takes writes: look at it."
        )
    return "It is fenced: it refuses every write, also after a restart; its replicas go on copying."


async def set_limits(server: Server, min_replicas: int, max_lag: int) -> None:
    """How many replicas a write needs, and how near they must be: in force, and in the server's file."""
    await server.ask_all(
        [
            ("CONFIG", "SET", "min-replicas-to-write", min_replicas, "min-replicas-max-lag", max_lag),
            ("CONFIG", "REWRITE"),
        ]
    )


async def _note(server: Server, call: StepCall, state: ValkeyState) -> None:
    try:
        await note(server, call, "fence")
    except StepError as error:
        if error.kind is ErrorType.STALE_EPOCH:
            raise
        # It takes no writes as it is (a half-made fence, no memory, a full disk): the fence is what matters.
        if (state.values.epoch or 0) > call.epoch:
            raise
