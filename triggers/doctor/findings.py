"""What a check is, and how many are made at once: each in its own time, and none can hide another."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from temporalio.client import Client
from temporalio.service import RPCError

from runbooks.load import LoadedRunbook
from runbooks.readiness import Grade
from runbooks.values import Model
from worker.settings import Settings

AnswerT = TypeVar("AnswerT")


class Finding(Model):
    """One sentence, and what to do when it is not good: lines, each a sentence or a command."""

    check: str
    grade: Grade
    sentence: str
    advice: str = ""


@dataclass(frozen=True)
class Case:
    """What is looked at."""

    settings: Settings
    books: tuple[LoadedRunbook, ...] = ()


Here = Callable[[Case], Awaitable[list[Finding]]]
"""A check that needs no Temporal."""
There = Callable[[Case, Client], Awaitable[list[Finding]]]
"""A check that asks Temporal."""


def ok(check: str, sentence: str) -> Finding:
    """It is as it should be."""
    return Finding(check=check, grade=Grade.OK, sentence=sentence)


def warn(check: str, sentence: str, advice: str) -> Finding:
    """It works, and may not when it is needed."""
    return Finding(check=check, grade=Grade.WARN, sentence=sentence, advice=advice)


def bad(check: str, sentence: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(check=check, grade=Grade.BAD, sentence=sentence, advice=advice)


def unknown(check: str, sentence: str, advice: str = "") -> Finding:
    """Nobody can tell from here."""
    return Finding(check=check, grade=Grade.UNKNOWN, sentence=sentence, advice=advice)


async def made(checks: Iterable[tuple[str, Awaitable[list[Finding]]]], bound: float) -> list[Finding]:
    """What all of them find, in their order, each within the bound."""
    found = await asyncio.gather(*(_one(name, check, bound) for name, check in checks))
    return [finding for some in found for finding in some]


async def _one(name: str, check: Awaitable[list[Finding]], bound: float) -> list[Finding]:
    try:
        async with asyncio.timeout(bound):
            return await check
    except TimeoutError:
        return [unknown(name, f"No answer within {bound:g} s.", "Look again; if it stays so, something there hangs.")]
    except RPCError as error:
        return [unknown(name, f"Temporal does not tell: {error.message or error.status.name}.")]
    except Exception as error:  # noqa: BLE001 - a fault in one check must not hide what the others have found
        return [unknown(name, f"A fault in this check: {type(error).__name__}: {error}.")]


async def aside(work: Callable[[], AnswerT]) -> AnswerT:
    """Do work that may block, in a thread that nobody waits for at the end: a file or a resolver may hang for ever."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[AnswerT] = loop.create_future()

    def _settle(answer: AnswerT | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(answer)  # type: ignore[arg-type]  # without an error there is an answer

    def _work() -> None:
        answer, error = None, None
        try:
            answer = work()
        except BaseException as raised:  # noqa: BLE001 - it is raised where the answer is awaited
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, answer, error)

    threading.Thread(target=_work, daemon=True).start()
    return await done
