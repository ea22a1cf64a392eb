"""A procedure of a runbook on AWS without Temporal: looked at, planned and carried out by the registered activities."""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from runbooks.facts import Facts
from runbooks.load import loads
from runbooks.models import Procedure, Runbook
from runbooks.plan import Plan, Step
from runbooks.planner import Request, make_plan
from runbooks.probes import observations
from runbooks.steps import Reading, StepResult, Verb
from tests.activities.calls import perform
from tests.aws.world import HERE, THERE


def book_of(kind: str, here: dict[str, Any], there: dict[str, Any]) -> Runbook:
    """A runbook of one resource, `store`, that lives here and can live there. JSON is YAML, too."""
    document = f"""
evac: 1
name: shop
owners: [ops]
objectives: {{rto: 15m, rpo: 5m}}
regions:
  {HERE}: {{role: active, traffic: 100}}
  {THERE}: {{role: standby, traffic: 0}}
resources:
  store:
    kind: {kind}
    settings: {{{HERE}: {_yaml(here)}, {THERE}: {_yaml(there)}}}
checks:
  - {{name: front, kind: http, url: "http://front.{{region}}.example.com/", use: [detect]}}
"""
    return loads(document).runbook


async def seen(book: Runbook) -> list[Reading]:
    """What the runbook's detectors see now."""
    results = [
        await perform(f"detect.{one.technology}", one.settings, within=10.0, region=one.region, resource=one.resource)
        for one in observations(book)
    ]
    return [result.reading for result in results if result.reading is not None]


async def planned(
    book: Runbook, procedure: Procedure, source: str, accept: Iterable[str] = (), history: Iterable[Reading] = ()
) -> Plan:
    """The plan, from what is seen now."""
    readings = tuple(await seen(book))
    facts = Facts(at=time.time(), readings=readings, history=tuple(history))
    return make_plan(book, procedure, Request(source=source, accept=tuple(accept)), facts)


async def carried_out(
    plan: Plan, epoch: int, *, home: Path = Path("nowhere"), then: Callable[[Step], None] = lambda _: None
) -> dict[str, StepResult]:
    """Every step's result, in the plan's order; `then` is what happens in the world after each."""
    done: dict[str, StepResult] = {}
    for step in plan.steps:
        named = {"region": step.region, "resource": step.resource}
        done[step.id] = await perform(step.uses, step.settings, home=home, within=20.0, epoch=epoch, **named)
        then(step)
    return done


def verbs(plan: Plan) -> list[tuple[Verb, str]]:
    """What is done where, in the plan's order."""
    return [(step.verb, step.region) for step in plan.steps]


def _yaml(settings: dict[str, Any]) -> str:
    return json.dumps(settings)
