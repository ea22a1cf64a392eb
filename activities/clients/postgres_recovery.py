"""How a standby is promoted: asked again and again until it has left recovery."""

from activities.clients.postgres import Server
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.01

_PROMOTE = "SELECT pg_is_in_recovery() AS standby, CASE WHEN pg_is_in_recovery() THEN pg_promote(wait => false) END"
_ALREADY = "55000"  # it ended between the two halves of the query


async def end_recovery(server: Server, within: float) -> None:
    """Promote it. Raises StepError: `not-yet` when it is in recovery still after that time."""

    async def ask() -> bool:
        try:
            return bool((await server.row(_PROMOTE))["standby"])
        except StepError as error:
            if error.evidence.get("sqlstate") == _ALREADY:
                return False
            raise

    _, ended = await poll(ask, lambda standby: not standby, every=_EVERY, within=within)
    if not ended:
        raise StepError(ErrorType.NOT_YET, f"{server.where} is still in recovery after {within:g} s of asking.")
