"""Runs of HCP Terraform: planned to be shown, confirmed only if they are what was approved."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.hcp.server import TOKEN, FakeHcp

USES = "scale.terraform"


@pytest.fixture
def hcp(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHcp]:
    """A workspace of two."""
    monkeypatch.setenv("HCP_TOKEN", TOKEN)
    with FakeHcp() as server:
        yield server


def settings(hcp: FakeHcp, **more: Any) -> dict[str, Any]:
    """Of a step that needs five."""
    place = {"organization": "acme", "workspace": "llm", "token": "env://HCP_TOKEN", "address": hcp.url, "every": 0.05}
    return {"hcp": place, "replicas": 5, **more}


async def shown(hcp: FakeHcp, home: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """As they are after the approval, and what the approver read."""
    checked = await perform(f"{USES}.check", settings(hcp), home=home, within=60)
    assert checked.preview is not None, checked.reason
    return {**settings(hcp), "approved": checked.preview.approved}, checked.preview.lines


async def test_what_was_shown_is_confirmed_and_applied_once(hcp: FakeHcp, tmp_path: Path) -> None:
    """A run that can plan only is shown with its cost; another one is confirmed; a second act finds nothing to do."""
    given, lines = await shown(hcp, tmp_path)
    assert [run.attributes["plan-only"] for run in hcp.runs.values()] == [True]
    assert lines[1:] == (
        "it: ~ aws_autoscaling_group.llm: size 2 -> 5",
        "it: cost: 1500.0 USD a month, 900.0 more than before",
    )
    first = await perform(USES, given, home=tmp_path, within=60)
    second = await perform(USES, given, home=tmp_path, within=60)
    assert (first.changed, second.changed, hcp.size) == (True, False, 5)
    assert first.after["seconds"] == {"aws_autoscaling_group.llm": 12.0}
    (applied,) = hcp.changed
    assert applied.attributes["message"] == "evac book: step-1 of run run-1, decision 7"


async def test_a_policy_that_fails_stops_it(hcp: FakeHcp, tmp_path: Path) -> None:
    """Named, with what could be done about it; nothing is applied, and no run is left waiting."""
    given, _ = await shown(hcp, tmp_path)
    for policy, how in (("soft_failed", "could override in HCP Terraform"), ("hard_failed", "nobody can override")):
        hcp.policy = policy
        said = await refused(USES, given, ErrorType.WRONG_STATE, home=tmp_path, within=60)
        assert said.startswith("acme/llm must not be changed so: the policy no-big-groups failed, ")
        assert how in said
    assert hcp.changed == []


async def test_what_changed_meanwhile_is_not_confirmed(hcp: FakeHcp, tmp_path: Path) -> None:
    """The workspace is of another size now: it stops, and no run is left waiting."""
    given, _ = await shown(hcp, tmp_path)
    hcp.size = 3
    said = await refused(USES, given, ErrorType.WRONG_STATE, home=tmp_path, within=60)
    assert "aws_autoscaling_group.llm: it was changed by somebody else since" in said
    assert hcp.changed == []


async def test_a_cancelled_step_cancels_its_run(hcp: FakeHcp, tmp_path: Path) -> None:
    """Also while it applies."""
    given, _ = await shown(hcp, tmp_path)
    hcp.frozen = "applying"
    under_way = asyncio.create_task(perform(USES, given, home=tmp_path, within=60))
    while not any(run.status == "applying" for run in hcp.runs.values()):
        await asyncio.sleep(0.05)
    under_way.cancel()
    await asyncio.wait({under_way})
    assert [run.status for run in hcp.runs.values()][-1] == "canceled"


async def test_a_run_that_a_dead_worker_left_is_discarded(hcp: FakeHcp, tmp_path: Path) -> None:
    """It waits for a confirmation that will never come; the next try begins its own."""
    given, _ = await shown(hcp, tmp_path)
    await perform(USES, given, home=tmp_path, within=60)
    (applied,) = hcp.changed
    applied.status, hcp.size = "policy_checked", 2
    await perform(USES, given, home=tmp_path, within=60)
    assert applied.status == "discarded"
    assert hcp.size == 5


async def test_a_look_reads_the_outputs(hcp: FakeHcp, tmp_path: Path) -> None:
    """No run is begun, and what is sensitive is left out."""
    seen = await perform("detect.terraform", settings(hcp), home=tmp_path, within=10)
    assert seen.reading is not None
    assert seen.reading.values == {"desired": 2, "ready": 2}
    assert hcp.runs == {}


async def test_refusals_are_classified(hcp: FakeHcp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace that is not there, a token that is not valid, an address where nobody is."""
    where: dict[str, Any] = {"home": tmp_path, "within": 20}
    lost = settings(hcp)
    lost["hcp"] = {**lost["hcp"], "workspace": "none"}
    assert "shows no workspace acme/none" in await refused(USES, lost, ErrorType.NOT_FOUND, **where)
    monkeypatch.setenv("HCP_TOKEN", "another-token")
    assert "the token is not valid" in await refused(USES, settings(hcp), ErrorType.DENIED, **where)
    gone = settings(hcp)
    gone["hcp"] = {**gone["hcp"], "address": "http://127.0.0.1:1"}
    assert "cannot be reached" in await refused(USES, gone, ErrorType.UNREACHABLE, **where)
