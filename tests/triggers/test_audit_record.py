"""`evac audit record`: a record of what Temporal has, at any time."""

import shutil
from pathlib import Path

from runbooks.runs import Phase
from tests.triggers.conftest import Door
from triggers.names import run_id_of

ASK = {"failover": {"approval": {"count": 1}}}


async def test_a_run_that_goes_on_has_a_record_when_somebody_wants_one(door: Door) -> None:
    """It can be proved, shown and replayed; the run's own record at its end is another."""
    await door.failover("--no-wait", policy=ASK)
    checksum = (await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)).checksum
    ran = await door.evac("audit", "record", door.name)
    path = Path(ran.out.strip())
    assert (ran.code, "The run goes on" in ran.err) == (0, True)
    assert door.home / "state" / "records" not in path.parents
    for command in (("audit", "verify"), ("replay",)):
        assert (await door.evac(*command, str(path))).code == 0, command
    shown = await door.evac("audit", "show", str(path))
    assert (shown.code, "the run had not come to its end" in " ".join(shown.out.split())) == (0, True)
    await door.evac("approve", door.name, "--plan", checksum[:8], EVAC_ACTOR="ben")
    ended = await door.until(lambda state: state.phase is Phase.ENDED)
    assert ended.outcome == "recovered"


async def test_a_run_that_was_terminated_leaves_a_record_too(door: Door) -> None:
    """Somebody ended it in Temporal, past Evac: what it had done until then is worth as much."""
    await door.failover("--no-wait", policy=ASK)
    await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    await door.client.get_workflow_handle(run_id_of(door.name)).terminate("by hand")
    ran = await door.evac("audit", "record", door.name, "-o", "json")
    path = Path(ran.document["record"])
    assert (ran.code, ran.document["over"], ran.document["outcome"]) == (0, True, None)
    assert path.parents[1] == door.home / "state" / "records"
    (line,) = [line for line in (await door.evac("audit", "list")).out.splitlines() if door.name in line]
    assert "not ended" in line
    shutil.rmtree(path)
    again = await door.evac("audit", "record", door.name)
    assert (await door.evac("audit", "verify", again.out.strip())).code == 0


async def test_there_is_no_record_of_what_never_ran(lonely_door: Door) -> None:
    """A typing error is said to be one."""
    ran = await lonely_door.evac("audit", "record", "nobody")
    assert (ran.code, ran.err) == (2, "evac: there is no run of nobody: `evac history` lists runs\n")
