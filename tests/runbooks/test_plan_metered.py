"""Stores that tell no positions (a cloud's databases): what may be lost is bounded by their lag alone."""

from typing import Any

import pytest

from runbooks.facts import Facts
from runbooks.models import Procedure, Runbook
from runbooks.planner import Request, make_plan
from runbooks.steps import Reading

HERE, THERE, THIRD = "us-east-1", "eu-west-1", "ap-south-1"
NOW = 1_000_000.0


def book(*regions: str, rpo: float = 120.0) -> Runbook:
    """One RDS database, at home in the first region."""
    return Runbook.model_validate(
        {
            "evac": 1,
            "name": "llm",
            "objectives": {"rto": 900, "rpo": rpo},
            "regions": {
                name: {"role": "standby" if number else "active", "traffic": 0 if number else 100}
                for number, name in enumerate(regions)
            },
            "resources": {
                "db": {
                    "kind": "rds",
                    "settings": {
                        name: {"aws_region": name, "instance": "llm", "fenced_group": "sg-0"} for name in regions
                    },
                }
            },
        }
    )


def reading(region: str, age: float = 1.0, **values: Any) -> Reading:
    """What a detector has seen."""
    known = {"resource": "db", "region": region, "state": "healthy", "reason": "", "values": values}
    return Reading.model_validate({**known, "observed_at": NOW - age})


def replica(region: str, behind: float) -> Reading:
    """A replica that has everything until so long ago."""
    return reading(region, role="standby", streaming=True, lag_seconds=behind, last_commit_at=NOW - behind)


def primary(*regions: str, age: float = 1.0) -> Reading:
    """The primary, which lists its replicas."""
    standbys = {f"{region}:llm": {"state": "streaming", "sync_state": "async"} for region in regions}
    return reading(HERE, age, role="primary", standbys=standbys)


def test_a_position_that_nobody_tells_is_not_reached() -> None:
    """That the dead primary listed the replica three seconds ago says nothing of what that has."""
    seen = Facts(at=NOW, readings=(replica(THERE, 60.0),), history=(primary(THERE, age=3.0),))
    plan = make_plan(book(HERE, THERE), Procedure.FAILOVER, Request(source=HERE), seen)
    assert plan.loss[0].seconds == pytest.approx(60.0)
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:db"]


def test_the_replica_that_loses_least_is_promoted() -> None:
    """Without positions the lag decides, whatever the order of the regions."""
    seen = Facts(at=NOW, readings=(replica(THERE, 90.0), replica(THIRD, 30.0), primary(THERE, THIRD)))
    regions = (HERE, THERE, THIRD)
    plan = make_plan(book(*regions), Procedure.FAILOVER, Request(source=HERE), seen)
    assert [step.region for step in plan.steps if step.verb == "promote"] == [THIRD]


def test_more_than_the_objective_needs_a_word() -> None:
    """And so does what cannot be measured."""
    late = Facts(at=NOW, readings=(replica(THERE, 300.0), primary(THERE)))
    plan = make_plan(book(HERE, THERE), Procedure.FAILOVER, Request(source=HERE), late)
    assert [refusal.name for refusal in plan.refusals] == ["loss:db"]
    unknown = Facts(at=NOW, readings=(reading(THERE, role="standby"), primary(THERE)))
    plan = make_plan(book(HERE, THERE), Procedure.FAILOVER, Request(source=HERE), unknown)
    assert [refusal.sentence for refusal in plan.refusals] == [
        "how far db in eu-west-1 is behind cannot be measured; the objective is 120 s"
    ]
