"""The kill switch in the console: who may engage and release it, and what came of it."""

import time

from runbooks.controls import KillSwitch, Release
from runbooks.values import Model
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.sight import Sight, named
from triggers.errors import NoAnswerError, UnclearError

ENGAGES = ConsoleRole.OPERATOR
"""It stops what cannot be undone, and starts nothing."""
RELEASES = ConsoleRole.ADMIN
"""What was stopped goes on at that moment."""


class Switching(Model):
    """Of which runbook (empty: of all of them), and why."""

    scope: str = ""
    reason: str = ""


async def engage(sight: Sight, visitor: Visitor, wish: Switching) -> str:
    """Engage it, and say so. Raises UnclearError, NoSuchRunError for a runbook that this server does not have."""
    reason = wish.reason.strip()
    if not reason:
        message = "say why: everyone who is stopped by it reads that"
        raise UnclearError(message)
    if wish.scope:
        named(sight.books, wish.scope)  # one that is misspelt would stop nothing
    switch = KillSwitch(by=visitor.name, proof=visitor.proof, reason=reason, at=time.time(), scope=wish.scope)
    if await sight.engage(switch):
        return f"engaged: the kill switch of {_of(wish.scope)}. It counts from now on"
    return f"the kill switch of {_of(wish.scope)} is engaged already"


async def release(sight: Sight, visitor: Visitor, wish: Switching) -> str:
    """Release it, and say so. Raises NoSuchRunError when it is not engaged, NoAnswerError while no worker runs."""
    word = Release(by=visitor.name, proof=visitor.proof, reason=wish.reason.strip(), at=time.time())
    if not await sight.release(word, wish.scope):
        message = "it was told to end, and will as soon as a worker runs (`evac worker`); until then it is engaged"
        raise NoAnswerError(message)
    return f"released: the kill switch of {_of(wish.scope)}"


def _of(scope: str) -> str:
    return scope or "every runbook"
