from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from temporalio.testing import ActivityEnvironment

from activities.catalog import technology
from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import EPOCH, call, perform, refused
from tests.activities.groups import agent
from tests.activities.web import answering

USES = "scale.process"


async def scale(settings: dict[str, Any], replicas: int, epoch: int = EPOCH) -> StepResult:
    """The step, with as much time as a plan gives it."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, start_to_close_timeout=timedelta(seconds=30))
    step = call(USES, settings | {"replicas": replicas}, epoch=epoch)
    result = await environment.run(technology(USES).run, step)
    assert isinstance(result, StepResult)
    return result


async def test_it_answers_when_the_replicas_can_serve(tmp_path: Path) -> None:
    """Ready, and not only asked for; the second time nothing is to do."""
    async with agent(tmp_path, desired=0) as settings:
        first = await scale(settings, 2)
        assert (first.changed, first.before["ready"], first.after["ready"]) == (True, 0, 2)
        assert first.after["epoch"] == EPOCH
        again = await scale(settings, 2)
        assert (again.changed, again.proved) == (False, True)


async def test_it_never_scales_in(tmp_path: Path) -> None:
    """More than needed is left alone."""
    async with agent(tmp_path, desired=0) as settings:
        await scale(settings, 2)
        result = await scale(settings, 1, epoch=EPOCH + 1)
        assert (result.changed, result.after["desired"]) == (False, 2)


async def test_it_scales_in_when_told_to(tmp_path: Path) -> None:
    """Down to exactly so many, once; a smaller group is not grown by it."""
    async with agent(tmp_path, desired=0) as settings:
        await scale(settings, 3)
        down = settings | {"down": True}
        first = await scale(down, 1, epoch=EPOCH + 1)
        assert (first.changed, first.before["desired"], first.after["desired"]) == (True, 3, 1)
        again = await scale(down, 1, epoch=EPOCH + 1)
        assert (again.changed, again.reason) == (False, "1 replicas are wanted already, and no more than 1 should be.")
        larger = await scale(down, 2, epoch=EPOCH + 1)
        assert (larger.changed, larger.after["desired"]) == (False, 1)


async def test_undo_brings_back_what_was_scaled_in(tmp_path: Path) -> None:
    """Neither more nor less; the second time nothing is to do."""
    async with agent(tmp_path, desired=0) as settings:
        await scale(settings, 1)
        asked = settings | {"down": True, "replicas": 0}
        done = await scale(asked, 0, epoch=EPOCH + 1)
        undone = await perform(f"{USES}.undo", asked, before=done.before, epoch=EPOCH + 1, within=30)
        assert (undone.changed, undone.before["desired"], undone.after["desired"]) == (True, 0, 1)
        again = await perform(f"{USES}.undo", asked, before=done.before, epoch=EPOCH + 1)
        assert (again.changed, again.after["desired"]) == (False, 1)


async def test_undo_of_a_stale_decision_is_refused(tmp_path: Path) -> None:
    """Somebody newer has sized the group: it is no longer this run's to take back."""
    async with agent(tmp_path, desired=0) as settings:
        done = await scale(settings, 2)
        await scale(settings, 3, epoch=EPOCH + 1)
        asked = settings | {"replicas": 2}
        await refused(f"{USES}.undo", asked, ErrorType.STALE_EPOCH, before=done.before)
        assert (await perform("detect.process", settings)).reason == "3 of 3 replicas are ready."


async def test_undo_without_the_size_before_leaves_the_group(tmp_path: Path) -> None:
    """The act's answer was lost: too many replicas hurt nobody, too few do."""
    async with agent(tmp_path, desired=0) as settings:
        await scale(settings, 2)
        undone = await perform(f"{USES}.undo", settings | {"replicas": 2})
        assert undone.reason == "How large the group was is not known: its 2 replicas are left."
        assert (undone.changed, undone.after["desired"]) == (False, 2)


async def test_a_stale_decision_is_refused(tmp_path: Path) -> None:
    """Whether there is something to do or not."""
    async with agent(tmp_path, desired=0) as settings:
        await scale(settings, 1)
        for replicas in (1, 2):
            more = settings | {"replicas": replicas}
            sentence = await refused(USES, more, ErrorType.STALE_EPOCH, epoch=EPOCH - 1)
            assert f"sized by decision {EPOCH}, which is newer than this run's {EPOCH - 1}" in sentence
        assert (await perform("detect.process", settings)).reason == "1 of 1 replicas are ready."


async def test_a_dead_agent_is_unreachable(closed: int) -> None:
    """Worth a retry."""
    await refused(USES, {"agent": f"http://127.0.0.1:{closed}", "replicas": 1}, ErrorType.UNREACHABLE)


async def test_a_wrong_token_is_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Final, without the token in the sentence."""
    monkeypatch.setenv("WRONG_TOKEN", "wrong-token-value")
    async with agent(tmp_path, desired=0) as settings:
        wrong = settings | {"token": "env://WRONG_TOKEN", "replicas": 1}
        assert "wrong-token-value" not in await refused(USES, wrong, ErrorType.DENIED)


async def test_replicas_that_never_come_up_are_not_yet() -> None:
    """The sentence says how many there are, before Temporal's own bound comes."""

    async def stuck(_request: web.Request) -> web.Response:
        return web.json_response({"desired": 3, "ready": 1, "epoch": 0})

    async with answering(stuck) as url:
        sentence = await refused(USES, {"agent": url, "replicas": 3}, ErrorType.NOT_YET, within=1.0)
    assert sentence.startswith("1 of 3 replicas in eu-west-1 are ready after 0.9 s")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, ErrorType.BUSY), (400, ErrorType.WRONG_STATE)],
)
async def test_strange_answers_have_their_type(status: int, kind: ErrorType) -> None:
    """A server's own trouble is retried; what is no agent at all is not."""

    async def strange(_request: web.Request) -> web.Response:
        return web.Response(status=status, text="<html>hello</html>")

    async with answering(strange) as url:
        assert url in await refused(USES, {"agent": url, "replicas": 1}, kind)


async def test_an_agent_that_is_busy_for_a_moment_costs_no_retry() -> None:
    """It misses a look while the replicas start; the attempt goes on."""
    looks = iter([(1, 200), (1, 200), (1, 503), (2, 503), (2, 200)])

    async def busy(request: web.Request) -> web.Response:
        ready, status = next(looks, (2, 200))
        return web.json_response({"desired": 2 if request.method == "PUT" else 1, "ready": ready}, status=status)

    async with answering(busy) as url:
        assert (await perform(USES, {"agent": url, "replicas": 2})).after["ready"] == 2
