"""A group sized by what the region that is left runs: asked within a short bound, never in the way of a recovery."""

import asyncio
import math
from typing import Any, Protocol

from pydantic import JsonValue, ValidationError

from activities.contract import Job
from activities.errors import StepError
from runbooks.matching import Match, words_of
from runbooks.values import Model


class Matched(Model):
    """How large the group must be, and why."""

    needed: int
    sentence: str = ""
    """What the other region said, or that it said nothing; empty: nobody asked it."""
    elsewhere: int | None = None


class Elsewhere(Protocol):
    """How large a group is in the region of those settings."""

    async def __call__(self, job: Job[Any], upstream: dict[str, JsonValue], *, longest: bool) -> int | None: ...  # noqa: D102


async def ask_elsewhere(job: Job[Any], ask: Elsewhere) -> Matched:
    """The plan's number, or more where the region that is left runs more. Never raises: silence changes nothing."""
    planned: int = job.settings.replicas
    match = getattr(job.settings, "match", None)
    upstream = job.call.settings.get("upstream")
    if not isinstance(match, Match) or not isinstance(upstream, dict):
        return Matched(needed=planned)
    region = upstream.get("aws_region") or upstream.get("azure_region") or "the other region"
    where = words_of(match, str(region))
    try:
        async with asyncio.timeout(match.within):
            other = await ask(job, upstream, longest=match.of == "24h-maximum")
    except (TimeoutError, StepError, ValidationError) as error:
        why = _why(error, match)
        return Matched(needed=planned, sentence=f"{planned} stands, as {where} is not known: {why}")
    if other is None:
        return Matched(needed=planned, sentence=f"{planned} stands, as {where} is not known: nothing has counted it.")
    part = math.ceil(match.percent * other / 100)
    says = f"{where} is {part} ({other} there)"
    if part > planned:
        return Matched(needed=part, elsewhere=other, sentence=f"That is more than the plan's {planned}: {says}.")
    return Matched(needed=planned, elsewhere=other, sentence=f"The plan's {planned} stands: {says}.")


def _why(error: Exception, match: Match) -> str:
    if isinstance(error, StepError):
        return error.sentence
    return f"no answer within {match.within:g} s." if isinstance(error, TimeoutError) else "its settings are wrong."
