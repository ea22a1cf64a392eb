"""The worker is SIGKILLed once at each activity of a failover; the run goes on, and nothing is done twice."""

import sys
from pathlib import Path

import psycopg
import pytest

from lab.regions import kill
from runbooks.runs import Outcome, Status
from tests.kill.dying_worker import DIED
from tests.kill.scene import SOURCE, TARGET, Scene, Writers, scene, seen

pytestmark = [pytest.mark.lab, pytest.mark.timeout(420)]


@pytest.mark.parametrize(("moment", "alive"), [("before", False), ("after", True)])
async def test_the_run_goes_on_and_nothing_is_done_twice(tmp_path: Path, moment: str, *, alive: bool) -> None:
    """Dead or merely disowned, the source ends fenced; there is one promotion, one change of the name, one writer."""
    marks = tmp_path / "marks"
    marks.mkdir()
    async with scene(tmp_path) as stage, Writers(stage.lab).watching() as writers:
        if not alive:
            await kill(stage.lab, SOURCE)
        argv = (sys.executable, "-m", "tests.kill.dying_worker", moment, str(marks))
        stage.hire(argv)
        handle = await stage.start()
        async with stage.patient_person(handle):
            state = await stage.end(handle, within=380)
        assert state.outcome == Outcome.RECOVERED, stage.log()
        assert set() == {step.id for step in state.steps} - {mark.name for mark in marks.iterdir()}
        assert len(state.steps) <= len(list(marks.iterdir())) == stage.log().count(DIED)
        assert set() == {step.status for step in state.steps} - {Status.DONE, Status.UNCHANGED}
        await _done_once(stage)
        assert writers.overlap() == 0.0
        assert writers.accepted[TARGET]


async def _done_once(stage: Scene) -> None:
    found = await seen(stage)
    target = next(region for region in found.regions if region.name == TARGET)
    assert (target.database, target.timeline) == ("primary", 2)
    assert [region.name for region in found.regions if region.public] == [TARGET]
    assert target.replicas_ready == 2
    with pytest.raises(psycopg.Error):
        await _write_to_the_source(stage)


async def _write_to_the_source(stage: Scene) -> None:
    async with await psycopg.AsyncConnection.connect(stage.lab.dsn(SOURCE, "app"), autocommit=True) as connection:
        await connection.execute("INSERT INTO rows (client, n, region) VALUES ('late', 1, 'us-east-1')")
