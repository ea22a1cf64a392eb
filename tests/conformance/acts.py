"""What every technology that changes something must stand, whatever cloud it is on."""

import asyncio
import time

import pytest
from temporalio.exceptions import ApplicationError

from runbooks.steps import FINAL_ERRORS, ErrorType, StepResult
from tests.activities.calls import EPOCH, perform
from tests.conformance.specimen import OnCloud, Settings, Specimen

_RETRIED = {kind.value for kind in ErrorType} - FINAL_ERRORS
_QUICK = 2.5
"""Seconds for a call to something that hangs."""
SOON = 8.0
"""In which such a call has ended, also on a machine that has much to do."""


async def act(specimen: Specimen, settings: Settings, *, undo: bool = False, **more: object) -> StepResult:
    """The registered activity's answer, in the specimen's own time."""
    given = {"within": specimen.within, **more}
    uses = f"{specimen.uses}.undo" if undo else specimen.uses
    return await perform(uses, settings, home=specimen.home, **given)  # type: ignore[arg-type]


async def until_done(specimen: Specimen, settings: Settings) -> StepResult:
    """As Temporal would: again, as long as it fails with what is retried."""
    for _ in range(8):
        try:
            return await act(specimen, settings)
        except ApplicationError as error:
            if error.type not in _RETRIED:
                raise
        await asyncio.sleep(0.2)
    pytest.fail("it did not come to an end")


async def failed(specimen: Specimen, settings: Settings, **more: object) -> ApplicationError:
    """How it ends, which must not be well."""
    with pytest.raises(ApplicationError) as caught:
        await act(specimen, settings, **more)
    assert caught.value.message.strip().endswith(".")
    return caught.value


async def test_acts_twice(acting: Specimen) -> None:
    """The first run changes the world and says so; the second changes nothing, sends no change, and says why."""
    settings = await acting.stand()
    before = await acting.effect()
    first = await act(acting, settings)
    after, sent = await acting.effect(), acting.changes()
    second = await act(acting, settings)
    assert (first.changed, second.changed) == (True, False)
    assert after != before
    assert await acting.effect() == after
    assert acting.changes() == sent
    assert first.reason.endswith(".")
    assert second.reason.endswith(".")
    assert first.after["epoch"] == EPOCH


async def test_twice_at_once(acting: Specimen) -> None:
    """Two workers at the same step do what one does."""
    settings = await acting.stand()
    ended = await asyncio.gather(act(acting, settings), act(acting, settings), return_exceptions=True)
    for result in ended:
        if isinstance(result, BaseException):
            assert isinstance(result, ApplicationError), result
            assert result.type in _RETRIED, result.message
    done = await until_done(acting, settings)
    effect = await acting.effect()
    again = await act(acting, settings)
    assert again.changed is False
    assert await acting.effect() == effect
    assert done.reason


async def test_killed_between_call_and_answer(acting: Specimen) -> None:
    """A change whose answer is lost is not made again: whoever comes next looks first."""
    settings = await acting.stand()
    acting.bend("lose", match=acting.lost, times=1)
    before = acting.changes()
    await until_done(acting, settings)
    effect, sent = await acting.effect(), acting.changes()
    again = await act(acting, settings)
    assert again.changed is False
    assert await acting.effect() == effect
    assert acting.changes() == sent > before
    assert not acting.once or sent == before + 1


async def test_denied(acting: Specimen) -> None:
    """A missing permission is final, is named, and nothing was changed."""
    settings = await acting.stand()
    before = await acting.effect()
    acting.bend("deny")
    error = await failed(acting, settings)
    acting.straighten()
    assert ErrorType.DENIED.value == error.type
    assert await acting.effect() == before
    if isinstance(acting, OnCloud):
        assert any(action in error.message for action in acting.row.permissions), error.message


async def test_expired(acting: Specimen) -> None:
    """Expired credentials are said to be that."""
    settings = await acting.stand()
    acting.bend("expire")
    error = await failed(acting, settings)
    acting.straighten()
    assert ErrorType.DENIED.value == error.type
    assert "expired" in error.message


async def test_throttled(acting: Specimen) -> None:
    """Being throttled a little is waited out; the step still ends well."""
    settings = await acting.stand()
    before = await acting.effect()
    acting.bend("throttle", times=3)
    done = await until_done(acting, settings)
    assert (await act(acting, settings)).changed is False
    assert done.proved
    assert await acting.effect() != before


async def test_not_found(acting: Specimen) -> None:
    """What is not there is said to be missing, and never retried."""
    settings = await acting.absent(await acting.stand())
    before = acting.changes()
    error = await failed(acting, settings)
    assert ErrorType.NOT_FOUND.value == error.type
    assert acting.changes() == before


async def test_wrong_state(acting: Specimen) -> None:
    """What is not as the plan thought is left alone."""
    settings = await acting.spoil(await acting.stand())
    before, sent = await acting.effect(), acting.changes()
    error = await failed(acting, settings)
    assert acting.spoiled.value == error.type, error.message
    assert await acting.effect() == before
    assert acting.changes() == sent


async def test_stale_epoch(acting: Specimen) -> None:
    """An older decision that comes late is refused, and changes nothing."""
    settings = await acting.stand()
    await act(acting, settings, epoch=EPOCH)
    after, sent = await acting.effect(), acting.changes()
    error = await failed(acting, settings, epoch=EPOCH - 1)
    assert ErrorType.STALE_EPOCH.value == error.type
    assert await acting.effect() == after
    assert acting.changes() == sent


async def test_hangs(acting: Specimen) -> None:
    """Whatever hangs is given up in time, by a sentence."""
    settings = await acting.stand()
    acting.bend("hang")
    began = time.monotonic()
    error = await failed(acting, acting.impatient(settings), within=_QUICK)
    took = time.monotonic() - began
    acting.straighten()
    assert took < SOON
    assert error.type in {ErrorType.TIMED_OUT.value, ErrorType.UNREACHABLE.value}


async def test_check_changes_nothing(acting: Specimen) -> None:
    """The twin says whether it could be done, and sends no change."""
    settings = await acting.stand()
    before, sent = await acting.effect(), acting.changes()
    result = await perform(f"{acting.uses}.check", settings, home=acting.home, within=acting.within)
    assert (result.changed, result.proved) == (False, True), result.reason
    assert await acting.effect() == before
    assert acting.changes() == sent
    acting.bend("deny")
    denied = await perform(f"{acting.uses}.check", settings, home=acting.home, within=acting.within)
    acting.straighten()
    assert denied.proved is False


async def test_undone(acting: Specimen) -> None:
    """What can be undone is, exactly, and only once."""
    if not acting.row.technology.undoable:
        pytest.skip(f"{acting.uses} has no way back")
    settings = await acting.stand()
    before = await acting.effect()
    done = await act(acting, settings)
    first = await act(acting, settings, undo=True, before=done.before)
    assert first.changed is True
    assert await acting.effect() == before
    second = await act(acting, settings, undo=True, before=done.before)
    assert second.changed is False
    assert await acting.effect() == before


async def test_a_newer_decision_keeps_a_fence(acting: Specimen) -> None:
    """A fence that is found standing is left to whoever put it up, and that run is too old to lift it from then on."""
    if not (acting.row.technology.undoable and acting.uses.startswith("fence.")):
        pytest.skip(f"{acting.uses} is no fence that is lifted")
    settings = await acting.stand()
    free = await acting.effect()
    older = await act(acting, settings, epoch=EPOCH - 1)
    found = await act(acting, settings)
    fenced = await acting.effect()
    assert (older.proved, found.proved) == (True, True)
    assert fenced != free
    late = await failed(acting, settings, undo=True, epoch=EPOCH - 1, before=older.before)
    assert ErrorType.STALE_EPOCH.value == late.type
    for before in (found.before, {}):
        undone = await act(acting, settings, undo=True, before=before)
        assert undone.changed is False, undone.reason
    assert await acting.effect() == fenced


async def test_asks_only_what_it_declares(acting: Specimen) -> None:
    """Its declared permissions are exactly those that it uses: acting, again, looking, and undoing."""
    if not isinstance(acting, OnCloud):
        pytest.skip("only a cloud counts its requests by permission")
    settings = await acting.stand()
    stood = acting.requests()
    done = await act(acting, settings)
    if acting.row.technology.undoable:
        await act(acting, settings, undo=True, before=done.before)
    asked = acting.actions_since(stood)
    assert asked <= set(acting.row.permissions), asked - set(acting.row.permissions)
