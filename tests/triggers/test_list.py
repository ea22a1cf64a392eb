"""`evac list`: the runbooks that are known by what they left or do."""

from pathlib import Path

from rich.console import RenderableType

from runbooks.models import Procedure
from runbooks.timetable import ScheduleState
from tests.triggers.conftest import UNREACHABLE, Door
from tests.triggers.samples import NOON
from tests.triggers.test_view import drawn
from triggers.cli.listing import listing
from triggers.known import Happened, Known, in_records, together

GOLDEN = Path(__file__).parent / "golden"


def test_it_looks_as_agreed() -> None:
    """A line for each thing that is known; the golden text at 80 columns."""
    schedule = ScheduleState(id="x", runbook="llm-platform", procedure=Procedure.DRILL, next_at=NOON + 86400)
    known = [
        Known(
            runbook="llm-platform",
            going=(Happened(procedure="failover", at=NOON),),
            watched=True,
            last=Happened(procedure="drill", at=NOON - 86400),
            records=3,
            schedules=(schedule,),
        ),
        Known(runbook="embedding-api", last=Happened(procedure="readiness", at=NOON - 3600)),
    ]
    picture: RenderableType = listing(known)
    assert (GOLDEN / "list.txt").read_text() == drawn(picture, 80)


def test_what_both_know_is_one(tmp_path: Path) -> None:
    """The newest of both counts; what is no record is none."""
    for name in ("20261124T120000Z-drill-0198a7c2", "20261101T120000Z-restore-test-0198a7c3", ".new-1", "notes"):
        (tmp_path / "a" / name).mkdir(parents=True)
    (tmp_path / "_evacuate" / "us-east-1").mkdir(parents=True)
    recorded = in_records(tmp_path)
    assert [(one.runbook, one.records, one.last and one.last.procedure) for one in recorded.values()] == [
        ("a", 2, "drill")
    ]
    newer = Happened(procedure="failover", at=2e9)
    both = together({"a": Known(runbook="a", last=newer), "b": Known(runbook="b")}, recorded)
    assert [(one.runbook, one.records, one.last) for one in both] == [("a", 2, newer), ("b", 0, None)]
    assert in_records(tmp_path / "none") == {}


async def test_it_lists_what_goes_on_and_what_was_recorded(lonely_door: Door) -> None:
    """Without Temporal the records are listed, and the code says that there may be more."""
    door = lonely_door
    await door.failover("--no-wait")
    record = door.home / "state" / "records" / "other" / "20261124T120000Z-failover-0198a7c2"
    record.mkdir(parents=True)
    found: dict[str, object] = {}
    while door.name not in found:  # a listing lags behind a little
        ran = await door.evac("list", "-o", "json")
        found = {one["runbook"]: one for one in ran.document["runbooks"]}
    assert (ran.code, ran.document["complete"], "other" in found) == (0, True, True)
    assert f"{door.name}" in (await door.evac("list")).out
    alone = await door.evac("list", TEMPORAL_ADDRESS=UNREACHABLE)
    assert (alone.code, alone.out) == (6, "other  last failover  2026-11-24 12:00:00Z; 1 record\n")
