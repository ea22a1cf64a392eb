"""Eight no-op steps through `workflows/procedure.py`, against a bare Temporal workflow of the same eight activities.

The two take turns on one embedded server and one worker, so that the machine's mood hits both; goal: at most 1.15x.
"""

import asyncio
import statistics
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Procedure, Runbook
    from runbooks.plan import Plan, Step
    from runbooks.steps import StepCall, StepResult, Verb
    from worker.server import EmbeddedServer
    from worker.settings import Settings
    from workflows.desk import Desk
    from workflows.house import House
    from workflows.procedure import ProcedureRun

STEPS = 8
ROUNDS = 40
WARM_UP = 5
GOAL = 1.15


def plan() -> Plan:
    """Eight steps, one after another."""
    steps = tuple(
        Step(
            id=f"run.{number}",
            verb=Verb.RUN,
            uses="run.nothing",
            resource="nothing",
            region="here",
            needs=(f"run.{number - 1}",) if number else (),
            sentence=f"Do nothing, number {number}",
        )
        for number in range(STEPS)
    )
    return Plan(
        procedure=Procedure.FAILOVER,
        runbook="bench",
        runbook_checksum="",
        source="a",
        target="b",
        traffic_before={},
        traffic_after={},
        rto=1,
        rpo=1,
        steps=steps,
    )


def book() -> Runbook:
    """What a procedure must know of: two regions, and nothing that is asked of them here."""
    region = {"role": "active", "traffic": 50}
    resources = {"nothing": {"kind": "process", "settings": {"a": {"agent": ""}, "b": {"agent": ""}}}}
    objectives = {"rto": 1, "rpo": 1}
    document = {"evac": 1, "name": "bench", "objectives": objectives, "resources": resources}
    return Runbook.model_validate({**document, "regions": {"a": region, "b": region}})


@activity.defn(name="run.nothing")
async def nothing(call: StepCall) -> StepResult:
    """Answer at once."""
    return StepResult(changed=False, reason=call.step)


@workflow.defn
class Bare:
    """The floor: the same activities, called one after another, and nothing else."""

    @workflow.run
    async def run(self, asked: Plan) -> int:
        """Run every step."""
        for step in asked.steps:
            call = StepCall(
                runbook="bench", run="", step=step.id, uses=step.uses, resource="nothing", region="here", epoch=1
            )
            await workflow.execute_activity(
                step.uses, call, result_type=StepResult, start_to_close_timeout=timedelta(seconds=10)
            )
        return len(asked.steps)


@workflow.defn
class Ours:
    """The same plan through the procedure."""

    @workflow.run
    async def run(self, asked: Plan) -> int:
        """Run every step."""
        procedure = ProcedureRun(asked, House("", 1, book(), Desk(), self, lambda: False))
        await procedure.carry_out()
        return len(procedure.states)

    def tell(self, text: str, step: str = "") -> None:
        """Keep nothing."""

    def ask(self, text: str, step: str = "") -> None:
        """Ask nobody."""


async def measure() -> tuple[list[float], list[float]]:
    """Seconds of each round: bare, ours."""
    with tempfile.TemporaryDirectory() as home:
        async with EmbeddedServer(Settings(home=Path(home))) as server:
            client = await Client.connect(server.where.address, data_converter=pydantic_data_converter)
            async with Worker(client, task_queue="bench", workflows=[Bare, Ours], activities=[nothing]):
                pairs = [(await _once(client, Bare), await _once(client, Ours)) for _ in range(WARM_UP + ROUNDS)]
    counted = pairs[WARM_UP:]
    return [bare for bare, _ in counted], [ours for _, ours in counted]


async def _once(client: Client, kind: Any) -> float:  # noqa: ANN401  (a workflow class of either sort)
    began = time.perf_counter()
    done = await client.execute_workflow(kind.run, plan(), id=str(uuid.uuid4()), task_queue="bench")
    assert done == STEPS
    return time.perf_counter() - began


def main() -> None:
    """Print the medians and their ratio."""
    bare, ours = asyncio.run(measure())
    floor, mine = statistics.median(bare), statistics.median(ours)
    ratio = statistics.median(b / a for a, b in zip(bare, ours, strict=True))
    print(  # noqa: T201  (it is what a benchmark is for)
        f"{STEPS} no-op steps, median of {ROUNDS} pairs: bare workflow {floor * 1000:.0f} ms, "
        f"procedure {mine * 1000:.0f} ms, ratio {ratio:.2f} (goal: at most {GOAL})"
    )


if __name__ == "__main__":
    main()
