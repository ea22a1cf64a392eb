from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.detection import broken, doubts, words
from runbooks.models import Runbook
from runbooks.run_calls import GateAnswer
from runbooks.runs import Verdict
from runbooks.vetoes import VETOES, Snapshot, objections
from tests.workflows.world import SOURCE, TARGET, runbook

NOW = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC, a Friday
THIRD = "ap-south-1"


def book(**changes: Any) -> Runbook:
    """Two regions and the witness."""
    return runbook(**changes)


def verdicts(views: dict[str, dict[str, str]], failing: str = "http") -> tuple[Verdict, ...]:
    """What each vantage point says of each region: `{"witness": {SOURCE: "unhealthy"}}`."""
    return tuple(
        Verdict.model_validate(
            {
                "vantage": vantage,
                "region": region,
                "state": state,
                "reason": "connection refused" if state == "unhealthy" else "",
                "at": NOW,
                "failing": (failing,) if state == "unhealthy" else (),
            }
        )
        for vantage, seen in views.items()
        for region, state in seen.items()
    )


DOWN, UP, UNKNOWN = "unhealthy", "healthy", "unknown"
DEAD = {
    SOURCE: {SOURCE: UNKNOWN, TARGET: UNKNOWN},
    TARGET: {SOURCE: DOWN, TARGET: UP},
    "witness": {SOURCE: DOWN, TARGET: UP},
}
"""The source is really dead, with its vantage point."""


def seen(views: dict[str, dict[str, str]] | None = None, **changes: Any) -> Snapshot:
    """A snapshot of the suspected source."""
    whole = {"runbook": book(), "region": SOURCE, "verdicts": verdicts(views or DEAD), "at": NOW, "since": NOW}
    return Snapshot.model_validate({**whole, **changes})


def vetoed(snapshot: Snapshot) -> dict[str, str]:
    """The sentences by veto."""
    return {objection.veto: objection.sentence for objection in objections(snapshot)}


def test_nothing_stands_against_a_real_fault() -> None:
    """The source is dead for everybody outside it, and the target is well."""
    assert vetoed(seen()) == {}


def test_failure_15_the_same_symptom_in_every_other_region_is_a_common_cause() -> None:
    """A bad release everywhere at once: a failover would not leave it behind."""
    down = {SOURCE: DOWN, TARGET: DOWN}
    found = vetoed(seen({TARGET: down, "witness": down}))
    assert f"the same fails in {TARGET} (http): a failover would not leave it behind" == found["same-symptom"]


def test_failure_15_one_look_at_the_moment_of_decision_finds_what_comes_a_moment_later() -> None:
    """The vantage points see the target well still; the same check fails there now. They have a moment to settle it."""
    looks = verdicts({"worker": {TARGET: DOWN}})
    (found,) = objections(seen(looks=looks))
    assert (found.veto, found.until) == ("same-symptom", NOW + 3 + 1)
    assert objections(seen(looks=verdicts({"worker": {TARGET: DOWN}}, failing="disk"))) == ()


def test_another_symptom_in_the_target_is_no_common_cause() -> None:
    """Whether that target will do is the plan's question."""
    target = verdicts({"witness": {TARGET: DOWN}}, failing="disk")
    source = verdicts({TARGET: {SOURCE: DOWN, TARGET: UP}, "witness": {SOURCE: DOWN}})
    assert "same-symptom" not in vetoed(seen(verdicts=(*source, *target)))


def test_one_region_without_the_symptom_is_enough() -> None:
    """With three regions, the failover can go to the one that is well."""
    document = book().model_dump(mode="json", exclude_unset=True)
    regions = {**document["regions"], THIRD: {"role": "standby", "traffic": 0}}
    three = book(regions=regions)
    view = {SOURCE: DOWN, TARGET: DOWN, THIRD: UP}
    snapshot = seen({TARGET: view, THIRD: view, "witness": view}, runbook=three)
    assert "same-symptom" not in vetoed(snapshot)


def test_a_single_broken_probe_makes_no_common_cause() -> None:
    """It alone sees the target down, too: that tells of itself."""
    views = {**DEAD, "witness": {SOURCE: DOWN, TARGET: DOWN}}
    assert "same-symptom" not in vetoed(seen(views))


def test_one_vantage_point_against_others_is_said_to_be_alone() -> None:
    """Where the runbook lets one word make a quorum."""
    views = {**DEAD, TARGET: {SOURCE: UP, TARGET: UP}}
    snapshot = seen(views, runbook=book(detect={"quorum": 1}))
    assert vetoed(snapshot) == {
        "one-vantage": f"only witness sees {SOURCE} down, while {TARGET} sees it healthy",
    }


def test_failure_30_the_word_of_a_broken_probe_does_not_count() -> None:
    """A vantage point that sees every region down tells of its own line; without its word there is no quorum."""
    found = vetoed(seen({**DEAD, "witness": {SOURCE: DOWN, TARGET: DOWN}}))
    assert found == {
        "broken-probe": "the word of witness does not count: it sees every region down. "
        f"Without that, 1 of the 2 vantage points needed see {SOURCE} down",
    }


def test_failure_30_a_broken_probe_is_no_veto_while_the_others_agree() -> None:
    """Enough words are left without it."""
    views = {**DEAD, "witness": {SOURCE: DOWN, TARGET: DOWN}}
    assert vetoed(seen(views, runbook=book(detect={"quorum": 1}))) == {}


def test_failure_30_a_broken_probe_is_spoken_of_before_any_quorum() -> None:
    """Its health is worth a word of its own."""
    views = verdicts({TARGET: {SOURCE: UP, TARGET: UP}, "witness": {SOURCE: DOWN, TARGET: DOWN}})
    sentences = doubts(words(book(), views, SOURCE), broken(book(), views))
    assert "witness sees every region down: its own probe is most likely broken" in sentences


def test_failure_16_a_lost_quorum_is_said_and_never_lowered() -> None:
    """Two of three vantage points are silent: what is left is not made a quorum of."""
    views = verdicts({SOURCE: {SOURCE: UP, TARGET: UP}, TARGET: {SOURCE: UNKNOWN}, "witness": {SOURCE: UP}})
    found = words(book(), views, SOURCE)
    assert (found.needed, found.down) == (2, False)
    expected = (
        f"only 1 of the 2 vantage points outside {SOURCE} can speak of it, and 2 are needed: "
        f"its failure would not be noticed (silent: {TARGET})"
    )
    assert (expected,) == doubts(found, {})


def test_failure_25_an_unknown_region_is_never_green_and_never_red() -> None:
    """Silence gives neither a quorum for the fault nor one for its end."""
    found = words(book(), verdicts({TARGET: {SOURCE: UNKNOWN}, "witness": {SOURCE: UNKNOWN}}), SOURCE)
    assert (found.down, found.up) == (False, False)


def reading(state: str) -> dict[str, Any]:
    """What the question about deployments was answered."""
    return {
        "resource": "http",
        "region": SOURCE,
        "state": state,
        "reason": "http://ci/rollout answers as it should.",
        "observed_at": NOW,
    }


def test_a_deployment_in_progress_is_a_veto_that_is_asked_about_again() -> None:
    """The rarer the longer it lasts."""
    (found,) = objections(seen(deploying=reading(UP), since=NOW - 10))
    assert found.sentence == "a deployment is in progress: http://ci/rollout answers as it should"
    assert found.until == NOW + 15
    (later,) = objections(seen(deploying=reading(UP), since=NOW - 3600))
    assert later.until == NOW + 360
    assert objections(seen(deploying=reading(DOWN))) == ()
    assert objections(seen(deploying=reading(UNKNOWN))) == ()


def test_in_a_maintenance_window_nothing_begins_by_itself() -> None:
    """Until it closes."""
    window = {"start": "07:00", "end": "08:30", "reason": "patches"}
    (found,) = objections(seen(runbook=book(maintenance=[window])))
    assert found.sentence == "maintenance (patches) until 2027-01-15 08:30:00Z"
    assert found.until == NOW + 1800
    assert objections(seen(runbook=book(maintenance=[{**window, "days": ["sat"]}]))) == ()


def test_a_window_that_cannot_be_read_counts_as_open() -> None:
    """Unknown is never green."""
    strange = book(maintenance=[{"start": "07:00", "end": "08:30", "timezone": "Europe/Atlantis"}])
    assert "this machine knows no time zone Europe/Atlantis" in vetoed(seen(runbook=strange))["maintenance"]


def test_failure_21_after_a_run_that_changed_something_nothing_begins_for_a_while() -> None:
    """A run that changed nothing does not count."""
    ran = GateAnswer(last_ended_at=NOW - 60, last_changed=True)
    (found,) = objections(seen(gate=ran))
    assert (found.veto, found.until) == ("cool-down", NOW + 540)
    assert (
        found.sentence == "the last run ended at 2027-01-15 07:59:00Z, and for 10 min after it nothing begins by itself"
    )
    assert objections(seen(gate=ran, at=NOW + 540)) == ()
    assert objections(seen(gate=ran.model_copy(update={"last_changed": False}))) == ()


def test_the_kill_switch_stands_against_everything() -> None:
    """Whatever vetoes the runbook wants."""
    none = book(detect={"vetoes": []})
    (found,) = objections(seen(runbook=none, gate=GateAnswer(kill_switch="the kill switch is engaged")))
    assert (found.veto, found.sentence) == ("kill-switch", "the kill switch is engaged")


@pytest.mark.parametrize("veto", VETOES)
def test_a_veto_that_the_runbook_does_not_want_is_not_asked(veto: str) -> None:
    """`detect.vetoes` lists those that count."""
    down = {SOURCE: DOWN, TARGET: DOWN}
    window = {"start": "07:00", "end": "08:30"}
    everything = {
        "views": {"witness": down},
        "deploying": reading(UP),
        "gate": GateAnswer(last_ended_at=NOW, last_changed=True),
    }
    only = book(detect={"quorum": 1, "vetoes": [veto]}, maintenance=[window])
    assert set(vetoed(seen(runbook=only, **everything))) <= {veto}


STATES = st.sampled_from([UP, DOWN, UNKNOWN])
VIEWS = st.fixed_dictionaries(
    {vantage: st.fixed_dictionaries(dict.fromkeys((SOURCE, TARGET), STATES)) for vantage in (SOURCE, TARGET, "witness")}
)


@given(VIEWS)
def test_a_failover_that_nothing_stands_against_has_a_quorum_of_sound_words(views: dict[str, dict[str, str]]) -> None:
    """Whatever is seen: broken probes never start anything."""
    snapshot = seen(views)
    if not snapshot.words.down or objections(snapshot):
        return
    sound = set(snapshot.words.seen_by) - set(broken(snapshot.runbook, snapshot.verdicts))
    assert len(sound) >= snapshot.words.needed
