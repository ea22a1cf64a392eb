"""OpenSearch's whole story, planned and carried out; a client writes wherever it is let, and documents are counted."""

import time
from typing import Any

from runbooks.facts import Facts
from runbooks.models import Procedure, Runbook
from runbooks.plan import Plan, Step
from runbooks.planner import Request, make_plan
from tests.activities.story import carried_out, looked, planned, runbook
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.opensearch import settings_of, stand_pair, told, write

_NAME = "llm"


def stood(aws: World) -> Runbook:
    """Two domains, and their runbook."""
    stand_pair(aws, _NAME)
    return runbook("opensearch", {region: settings_of(aws, _NAME, region) for region in (HERE, THERE)})


def docs(aws: World, region: str, index: str = "vectors") -> set[str]:
    """The keys of an index."""
    return set(told(aws, _NAME, region)[index][0])


class Client:
    """Writes in both regions before each step, and keeps what was answered; two must never take it at once."""

    def __init__(self, aws: World) -> None:
        self.aws = aws
        self.answered: dict[str, str] = {}

    def __call__(self, step: Step) -> None:
        """Before that step."""
        taken = []
        for region in (HERE, THERE):
            key = f"{step.id}-{len(self.answered)}-{region}"
            if write(self.aws, _NAME, region, key) == 200:
                taken.append(region)
                self.answered[key] = region
        assert len(taken) < 2, f"two writers before {step.id}"


def dead(aws: World, *, here: bool) -> None:
    """The region answers nobody, or answers again."""
    if here:
        aws.bend(f"@{HERE}", "refuse")
    else:
        aws.straighten()
    told(aws, _NAME, HERE, dead=here)


async def plan_of_a_dead_region(book: Runbook, history: Facts, fault: float) -> Plan:
    """With what was seen of it before."""
    facts = (await looked(book)).model_copy(update={"history": history.readings, "fault_at": fault})
    return make_plan(book, Procedure.FAILOVER, Request(source=HERE), facts)


def roles(facts: Facts) -> dict[str, Any]:
    """By region."""
    return {one.region: (one.values.get("role"), one.values.get("read_only")) for one in facts.readings}


async def test_a_switchover_and_back_loses_nothing(aws: World) -> None:
    """Every document that was answered is there in the end, and never did two regions take one."""
    book, client = stood(aws), Client(aws)
    plan = await planned(book, Procedure.SWITCHOVER, HERE)
    assert plan.refusals == ()
    await carried_out(plan, epoch=7, before=client)
    assert roles(await looked(book)) == {HERE: ("standby", True), THERE: ("primary", False)}
    back = await planned(book, Procedure.SWITCHOVER, THERE)
    assert back.refusals == ()
    await carried_out(back, epoch=8, before=client)
    assert roles(await looked(book)) == {HERE: ("primary", False), THERE: ("standby", True)}
    assert set(client.answered.values()) == {HERE, THERE}
    assert set(client.answered) <= docs(aws, HERE)
    assert docs(aws, HERE) == docs(aws, THERE)


async def test_a_failover_of_a_silent_region_and_a_failback(aws: World) -> None:
    """Its fence needs a word, the loss is bounded by what was seen before, and what only it had is kept."""
    book = stood(aws)
    history, fault = await looked(book), time.time() + 1.0
    dead(aws, here=True)
    plan = await plan_of_a_dead_region(book, history, fault)
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:vector-db"]
    assert plan.loss[0].seconds is not None
    assert 0 < plan.loss[0].seconds < 30
    write(aws, _NAME, HERE, "lost")
    results = await carried_out(plan, epoch=7)
    assert results[f"fence.vector-db.{HERE}"].proved is False
    write(aws, _NAME, THERE, "new")
    dead(aws, here=False)
    assert roles(await looked(book)) == {HERE: ("primary", False), THERE: ("primary", False)}
    back = await planned(book, Procedure.FAILBACK, THERE)
    assert [refusal.name for refusal in back.refusals] == ["two-writers:vector-db"]
    assert back.steps[0].id == f"fence_former.vector-db.{HERE}"
    client = Client(aws)
    fence, *rest = back.steps
    await carried_out(back.model_copy(update={"steps": (fence,)}), epoch=8)
    await carried_out(back.model_copy(update={"steps": tuple(rest)}), epoch=8, before=client)
    assert roles(await looked(book)) == {HERE: ("primary", False), THERE: ("standby", True)}
    assert {"new", *client.answered} <= docs(aws, HERE)
    assert ("lost" in docs(aws, HERE), "lost" in docs(aws, HERE, "evac-8-vectors")) == (False, True)


async def test_without_a_history_a_dead_region_costs_a_word(aws: World) -> None:
    """Nothing bounds what its standby lacks."""
    book = stood(aws)
    dead(aws, here=True)
    plan = await planned(book, Procedure.FAILOVER, HERE)
    dead(aws, here=False)
    assert sorted(refusal.name or "" for refusal in plan.refusals) == ["loss:vector-db", "unproved-fence:vector-db"]
