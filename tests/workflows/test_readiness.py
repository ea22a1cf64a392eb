"""Readiness: every direction, act, secret, worker, backup and proof, each as a sentence; and nothing is changed."""

import pytest

from runbooks.drills import DrillInput
from runbooks.readiness import Finding, Grade, ReadinessInput, ReadinessReport, Topic
from runbooks.restoring import AGE
from runbooks.steps import StepResult
from tests.workflows.composite_stage import Composites, trigger
from tests.workflows.composite_world import AWAY, HOME
from tests.workflows.test_restore_test import BACKED_UP, with_backup
from triggers.composite import start_drill, start_readiness


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runbook's one secret is there."""
    monkeypatch.setenv("K", "value")


async def ready(stage: Composites, **changes: object) -> ReadinessReport:
    """The report."""
    request = ReadinessInput(runbook=stage.book(**changes), trigger=trigger())
    state = await (await start_readiness(stage.client, stage.settings, request)).handle.result()
    assert state.report is not None
    assert state.record
    return state.report


def about(report: ReadinessReport, topic: Topic) -> list[Finding]:
    """What was found about that."""
    return [finding for finding in report.findings if finding.topic == topic]


def bad(report: ReadinessReport) -> list[str]:
    """What is wrong or not known."""
    return [finding.sentence for finding in report.findings if finding.grade in (Grade.BAD, Grade.UNKNOWN)]


async def test_a_system_that_was_drilled_is_ready(composites: Composites) -> None:
    """Nothing is bad or unknown, and nothing was changed; only backups are not declared."""
    request = DrillInput(runbook=composites.book(), soak=0, trigger=trigger())
    await (await start_drill(composites.client, composites.settings, request)).handle.result()
    began = list(composites.systems.began)
    report = await ready(composites)
    assert bad(report) == []
    assert (report.ready, report.score) == (True, 95)
    assert began == composites.systems.began
    assert f"A failover {HOME} -> {AWAY} can be planned now" == about(report, Topic.PLAN)[0].sentence
    assert {Topic.PLAN, Topic.ACTS, Topic.LAG, Topic.CAPACITY, Topic.SECRETS, Topic.WORKERS} < {
        finding.topic for finding in report.findings
    }
    assert [f.sentence for f in about(report, Topic.DRIFT)] == ["The runbook is the one of the last good drill"]


async def test_a_runbook_that_was_never_drilled_is_not_known_to_work(composites: Composites) -> None:
    """Unknown is never green: it costs its whole weight."""
    report = await ready(composites)
    assert (report.ready, report.score) == (False, 75)
    assert "No drill has ever been made" in bad(report)


async def test_an_edit_after_the_drill_is_said(composites: Composites) -> None:
    """A plan that was edited silently is not the one that was proved."""
    request = DrillInput(runbook=composites.book(), soak=0, trigger=trigger())
    await (await start_drill(composites.client, composites.settings, request)).handle.result()
    report = await ready(composites, description="edited")
    drift = about(report, Topic.DRIFT)[0]
    assert (drift.grade, report.ready) == (Grade.WARN, True)
    assert drift.sentence.startswith("Edited since the last good drill")


async def test_an_isolated_drill_proves_less(composites: Composites) -> None:
    """Traffic and writers were never moved."""
    request = DrillInput(runbook=composites.book(), mode="isolated", trigger=trigger())
    await (await start_drill(composites.client, composites.settings, request)).handle.result()
    assert about(await ready(composites), Topic.DRILL)[0].grade == Grade.WARN


async def test_an_act_that_could_not_be_done_now_is_bad(composites: Composites) -> None:
    """Its read-only twin says why."""
    composites.systems.obstacles = {
        "promote.postgres.check": "",
        "promote.postgres": "the standby replays nothing",
        "scale.process": "the group has no room for 2",
    }
    report = await ready(composites)
    assert "Promote vector-db in eu-west-1 to primary: the standby replays nothing" in bad(report)
    assert [finding.grade for finding in about(report, Topic.CAPACITY)] == [Grade.BAD]


async def test_a_lag_over_the_objective_is_bad(composites: Composites) -> None:
    """The plan would refuse itself, with the number."""
    composites.systems.behind = 30.0
    report = await ready(composites)
    assert [finding.grade for finding in about(report, Topic.LAG)] == [Grade.BAD]
    assert any("would refuse itself" in sentence for sentence in bad(report))


async def test_a_secret_that_is_missing_is_named_and_never_shown(
    composites: Composites, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad where the procedures run; a warning where only probes run."""
    monkeypatch.delenv("K")
    grades = {finding.grade for finding in about(await ready(composites), Topic.SECRETS)}
    assert {Grade.BAD, Grade.WARN} == grades


async def test_a_vantage_point_without_a_worker_cannot_vote(composites: Composites) -> None:
    """Without a quorum no region can be called down at all."""
    report = await ready(composites, detect={"vantage": ["witness", "nowhere"], "quorum": 2})
    assert "No worker listens for the vantage point nowhere: it cannot vote" in bad(report)
    report = await ready(composites, detect={"vantage": ["witness", "nowhere"], "quorum": 1})
    assert Grade.WARN in {finding.grade for finding in about(report, Topic.WORKERS)}


async def test_backups_are_looked_at(composites: Composites) -> None:
    """Their age as the check of the restore sees it, and when they were last restored."""
    composites.systems.restored["restore.postgres"] = StepResult(changed=False, reason="There is one", before={AGE: 60})
    report = await ready(composites, resources=with_backup(composites, BACKED_UP))
    found = {finding.grade: finding.sentence for finding in about(report, Topic.BACKUPS)}
    assert found[Grade.OK].endswith("the newest backup is 1 min old, within the 1 h allowed")
    assert found[Grade.UNKNOWN] == "No restore test has ever been made"
