"""`evac estimate`: how long a procedure will take, by the records of past runs, and which step to speed up first."""

import sys
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from audit.durations import past_durations
from runbooks.durations import duration
from runbooks.models import PLANNED, Procedure, Runbook
from runbooks.paper.cases import Case, cases
from runbooks.plan import Plan
from runbooks.simulation import ROUNDS, SEED, Simulation, simulate
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.frame import rows
from triggers.cli.options import File, Target
from triggers.cli.out import Format, Output, Refusal, document
from triggers.cli.plan import Planned
from triggers.cli.screen import console
from triggers.cli.session import settings

app = typer.Typer(add_completion=False)
_WIDTH = 40
"""Columns of the longest bar."""
_LABEL = 12


@app.command()
def estimate(
    file: File,
    *,
    procedure: Annotated[Planned, typer.Option(help="What would be done.")] = Planned.FAILOVER,
    source: Annotated[
        str | None, typer.Option("--from", help="The region to leave; none: the first that can be.")
    ] = None,
    target: Target = None,
    rounds: Annotated[int, typer.Option(min=100, max=100_000, help="How often it is simulated.")] = ROUNDS,
    seed: Annotated[int, typer.Option(help="Other dice.")] = SEED,
    output: Output = Format.TEXT,
) -> None:
    """Say how long a procedure will take by the durations of past runs, and which step to speed up first.

    The plan is made as if all else were well; nothing is contacted. A step that no record tells of is guessed, and
    named.
    """
    book = read_runbook(file).runbook
    plan = _plan(book, Procedure(procedure), source, target)
    found = simulate(plan, past_durations(settings().records, book.name), rounds=rounds, seed=seed)
    if output is Format.JSON:
        document(
            runbook=book.name,
            procedure=procedure,
            source=plan.source,
            target=plan.target,
            objective=plan.procedure not in PLANNED,
            estimate=found.model_dump(mode="json"),
        )
        return
    _print(book, plan, found)


def _plan(book: Runbook, procedure: Procedure, source: str | None, target: str | None) -> Plan:
    """The first case that fits. Raises Refusal when there is none, or it has no plan."""
    all_ = [case for case in cases(book) if case.procedure is procedure]
    fitting = [case for case in all_ if source in (None, case.source) and target in (None, case.target)]
    if not fitting:
        ways = ", ".join(dict.fromkeys(f"--from {case.source} --to {case.target or 'any'}" for case in all_))
        raise Refusal(Exit.USAGE, f"{book.name} has no such {procedure}; there are: {ways or 'none'}")
    planned: Case = next((case for case in fitting if case.plan is not None), fitting[0])
    if planned.plan is None:
        raise Refusal(Exit.REFUSED, f"there is no plan: {planned.why_not}")
    return planned.plan


def _print(book: Runbook, plan: Plan, found: Simulation) -> None:
    out = console(sys.stdout)
    way = f"{plan.source} -> {plan.target}"
    out.print(Text.assemble((book.name, "bold"), f"  {plan.procedure}  ", (way, "bold")), soft_wrap=True)
    out.print(rows(_facts(book, plan, found), width=_LABEL))
    out.print()
    out.print(_histogram(found))
    out.print()
    out.print(_steps(plan, found))
    out.print()
    out.print(_advice(plan, found), soft_wrap=True)


def _facts(book: Runbook, plan: Plan, found: Simulation) -> list[tuple[str, str, str]]:
    takes = f"{duration(found.p50)} usually (p50), {duration(found.p95)} in the worst of twenty (p95)"
    lines = [("it takes", takes, "")]
    if plan.procedure in PLANNED:
        lines.append(("objective", "of a planned move it is about the time without writes, which is shorter", ""))
    else:
        kept = f"{duration(plan.rto)}, kept in {found.within:.0%} of {found.rounds} simulated runs"
        lines.append(("RTO", kept, "bold red" if found.p95 > plan.rto else "bold green"))
        seen = duration(book.detect.interval * book.detect.failures + book.detect.dwell)
        asked = book.policy.of(plan.procedure).approval.count
        people = (
            f", and the time until {asked} {'person has' if asked == 1 else 'people have'} approved" if asked else ""
        )
        lines.append(("on top", f"detecting it, about {seen} by the runbook{people}", ""))
    lines.append(("stands on", _stands_on(plan, found), "bold yellow" if found.guessed else ""))
    return lines


def _stands_on(plan: Plan, found: Simulation) -> str:
    known = len(found.steps) - len(found.guessed)
    if not known:
        return "no record at all: every step is a guess by its verb. A drill makes the first record"
    runs = f"{found.runs} past run{'' if found.runs == 1 else 's'}"
    told = f"records: at least {runs} of each step" if known == len(found.steps) else ""
    if not told:
        names = ", ".join(f'"{plan.step(name).sentence}"' for name in found.guessed)
        told = f"records of {known} of {len(found.steps)} steps, at least {runs} of each; guessed by the verb: {names}"
    return f"{told}. So few say little of p95" if found.runs < 20 else told  # noqa: PLR2004 - the 95th of 20


def _histogram(found: Simulation) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    table.add_column()
    most = max((one.count for one in found.histogram), default=1)
    for number, one in enumerate(found.histogram):
        last = number == len(found.histogram) - 1
        bar = "█" * max(1 if one.count else 0, round(one.count / most * _WIDTH))
        late = one.low > found.rto
        span = f"{duration(one.low)} and more" if last and number else f"{duration(one.low)} - {duration(one.high)}"
        table.add_row(span, Text.assemble((bar, "red" if late else "green"), f" {one.count / found.rounds:.0%}"))
    return table


def _steps(plan: Plan, found: Simulation) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("STEP", overflow="fold")
    for title in ("CRITICAL", "USUALLY", "RECORDS", "IF HALVED"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in found.steps:
        gain = f"p95 - {duration(one.gain)}" if one.gain >= 0.001 else ""  # noqa: PLR2004 - less is nothing
        runs = str(one.runs) if one.runs else "guess"
        row = (plan.step(one.id).sentence, f"{one.critical:.0%}", duration(one.median), runs, gain)
        table.add_row(*row, style="" if one.critical else "dim")
    return table


def _advice(plan: Plan, found: Simulation) -> str:
    best = max(found.steps, key=lambda one: one.gain, default=None)
    if best is None or best.gain <= 0:
        return "No single step would make it quicker."
    step = plan.step(best.id).sentence
    share = best.gain / found.p95 if found.p95 else 0.0
    guess = " Nobody has measured it, though: run a drill first." if not best.runs else ""
    return (
        f'Speed up first: "{step}". In half the time it would take {duration(best.gain)} ({share:.0%}) off p95.{guess}'
    )
