"""What a shell is offered for a runbook's name: those in the records here, and those that Temporal tells at once.

Somebody is typing: it takes a second at most, and what cannot be told is not offered, without a word.
"""

import asyncio
from contextlib import suppress

from temporalio.service import RPCError

from triggers.cli.out import Refusal
from triggers.cli.session import settings, silence_core
from triggers.known import in_records, named_in_temporal
from worker.connect import CannotReachTemporalError, connect
from worker.settings import Settings

_PATIENCE = 1.0


def known_names(incomplete: str) -> list[str]:
    """Every known name that begins so."""
    try:
        chosen = settings()
    except Refusal:
        return []
    silence_core()
    names = set(in_records(chosen.records)) | asyncio.run(_told(chosen))
    return sorted(name for name in names if name.startswith(incomplete))


async def _told(chosen: Settings) -> set[str]:
    with suppress(CannotReachTemporalError, TimeoutError, RPCError):
        async with asyncio.timeout(_PATIENCE):
            return await named_in_temporal(await connect(chosen))
    return set()
