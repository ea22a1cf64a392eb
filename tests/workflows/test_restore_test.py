"""Restore tests: each store's newest backup restored aside; passed only when all are proved."""

from typing import Any

from runbooks.restoring import AGE, RestoreTestInput, RestoreTestState
from runbooks.steps import StepResult
from tests.workflows.composite_stage import Composites, trigger
from tests.workflows.composite_world import AWAY
from triggers.composite import start_restore_test

BACKED_UP = {"max_age": "1h", "queries": [{"sql": "SELECT count(*) FROM passages", "at_least": 1}]}


def with_backup(stage: Composites, backup: dict[str, Any] | None) -> dict[str, Any]:
    """The resources of this test's runbook."""
    resources: dict[str, Any] = stage.book().model_dump(mode="json")["resources"]
    resources["vector-db"]["backup"] = backup
    return resources


async def restored(stage: Composites, backup: dict[str, Any] | None, **changes: Any) -> RestoreTestState:
    """The test, at its end."""
    book = stage.book(resources=with_backup(stage, backup))
    request = RestoreTestInput.model_validate({"runbook": book, "trigger": trigger(), **changes})
    return await (await start_restore_test(stage.client, stage.settings, request)).handle.result()


async def test_a_young_backup_that_answers_is_proved(composites: Composites) -> None:
    """In the standby region; the age is said beside what is allowed, and beside the objective."""
    result = StepResult(changed=True, reason="Restored aside, and 1 query answered", after={AGE: 600})
    composites.systems.restored["restore.postgres"] = result
    state = await restored(composites, BACKED_UP)
    assert state.report is not None
    assert (state.report.passed, state.region) == (True, AWAY)
    age = "the newest backup is 10 min old, within the 1 h allowed"
    assert state.report.sentences[0] == f"vector-db in {AWAY}: Restored aside, and 1 query answered; {age}"
    assert state.report.sentences[1].startswith("If only backups were left, up to 10 min of data would be lost")
    assert state.record.startswith(str(composites.settings.records / composites.name))


async def test_an_old_backup_is_not_proved(composites: Composites) -> None:
    """It answers, but it is older than what is demanded of it."""
    composites.systems.restored["restore.postgres"] = StepResult(changed=True, reason="Restored", after={AGE: 7200})
    state = await restored(composites, BACKED_UP)
    assert state.report is not None
    assert not state.report.passed
    assert "2 h old, over the 1 h allowed" in state.report.sentences[0]


async def test_a_wrong_answer_is_not_proved(composites: Composites) -> None:
    """Restored, but a query answered otherwise."""
    wrong = StepResult(changed=True, proved=False, reason="0 rows where 1 was demanded")
    composites.systems.restored["restore.postgres"] = wrong
    state = await restored(composites, BACKED_UP)
    assert state.report is not None
    assert (state.report.passed, state.report.sentences[0]) == (
        False,
        f"vector-db in {AWAY}: 0 rows where 1 was demanded",
    )


async def test_a_backup_that_is_not_there_is_told(composites: Composites) -> None:
    """The reason is the technology's own; people are told."""
    state = await restored(composites, BACKED_UP)
    assert state.report is not None
    assert state.report.sentences == (f"vector-db in {AWAY}: it could not be restored: no backup is there",)


async def test_a_region_that_is_none_is_refused(composites: Composites) -> None:
    """The sentence names those that there are."""
    state = await restored(composites, BACKED_UP, region="mars")
    assert state.report is not None
    assert state.report.sentences[0].endswith("has no region 'mars'; it has us-east-1, eu-west-1")
