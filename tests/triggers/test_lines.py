from hypothesis import given
from hypothesis import strategies as st

from runbooks.runs import Outcome, Phase, Status, StepState
from runbooks.words import clean
from tests.triggers import samples
from tests.triggers.samples import NOON, STEPS
from triggers.cli import lines


def test_the_first_look_tells_all_that_has_happened() -> None:
    """Who begins to follow late misses nothing, and reads how to answer."""
    checksum = samples.plan().checksum[:8]
    assert [
        "12:00:01Z        +1 s  us-east-1 is down as seen from 2 vantage points",
        "12:00:02Z        +2 s  Plan awaits approval",
        f"            answer with  evac approve llm-platform --plan {checksum}",
        '                     or  evac reject llm-platform --reason "why not"',
    ] == lines.changes(None, samples.run())


def test_nothing_new_is_no_line() -> None:
    """Looking twice writes once."""
    assert lines.changes(samples.run(), samples.run()) == []


def test_a_step_that_begins_is_told_once() -> None:
    """A step's start has a line of its own, with the time at which it began."""
    begun = (StepState(id=STEPS[1].id, status=Status.RUNNING, started_at=NOON + 7),)
    after = samples.run(phase=Phase.RUNNING, steps=begun)
    assert lines.changes(samples.run(), after) == [
        "12:00:07Z        +7 s  Scale llm in eu-west-1 to 5 replicas: started"
    ]
    assert lines.changes(after, after) == []


@given(st.lists(st.text(max_size=20), max_size=12), st.sets(st.integers(min_value=0, max_value=12)))
def test_however_often_one_looks_each_event_is_told_once(texts: list[str], looks: set[int]) -> None:
    """The lines do not depend on the moments at which the run was looked at."""
    whole = samples.events(*texts)
    states = [samples.run(events=whole[:n], phase=Phase.RUNNING) for n in [*sorted(looks), len(whole)]]
    told: list[str] = []
    for before, after in zip([None, *states], states, strict=False):
        told += lines.changes(before, after)
    assert lines.changes(None, states[-1]) == told


def test_the_end_is_measured_against_the_objective() -> None:
    """The last line says the outcome, the time it took, and whether that was promised."""
    closing = lines.closing(samples.recovered_run())
    assert closing == "recovered: llm-platform serves from eu-west-1 [1 min 12 s, OVER the RTO of 1 min]"
    soon = samples.run(phase=Phase.ENDED, outcome=Outcome.ABORTED, message="ann aborted the run", ended_at=NOON + 30)
    assert lines.closing(soon) == "aborted: ann aborted the run [not recovered, after 30 s]"


@given(st.text())
def test_clean_text_is_one_printable_line(text: str) -> None:
    """Whatever a failing system said, it stays one line."""
    assert clean(text) == "" or clean(text).isprintable()
