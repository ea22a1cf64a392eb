"""A page that is kept up to date: what it shows is looked at about every second, and sent when it has changed."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from fastapi import Request
from fastapi.sse import ServerSentEvent
from temporalio.service import RPCError

from triggers.alerts.courier import UndeliveredError
from triggers.console.access import Visitor
from triggers.console.faults import fault_of
from triggers.console.gate import visitor as who
from triggers.console.refusals import TurnedAwayError
from triggers.console.sight import Sight
from triggers.errors import TriggerError
from triggers.overview import Overview

SeenT = TypeVar("SeenT")
MOST = 200
"""Pages that are kept up to date at once; one more is told to load itself again."""
_ANYWAY = 5.0
"""Seconds after which it is drawn anew although nothing changed: its time goes on."""


async def events(
    request: Request,
    sight: Sight,
    look: Callable[[], Awaitable[SeenT]],
    draw: Callable[[SeenT, Visitor], str],
    over: Callable[[SeenT], bool],
) -> AsyncIterator[ServerSentEvent]:
    """The first at once; then when something changed, when what is shown grows old, and at the end."""
    if len(sight.watching) >= MOST:
        yield ServerSentEvent(raw_data="too many look on: load the page again for news", event="trouble", retry=30_000)
        return
    sight.watching.add(me := object())
    try:
        async for event in _changes(request, sight, look, draw, over):
            yield event
    finally:
        sight.watching.discard(me)


async def seen_now(sight: Sight) -> tuple[Overview | None, str]:
    """What goes on, or why that cannot be told: the rest of a page can be looked at all the same."""
    try:
        return await sight.overview(), ""
    except (UndeliveredError, RPCError, TriggerError) as error:
        fault = fault_of(error)
        return None, fault.error if fault is not None else str(error)


async def _changes(
    request: Request,
    sight: Sight,
    look: Callable[[], Awaitable[SeenT]],
    draw: Callable[[SeenT, Visitor], str],
    over: Callable[[SeenT], bool],
) -> AsyncIterator[ServerSentEvent]:
    known: SeenT | None = None
    drawn = 0.0
    trouble = ""
    while not (sight.ending.is_set() or await request.is_disconnected()):
        try:
            visitor = await who(request)  # a login may have ended, or a token been revoked, since the last look
            seen = await look()
        except TurnedAwayError as error:
            yield ServerSentEvent(raw_data=error.error, event="trouble", retry=30_000)
            return
        except (TriggerError, UndeliveredError, RPCError) as error:
            fault = fault_of(error)
            said = fault.error if fault is not None else str(error)
            if said != trouble:
                yield ServerSentEvent(raw_data=said.replace("\n", " "), event="trouble", retry=2000)
            trouble = said
        else:
            trouble = ""
            last = over(seen)
            if seen != known or time.monotonic() - drawn >= _ANYWAY:
                known, drawn = seen, time.monotonic()
                yield ServerSentEvent(raw_data=draw(seen, visitor), event="over" if last else "state", retry=2000)
            if last:
                return
        with suppress(TimeoutError):
            async with asyncio.timeout(sight.pause):
                await sight.ending.wait()
