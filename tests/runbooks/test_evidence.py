"""What alerts say of a region: which rule is about them, how many endpoints agree, since when, and when it is over."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.alerts import Alert, Begun, Evidence
from runbooks.evidence import (
    FORGOTTEN,
    MOST,
    MOST_ASKED,
    aged,
    begun_by,
    claims,
    concerns,
    covered,
    heard,
    region_of,
    still_of,
    unanswered,
)
from runbooks.models import Procedure
from tests.runbooks.alerting import REGION, alert, book, rule, told

OTHER = {"source": "datadog", "name": "eu", "key": "d1"}

MATCHES: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "the example": ({}, {}, REGION),
    "another label": ({"match": {"alertname": "DiskFull"}}, {}, None),
    "every line must hold": ({"match": {"alertname": "RegionDown", "team": "db"}}, {}, None),
    "one endpoint": ({"alert": "alertmanager/prod"}, {}, REGION),
    "another endpoint": ({"alert": "alertmanager/test"}, {}, None),
    "any": ({"alert": "any"}, {"source": "pagerduty"}, REGION),
    "another source": ({}, {"source": "pagerduty"}, None),
    "a pattern is of the whole text": ({"match": {"alertname": "~Region"}}, {}, None),
    "a pattern": ({"match": {"alertname": "~Region(Down|Slow)"}}, {}, REGION),
    "severity": ({"match": {"severity": "~critical|page"}}, {"severity": "page"}, REGION),
    "a region of nobody": ({}, {"labels": {"alertname": "RegionDown", "region": "mars"}}, None),
    "no region": ({}, {"labels": {"alertname": "RegionDown"}}, None),
    "a literal": ({"from": "eu-west-1"}, {}, "eu-west-1"),
    "the source's own region": ({"from": "{region}"}, {"region": "eu-west-1"}, "eu-west-1"),
    "a label is only a label": ({}, {"region": "eu-west-1"}, REGION),
    "words of the source": (
        {"from": "{region}", "regions": {"US East (N. Virginia)": REGION}},
        {"region": "US East (N. Virginia)"},
        REGION,
    ),
    "out of two labels": (
        {"from": "{labels.geo}-{labels.zone}"},
        {"labels": {"alertname": "RegionDown", "geo": "us-east", "zone": "1"}},
        REGION,
    ),
}


@pytest.mark.parametrize("name", MATCHES)
def test_a_rule_is_about_an_alert_and_its_region(name: str) -> None:
    """Or it is not."""
    ruled, changes, region = MATCHES[name]
    listening = book(rule(**ruled))
    assert region_of(listening, listening.triggers[0], alert(**changes)) == region
    assert concerns(listening, alert(**changes)) is (region is not None)


def test_an_end_is_heard_although_the_severity_fell() -> None:
    """Sources tell the state of now: the alert of a warning that was critical is over all the same."""
    listening = book(rule(match={"alertname": "RegionDown", "severity": "critical", "title": "down"}))
    assert concerns(listening, alert("resolved", severity="ok", title="up"))
    assert not concerns(listening, alert("firing", severity="ok", title="down"))


def test_an_end_that_comes_before_its_beginning_counts() -> None:
    """Deliveries overtake one another: the late beginning starts nothing."""
    known = told(alert("resolved", at=160.0), alert("firing", at=100.0))
    assert known.standing == {}
    assert known.counted == 2
    assert list(told(alert("resolved", at=160.0), alert("firing", at=200.0)).standing) == ["alertmanager/prod/k1"]


def test_a_source_that_cannot_tell_changes_nothing() -> None:
    """`unknown` neither fires nor resolves."""
    assert told(alert("unknown")).standing == {}
    assert told(alert(), alert("unknown", at=150.0)).standing != {}


EVENTS = st.lists(
    st.tuples(st.sampled_from(["firing", "resolved"]), st.integers(1, 5), st.sampled_from(["k1", "k2"])), max_size=7
)


@given(EVENTS, st.randoms(use_true_random=False))
def test_what_stands_does_not_depend_on_the_order_nor_on_repetition(
    events: list[tuple[str, int, str]], random: Any
) -> None:
    """Whatever is lost in order, sent twice, or both: the newest word about each alert counts."""
    sent = [alert(status, float(at), key=key, delivery=f"{status}{at}{key}") for status, at, key in events]
    shuffled = [*sent, *random.sample(sent, len(sent) // 2)]
    random.shuffle(shuffled)
    in_order, mixed = told(*sorted(sent, key=lambda one: one.at)), told(*shuffled)
    assert _newest(mixed) == _newest(in_order) == _expected(sent)
    assert mixed.counted == in_order.counted == len({one.delivery for one in sent})


def _newest(known: Evidence) -> dict[str, float]:
    return {name: one.alert.at for name, one in known.standing.items()}


def _expected(sent: list[Alert]) -> dict[str, float]:
    """By the definition: it fires when nothing as new says that it is over."""
    found = {}
    for one in sent:
        ends = [other.at for other in sent if (other.key, other.status) == (one.key, "resolved")]
        starts = [other.at for other in sent if (other.key, other.status) == (one.key, "firing")]
        if starts and max(starts) > max(ends, default=0):
            found[f"alertmanager/prod/{one.key}"] = max(starts)
    return found


def test_it_has_stood_since_it_was_first_heard_of() -> None:
    """Repeated notices do not start the dwell anew; that the source was told late does not shorten it."""
    repeated = alert(delivery="again", received_at=400.0)
    known = told(alert(), repeated)
    (claim,) = claims(book(rule(**{"for": "10m"})), known, REGION, 500.0)
    assert (claim.since, claim.ready_at) == (101.0, 701.0)
    assert next(iter(known.standing.values())).heard_at == 400.0
    anew = told(alert(), alert("firing", at=300.0), alert("resolved", at=200.0))
    assert next(iter(anew.standing.values())).since == 301.0


def test_so_many_endpoints_must_agree_about_the_same_region() -> None:
    """Two alerts of one endpoint are one voice; another region's alert is none."""
    listening = book(rule(needs=2, alert="any"))
    elsewhere = {"alertname": "RegionDown", "region": "eu-west-1"}
    few = told(alert(), alert(key="k2", delivery="2"), alert(**OTHER, labels=elsewhere, delivery="3"))
    (claim,) = claims(listening, few, REGION, 200.0)
    assert claim.awaited == "1 of the 2 endpoints needed fire for us-east-1: alertmanager/prod says RegionDown"
    enough = heard(few, alert(**(OTHER | {"key": "d2"}), at=150.0, delivery="4", title="[P1] us-east-1"))
    (claim,) = claims(listening, enough, REGION, 200.0)
    assert (claim.awaited, claim.since, claim.by) == (None, 151.0, "alert:alertmanager/prod")
    assert claim.said == "alertmanager/prod says RegionDown; datadog/eu says [P1] us-east-1"


def test_the_endpoints_of_several_rules_count_together() -> None:
    """Each source words its alerts in its own way, so each has a rule of its own."""
    listening = book(
        rule(needs=2), rule(alert="datadog", match={"monitor": "42"}, needs=2, **{"from": "{labels.region}"})
    )
    both = told(alert(), alert(**OTHER, labels={"monitor": "42", "region": REGION}, delivery="2"))
    assert [claim.awaited for claim in claims(listening, both, REGION, 200.0)] == [None, None]


def test_what_may_be_acted_on_comes_first() -> None:
    """Then a failover before a switchover, and what asks nobody before what proposes."""
    listening = book(
        rule(start="switchover"),
        rule(),
        rule(mode="automatic"),
        rule(mode="automatic", needs=2),
        rule(mode="automatic", **{"for": "1h"}),
    )
    ordered = [claim.rule for claim in claims(listening, told(alert()), REGION, 200.0)]
    assert ordered == [listening.triggers[n] for n in (2, 1, 0, 4, 3)]


@pytest.mark.parametrize("order", list(permutations(("propose", "approve", "automatic"), 2)))
def test_what_asks_for_less_is_not_asked_for_again(order: tuple[str, str]) -> None:
    """A proposal that was made is followed by what runs unasked, and not the other way round."""
    before, mode = order
    (claim,) = claims(book(rule(mode=mode)), told(alert()), REGION, 200.0)
    begun = Begun.model_validate({"start": "failover", "mode": before})
    ranks = ["automatic", "approve", "propose"]
    assert covered(claim, begun, 200.0) is (ranks.index(before) <= ranks.index(mode))
    assert not covered(claim, None, 200.0)
    assert not covered(claim, begun.model_copy(update={"start": Procedure.SWITCHOVER}), 200.0)


def test_what_nobody_answers_is_asked_again_ever_more_rarely_and_not_for_ever() -> None:
    """Meanwhile only what asks for more is acted on; then it is asked with a count, and finally no more."""
    (claim,) = claims(book(rule()), told(alert()), REGION, 200.0)
    (bolder,) = claims(book(rule(mode="automatic")), told(alert()), REGION, 200.0)
    begun, now, pauses = begun_by(claim, None), 200.0, []
    while (later := unanswered(begun, now, 600.0)) is not None:
        assert later.again_at is not None
        pauses.append(later.again_at - now)
        assert (covered(claim, later, now), covered(bolder, later, now)) == (True, False)
        now = later.again_at
        assert not covered(claim, later, now)
        begun = begun_by(claim, later)
        assert (begun.again_at, covered(claim, begun, now)) == (None, True)
    assert (pauses, begun.asked) == ([600.0, 1200.0, 2400.0, 3600.0, 3600.0], MOST_ASKED)


def test_a_run_is_stopped_only_if_all_who_asked_for_it_want_that() -> None:
    """One rule says keep."""
    (keeps,) = claims(book(rule()), told(alert()), REGION, 200.0)
    (stops,) = claims(book(rule(mode="approve", on_resolved="stop")), told(alert()), REGION, 200.0)
    assert begun_by(stops, None).stop
    first = begun_by(keeps, None).model_copy(update={"run": "r1"})
    assert (begun_by(stops, first).stop, begun_by(stops, first).run) == (False, "r1")


def test_nothing_stands_for_ever_and_a_storm_is_bounded() -> None:
    """A lost end is forgotten after a day; of a thousand alerts the first ones are kept."""
    known = told(*(alert(key=f"k{n}", delivery=str(n)) for n in range(MOST + 10)))
    assert (len(known.standing), known.counted) == (MOST, MOST + 10)
    assert aged(known, 101.0 + FORGOTTEN - 1) == known
    assert aged(known, 101.0 + FORGOTTEN).standing == {}


def test_what_an_edited_runbook_does_not_listen_to_stands_no_more() -> None:
    """Its rules were changed while it fired."""
    assert still_of(book(rule(match={"alertname": "Other"})), told(alert())).standing == {}
    assert still_of(book(), told(alert())) == told(alert())
