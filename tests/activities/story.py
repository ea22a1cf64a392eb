"""A runbook's plans for a cloud's database, made of what its detectors see, and run step by step as Temporal would."""

import time
from collections.abc import Callable
from typing import Any

from runbooks.facts import Facts
from runbooks.models import Procedure, Runbook
from runbooks.plan import Plan, Step
from runbooks.planner import Request, make_plan
from runbooks.steps import StepResult
from tests.activities.calls import perform

NAME = "vector-db"


def runbook(kind: str, settings: dict[str, dict[str, Any]], rpo: float = 120.0) -> Runbook:
    """One database, at home in the first of two regions."""
    here, there = settings
    return Runbook.model_validate(
        {
            "evac": 1,
            "name": "llm",
            "objectives": {"rto": 900, "rpo": rpo},
            "regions": {here: {"role": "active", "traffic": 100}, there: {"role": "standby", "traffic": 0}},
            "resources": {NAME: {"kind": kind, "settings": settings}},
        }
    )


async def looked(book: Runbook) -> Facts:
    """What the detectors see now."""
    kind = book.resources[NAME].kind
    readings = []
    for region in book.regions:
        given = {"within": 20, "region": region, "resource": NAME}
        result = await perform(f"detect.{kind}", book.settings_of(NAME, region), **given)
        assert result.reading is not None
        readings.append(result.reading)
    return Facts(at=time.time(), readings=tuple(readings), max_age=60)


async def planned(book: Runbook, procedure: Procedure, source: str, **request: Any) -> Plan:
    """The plan, of what is seen now."""
    return make_plan(book, procedure, Request(source=source, **request), await looked(book))


async def carried_out(plan: Plan, epoch: int, before: Callable[[Step], None] = lambda _: None) -> dict[str, StepResult]:
    """Every step in its order; `before` each of them something may happen."""
    results = {}
    for step in plan.steps:
        before(step)
        given = {"epoch": epoch, "region": step.region, "resource": step.resource, "step": step.id}
        results[step.id] = await perform(step.uses, step.settings, within=30, **given)
    return results
