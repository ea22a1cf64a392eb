"""Reading runs: those that go on, and those that have ended."""

from runbooks.runs import Phase
from tests.triggers.conftest import Door
from triggers.look import executions
from triggers.names import run_id_of

ASK = {"failover": {"approval": {"count": 1}}}


async def _listed(door: Door, where: str) -> None:
    """Wait until Temporal lists it: its listing lags behind."""
    while not await executions(door.client, f"WorkflowId = '{run_id_of(door.name)}' AND {where}"):
        pass


async def test_status_lists_every_run_even_one_that_cannot_be_read(door: Door, lonely_door: Door) -> None:
    """A run without a worker stands in the list with the reason, beside the others."""
    await door.failover("--no-wait", policy=ASK)
    await lonely_door.failover("--no-wait", policy=ASK)
    await _listed(door, "ExecutionStatus = 'Running'")
    await _listed(lonely_door, "ExecutionStatus = 'Running'")
    text = await door.evac("status", EVAC_TASK_QUEUE=lonely_door.queue)
    rows = {line.split()[0]: line for line in text.out.splitlines() if line.startswith("llm-")}
    assert "us-east-1 -> eu-west-1" in rows[door.name]
    assert " ? " in rows[lonely_door.name]
    listed = {run["runbook"]: run["state"] for run in (await door.evac("status", "-o", "json")).document["runs"]}
    assert listed[lonely_door.name] is None
    assert listed[door.name]["phase"] in {"confirming", "observing", "planning", "awaiting-approval"}


async def test_status_of_an_ended_run_needs_no_worker(door: Door) -> None:
    """The result is kept by Temporal, so it can be read while nobody works."""
    await door.failover()
    ran = await door.evac("status", door.name, "-o", "json", EVAC_TASK_QUEUE="nobody")
    assert (ran.code, ran.err) == (0, "")
    assert ran.document["run"]["outcome"] == "recovered"
    assert ran.document["detector"] is None


async def test_status_of_a_name_that_never_ran(lonely_door: Door) -> None:
    """A typing error is said to be one."""
    ran = await lonely_door.evac("status", "nobody")
    assert (ran.code, ran.err) == (2, "evac: there is no run of nobody: `evac history` lists runs\n")


async def test_history_measures_each_run_against_its_objective(door: Door) -> None:
    """Each past run has its outcome, and its time beside what was promised."""
    await door.failover()
    await _listed(door, "ExecutionStatus = 'Completed'")
    (line,) = [line for line in (await door.evac("history", door.name)).out.splitlines() if door.name in line]
    assert "us-east-1 -> eu-west-1" in line
    assert "recovered" in line
    assert " / 1 min" in line
    (run,) = (await door.evac("history", door.name, "-o", "json")).document["runs"]
    assert (run["within_rto"], run["status"]) == (True, "completed")
    shown = await door.evac("history", door.name, "--run", run["id"][:8])
    assert f"{door.name} serves from eu-west-1" in shown.out


async def test_history_praises_no_failover_that_recovered_nothing(door: Door) -> None:
    """How soon it was refused is no recovery time, and keeps no objective."""
    door.world.dead = set()
    await door.failover()
    await _listed(door, "ExecutionStatus = 'Completed'")
    (line,) = [line for line in (await door.evac("history", door.name)).out.splitlines() if door.name in line]
    (run,) = (await door.evac("history", door.name, "-o", "json")).document["runs"]
    assert ("not recovered" in line, run["within_rto"]) == (True, False)


async def test_a_run_that_was_terminated_is_listed_with_the_reason(door: Door) -> None:
    """It left no result; it is in the history all the same, and the follower is told."""
    following = await door.begin("failover", door.file(policy=ASK), "--from", "us-east-1", "--yes")
    assert following.stdout is not None
    while b"answer with" not in await following.stdout.readline():
        pass
    await door.client.get_workflow_handle(run_id_of(door.name)).terminate(reason="by hand")
    _, err = await following.communicate()
    assert following.returncode == 1
    assert b"without a result" in err
    await _listed(door, "ExecutionStatus = 'Terminated'")
    (run,) = (await door.evac("history", door.name, "-o", "json")).document["runs"]
    assert (run["status"], run["state"]) == ("terminated", None)


async def test_the_run_says_in_temporal_what_it_is(door: Door) -> None:
    """Temporal's own page shows who asked for what, and the run is found by its attributes."""
    await door.failover("--no-wait", "--reason", "fire", policy=ASK)
    await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    described = await door.client.get_workflow_handle(run_id_of(door.name)).describe()
    assert await described.static_summary() == (f"{door.name}: failover us-east-1 -> the best target, asked by ann")
    details = await described.static_details() or ""
    assert "| Reason | fire |" in details
    found = await executions(door.client, f"EvacRunbook = '{door.name}' AND EvacSource = 'us-east-1'")
    assert [execution.workflow_id for execution in found] == [run_id_of(door.name)]
