"""One command's conversation with Temporal: settings, a client, and the event loop."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig

from triggers.cli.exits import Exit
from triggers.cli.out import Refusal
from worker.connect import connect
from worker.settings import Settings

AnswerT = TypeVar("AnswerT")


def settings() -> Settings:
    """The settings of this process. Raises Refusal when an EVAC_* variable has no meaning."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        where = "EVAC_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Refusal(Exit.USAGE, f"{where} cannot be used: {first['msg'].removeprefix('Value error, ')}") from None


def with_client(talk: Callable[[Client, Settings], Awaitable[AnswerT]]) -> AnswerT:
    """Connect, talk, and return what was learned."""
    silence_core()

    async def _session() -> AnswerT:
        chosen = settings()
        return await talk(await connect(chosen), chosen)

    return asyncio.run(_session())


def silence_core() -> None:
    """Keep the SDK's own log off stdout, which belongs to the answer; what matters of it comes as an error."""
    with suppress(RuntimeError):  # a runtime is there already, when several commands run in one process
        Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)), error_if_already_set=True)


def at_terminal() -> bool:
    """Whether a person can be asked: both ways must be a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()
