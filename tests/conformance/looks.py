"""What every technology that only looks must stand, whatever cloud it is on."""

import time

import pytest
from temporalio.exceptions import ApplicationError

from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import perform
from tests.conformance.acts import SOON
from tests.conformance.specimen import OnCloud, Settings, Specimen

_QUICK = 2.5


async def look(specimen: Specimen, settings: Settings, within: float | None = None) -> StepResult:
    """The registered activity's answer."""
    return await perform(specimen.uses, settings, home=specimen.home, within=within or specimen.within)


async def state(specimen: Specimen, settings: Settings, within: float | None = None) -> str:
    """What a detector says, or how any other look ends."""
    try:
        result = await look(specimen, settings, within)
    except ApplicationError as error:
        return str(error.type) if error.message.strip().endswith(".") else error.message
    if result.reading is not None:
        return result.reading.state
    return "healthy" if result.proved else "unproved"


async def test_sees_what_is_good(looking: Specimen) -> None:
    """A good world is healthy; nothing is changed by looking, however often."""
    settings = await looking.stand()
    before, sent = await looking.effect(), looking.changes()
    assert await state(looking, settings) == "healthy"
    assert await state(looking, settings) == "healthy"
    assert await looking.effect() == before
    assert looking.changes() == sent


async def test_sees_what_is_bad(looking: Specimen) -> None:
    """What is broken is not healthy."""
    settings = await looking.spoil(await looking.stand())
    assert await state(looking, settings) in (
        "unhealthy",
        "unproved",
        ErrorType.NOT_YET.value,
        ErrorType.WRONG_STATE.value,
    )


async def test_a_denied_look_is_unknown(looking: Specimen) -> None:
    """A probe that may not look speaks of itself, not of the region."""
    settings = await looking.stand()
    looking.bend("deny")
    seen = await state(looking, settings)
    looking.straighten()
    assert seen in ("unknown", looking.denied.value)


async def test_what_is_not_there_is_unknown(looking: Specimen) -> None:
    """Perhaps the runbook names it wrongly: that must not look like a dead region."""
    settings = await looking.absent(await looking.stand())
    assert await state(looking, settings) in ("unknown", ErrorType.NOT_FOUND.value)


async def test_silence_is_bounded(looking: Specimen) -> None:
    """An endpoint that hangs costs no more than the look's own time, and is not healthy."""
    settings = await looking.stand()
    looking.bend("hang")
    began = time.monotonic()
    seen = await state(looking, looking.impatient(settings), within=_QUICK)
    took = time.monotonic() - began
    looking.straighten()
    assert seen in ("unhealthy", ErrorType.NOT_YET.value, ErrorType.TIMED_OUT.value, ErrorType.UNREACHABLE.value)
    assert took < SOON


async def test_a_look_asks_only_what_it_declares(looking: Specimen) -> None:
    """Its declared permissions cover what it asks."""
    if not isinstance(looking, OnCloud):
        pytest.skip("only a cloud counts its requests by permission")
    settings = await looking.stand()
    stood = looking.requests()
    await state(looking, settings)
    asked = looking.actions_since(stood)
    assert asked
    assert asked <= set(looking.row.permissions), asked - set(looking.row.permissions)
