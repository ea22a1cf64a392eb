"""A plan of what is asked for, made here and now: shown, never started (`evac plan`, and `--dry-run`)."""

import asyncio
import sys
from typing import Any

from runbooks.durations import duration
from runbooks.estimate import Estimate
from runbooks.plan import Plan
from runbooks.run_calls import PlanAnswer
from runbooks.runs import RunInput
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Refusal, document, say
from triggers.cli.plans import plan_view
from triggers.cli.screen import console
from worker.observe import plan_now

_DRY = "A dry run: nothing is started."


def show_plan(request: RunInput, output: Format) -> None:
    """Look at everything, and show the plan. Raises Refusal when there is none, or when it refuses itself."""
    found = asyncio.run(plan_now(request))
    if output is Format.JSON:
        document(**plan_json(found))
    else:
        print_plan(found)
    wrong = why_not(found)
    if wrong is not None:
        raise Refusal(Exit.REFUSED, wrong)


def dry_run(request: RunInput, output: Format) -> None:
    """Show the plan of what a command would start. Raises Refusal as `show_plan`."""
    say(_DRY)
    show_plan(request, output)


def dry_runs(groups: dict[str, list[RunInput]], output: Format) -> None:
    """The same for several runbooks, in groups. Raises Refusal when one of them would not go."""
    say(_DRY)
    found = asyncio.run(_looked(groups))
    if output is Format.JSON:
        plans = [[{"runbook": name, **plan_json(one)} for name, one in group] for group in found.values()]
        document(waves=plans)
    else:
        for title, group in found.items():
            for name, one in group:
                console(sys.stdout).print(f"{title}: {name}", style="bold")
                print_plan(one)
    wrong = [f"{name}: {why}" for group in found.values() for name, one in group if (why := why_not(one)) is not None]
    if wrong:
        raise Refusal(Exit.REFUSED, "; ".join(wrong))


async def _looked(groups: dict[str, list[RunInput]]) -> dict[str, list[tuple[str, PlanAnswer]]]:
    made = {}
    for title, requests in groups.items():
        answers = await asyncio.gather(*(plan_now(request) for request in requests))
        made[title] = [(one.runbook.name, answer) for one, answer in zip(requests, answers, strict=True)]
    return made


def plan_json(found: PlanAnswer) -> dict[str, Any]:
    """The plan as JSON takes it."""
    made = None if found.plan is None else found.plan.model_dump(mode="json")
    estimate = None if found.estimate is None else found.estimate.model_dump(mode="json")
    return {"plan": made, "checksum": found.checksum, "error": found.error, "estimate": estimate}


def print_plan(found: PlanAnswer) -> None:
    """The plan for a person, with the time that it would take."""
    out = console(sys.stdout)
    if found.plan is None:
        return
    out.print(plan_view(found.plan), soft_wrap=True)
    if found.estimate is not None:
        out.print(_estimated(found.estimate, found.plan), soft_wrap=True)


def _estimated(estimate: Estimate, made: Plan) -> str:
    """How long it took before, or that nobody knows."""
    runs = min((estimate.steps[id_].runs for id_ in estimate.critical_path if id_ in estimate.steps), default=0)
    if not runs:
        return f"  {'estimate':<12}never run here yet: about {duration(estimate.median)}, a guess"
    usual, slow = duration(estimate.median), duration(estimate.p95)
    return f"  {'estimate':<12}{usual}, {slow} at worst (95 %) by past runs; the RTO is {duration(made.rto)}"


def why_not(found: PlanAnswer) -> str | None:
    """Why the plan would not run as it is, with what must be accepted."""
    if found.plan is None:
        return found.error or "no plan can be made"
    standing = found.plan.standing()
    if not standing:
        return None
    names = sorted({refusal.name for refusal in standing if refusal.name is not None})
    accept = f"; what can be accepted: {' '.join(f'--accept {name}' for name in names)}" if names else ""
    count = f"{len(standing)} reason{'' if len(standing) == 1 else 's'}"
    return f"this plan refuses itself for {count}{accept}"
