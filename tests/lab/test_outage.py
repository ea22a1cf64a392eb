from pathlib import Path

import pytest

from lab.journal import Attempt, Journal, Kind, read_journal
from lab.outage import Gap, longest_gap, loss, report


def attempt(kind: Kind, at: float, *, good: bool = True, region: str = "east", n: int | None = None) -> Attempt:
    """One attempt that took no time."""
    why = None if good else "no answer"
    return Attempt(kind=kind, client="c", started=at, at=at, good=good, region=region if good else None, n=n, why=why)


def story() -> list[Attempt]:
    """Writes every second, questions every two; the region dies at 10.5, writes come back at 14, answers at 16."""
    found = [attempt("write", t, n=t) for t in range(1, 11)]
    found += [attempt("write", t, good=False, n=t) for t in range(11, 14)]
    found += [attempt("write", t, region="west", n=t) for t in range(14, 21)]
    found += [attempt("ask", t) for t in range(2, 11, 2)]
    found += [attempt("ask", t, good=False) for t in (12, 14)]
    found += [attempt("ask", t, region="west") for t in (16, 18, 20)]
    return found


def test_the_outage_is_measured_from_the_last_good_to_the_first_good() -> None:
    """Writes, answers and the service as a whole, each with its own time, and who answered before and after."""
    seen = report(story(), until=20.0, killed_at=10.5)
    assert seen.writes == Gap(started_at=10, ended_at=14, seconds=4)
    assert seen.inference == Gap(started_at=10, ended_at=16, seconds=6)
    assert (seen.seconds_without_writes, seen.seconds_without_inference, seen.seconds_without_service) == (4, 6, 6)
    assert (seen.attempted, seen.acknowledged, seen.answered, seen.recovered) == (20, 17, 8, True)
    assert (seen.regions_before, seen.regions_after) == (("east",), ("west",))
    assert seen.complaints == ("no answer",)


def test_an_answer_that_was_on_its_way_does_not_end_the_outage() -> None:
    """A good attempt just after the kill belongs to the time before it."""
    seen = report([*story(), attempt("write", 10.51, n=99)], until=20.0, killed_at=10.5)
    assert seen.writes == Gap(started_at=10.51, ended_at=14, seconds=14 - 10.51)


def test_an_outage_before_the_kill_does_not_count() -> None:
    """Only what ends after the kill is the kill's outage; without a kill the longest one is meant."""
    assert longest_gap([0, 50, 51, 53], since=50.5, until=53.0) == Gap(started_at=51, ended_at=53, seconds=2)
    assert longest_gap([0, 50, 51, 53], since=None, until=53.0) == Gap(started_at=0, ended_at=50, seconds=50)


def test_an_outage_that_lasts_counts_up_to_now() -> None:
    """When nothing has come back the outage is open, and the service is not recovered."""
    dead = [a for a in story() if a.at < 11]
    seen = report(dead, until=30.0, killed_at=10.5)
    assert seen.writes == Gap(started_at=10, ended_at=None, seconds=20)
    assert (seen.seconds_without_service, seen.recovered, seen.regions_after) == (20, False, ())


@pytest.mark.parametrize("attempts", [[], [attempt("write", 1.0, n=1)], [attempt("ask", 1.0, good=False)]])
def test_what_was_never_good_has_no_number(attempts: list[Attempt]) -> None:
    """Without one good attempt of each kind nothing is claimed about the service."""
    seen = report(attempts, until=2.0)
    assert (seen.inference, seen.seconds_without_service, seen.recovered) == (None, None, False)


def test_lost_writes_are_the_acknowledged_ones_that_are_missing() -> None:
    """Only acknowledged numbers count as lost; the age of the oldest is counted back from the outage."""
    found = loss(story(), frozenset(range(21)) - {8, 9, 12}, "west", outage_at=10.0)
    assert (found.acknowledged, found.missing, found.numbers) == (17, 2, (8, 9))
    assert (found.oldest_at, found.seconds) == (8, 2)
    assert loss(story(), frozenset(range(21)), "west", outage_at=10.0).missing == 0


def test_a_journal_is_read_up_to_a_line_that_was_cut_off(tmp_path: Path) -> None:
    """A client killed while it wrote leaves every whole line."""
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        for one in story():
            journal.write(one)
        assert read_journal(path) == tuple(story())
    path.write_text(path.read_text()[:-20])
    assert read_journal(path) == tuple(story()[:-1])
