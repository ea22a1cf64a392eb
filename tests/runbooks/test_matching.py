"""Groups sized by what the region that is left runs: the plan says so, and hands over where that can be asked."""

from typing import Any

import pytest

from runbooks.facts import Facts
from runbooks.load import loads
from runbooks.models import Procedure, Runbook
from runbooks.plan import Step
from runbooks.planner import Request, make_plan
from runbooks.steps import Reading
from tests.runbooks.documents import spoilt

HERE, THERE = "us-east-1", "eu-west-1"


def book(match: str) -> Runbook:
    """The small system, with a group on AWS."""
    settings = '{{aws_region: {region}, group: "web"{match}}}'
    text = spoilt(
        ("kind: process", "kind: autoscaling"),
        ('{agent: "http://use1:1"}', settings.format(region=HERE, match=match)),
        ('{agent: "http://euw1:1"}', settings.format(region=THERE, match=match)),
    )
    return loads(text).runbook


def scaled(match: str) -> Step:
    """The step that scales in a failover to the standby."""
    seen: list[dict[str, Any]] = [
        {"resource": "db", "region": THERE, "values": {"role": "standby", "position": 1, "timeline": 1}},
        {"resource": "web", "region": THERE, "values": {"desired": 1, "ready": 1}},
        {"resource": "name", "region": "public", "values": {"regions": [HERE], "addresses": [], "ttl": 1}},
    ]
    usual = {"state": "healthy", "reason": "", "observed_at": 1000.0}
    readings = tuple(Reading.model_validate({**usual, **one}) for one in seen)
    plan = make_plan(book(match), Procedure.FAILOVER, Request(source=HERE), Facts(at=1000.0, readings=readings))
    (found,) = (step for step in plan.steps if step.verb == "scale")
    return found


@pytest.mark.parametrize(
    ("match", "words"),
    [
        (", match: {percent: 80}", ", or 80% of what us-east-1 runs if that is more"),
        (", match: {of: 24h-maximum}", ", or 100% of what us-east-1 ran at most within 24 hours if that is more"),
        ("", ""),
    ],
)
def test_the_plan_says_how_large_and_who_is_asked(match: str, words: str) -> None:
    """The sentence that a person approves names the measure; the source's settings go along only then."""
    step = scaled(match)
    assert step.sentence == f"Scale web in eu-west-1 to 2 replicas{words}"
    upstream = step.settings.get("upstream")
    assert (upstream or {}).get("aws_region") == (HERE if match else None)  # type: ignore[union-attr] - plain data


def test_a_measure_of_nothing_is_refused() -> None:
    """A wrong percentage is found by `evac validate`."""
    with pytest.raises(Exception, match="percent"):
        book(", match: {percent: 0}")
