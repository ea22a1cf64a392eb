"""`evac status`: what one runbook does, or all that goes on now."""

import sys
import time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from runbooks.alerts import AlertsState
from runbooks.awaited import awaited
from runbooks.controls import engaged_sentence
from runbooks.durations import duration
from runbooks.runs import RunState
from runbooks.timetable import ScheduleState
from runbooks.values import Model
from runbooks.watches import WatchState
from runbooks.words import clean, day, route
from triggers.cli.alerts_view import alerts_line, alerts_view
from triggers.cli.awaited import answers
from triggers.cli.frame import commands, rows
from triggers.cli.options import offered_names
from triggers.cli.out import Format, Output, document
from triggers.cli.schedule_view import schedule_line
from triggers.cli.screen import console
from triggers.cli.session import with_client
from triggers.cli.shapes import BY_TYPE
from triggers.cli.stakes import budget_line, rto_line
from triggers.cli.view import run_view, standing_line
from triggers.cli.watching import watch_view
from triggers.errors import NoAnswerError, NoSuchRunError
from triggers.overview import Overview, Seen, everything, of_name

app = typer.Typer(add_completion=False)


@app.command()
def status(
    name: Annotated[
        str | None,
        typer.Argument(help="The runbook's name, or the region of an evacuation.", autocompletion=offered_names),
    ] = None,
    output: Output = Format.TEXT,
) -> None:
    """Show the newest run of one runbook, its detector, drill and reports; or everything that goes on now."""
    if name is None:
        _all(with_client(everything), output)
    else:
        _one(name, with_client(lambda client, settings: of_name(client, settings, name)), output)


def _one(name: str, found: Overview, output: Format) -> None:
    shown = [*found.runs, *found.others, *found.detectors, *found.alerts]
    if not shown and not found.schedules:
        message = f"there is no run of {name}: `evac history` lists runs"
        raise NoSuchRunError(message)
    silent = next((seen for seen in found.runs if isinstance(seen.state, Exception)), None)
    if silent is not None and not found.others:
        raise silent.state
    if output is Format.JSON:
        _document(found)
        return
    out = console(sys.stdout)
    _switches(out, found)
    newest = max((_last(seen) for seen in (*found.runs, *found.others)), default=0.0)
    for number, seen in enumerate(sorted(shown, key=_weight)):
        if number:
            out.print()
        whole = seen.execution.open or _last(seen) == newest
        out.print(_picture(seen) if whole else _line(seen), soft_wrap=not whole)
    for schedule in found.schedules:
        out.print(_scheduled(found, schedule), soft_wrap=True)


def _weight(seen: Seen) -> tuple[bool, float]:
    """What goes on comes first, then what ended last."""
    return not seen.execution.open, -_last(seen)


def _last(seen: Seen) -> float:
    """When it was heard of last: a drill ends after its runs."""
    return seen.execution.closed_at or seen.execution.started_at


def _picture(seen: Seen) -> Any:  # noqa: ANN401 - what rich draws
    now = time.time()
    if isinstance(seen.state, RunState):
        return run_view(seen.state, now)
    if isinstance(seen.state, WatchState):
        return watch_view(seen.state, now)
    if isinstance(seen.state, AlertsState):
        return alerts_view(seen.state, now)
    shape = BY_TYPE.get(seen.execution.kind)
    if isinstance(seen.state, Exception) or shape is None:
        return _line(seen)
    return shape.view(seen.state, now)


def _line(seen: Seen) -> Text:
    """One line for what is over, or cannot be asked."""
    what = f"{seen.subject}  {seen.execution.kind}"
    if isinstance(seen.state, Exception):
        return Text(f"{what}  cannot be asked: {clean(str(seen.state))}", style="yellow")
    ago = duration(time.time() - seen.execution.started_at)
    shape = BY_TYPE.get(seen.execution.kind)
    told = f"{seen.state.outcome}: {clean(seen.state.message)}" if shape is None else shape.closing(seen.state)
    return Text.assemble((what, "bold"), f"  {told}", (f"  (begun {ago} ago)", "dim"))


def _document(found: Overview) -> None:
    states = {BY_TYPE[seen.execution.kind].key: seen for seen in found.others}
    run = next((seen.state for seen in found.runs), None)
    detector = next((seen.state for seen in found.detectors), None)
    document(
        run=_dump(run),
        detector=_dump(detector),
        detector_error=str(detector) if isinstance(detector, NoAnswerError) else None,
        **{shape.key: _dump(states[shape.key].state) if shape.key in states else None for shape in BY_TYPE.values()},
        alerts=next((_dump(seen.state) for seen in found.alerts), None),
        kill_switches=[_dump(switch) for switch in found.switches],
        schedules=[{**_dump(one), "outdated": found.outdated(one)} for one in found.schedules],
    )


def _dump(model: Any) -> Any:  # noqa: ANN401 - a model as JSON; None for what is not there or cannot be told
    return model.model_dump(mode="json") if isinstance(model, Model) else None


def _all(found: Overview, output: Format) -> None:
    if output is Format.JSON:
        document(
            runs=[{"runbook": s.subject, "id": s.execution.run_id, "state": _dump(s.state)} for s in found.runs],
            others=[{"kind": s.execution.kind, "of": s.subject, "state": _dump(s.state)} for s in found.others],
            detectors=[{"runbook": s.subject, "started_at": s.execution.started_at} for s in found.detectors],
            alerts=[{"runbook": s.subject, "state": _dump(s.state)} for s in found.alerts],
            kill_switches=[_dump(switch) for switch in found.switches],
            schedules=[{**_dump(one), "outdated": found.outdated(one)} for one in found.schedules],
        )
        return
    out = console(sys.stdout)
    _switches(out, found)
    if not found.runs and not found.others:
        out.print("No run is going. `evac history` lists past runs.")
    for seen in (*found.others, *found.runs):
        _block(out, seen, time.time())
    for seen in found.alerts:
        out.print(_alerts(seen), soft_wrap=True)
    for seen in found.detectors:
        out.print(f"Detector armed: {seen.subject}, since {day(seen.execution.started_at)}", soft_wrap=True)
    for schedule in found.schedules:
        out.print(_scheduled(found, schedule), soft_wrap=True)


def _block(out: Console, seen: Seen, now: float) -> None:
    """What goes on, in a few lines: what, how it stands, who is awaited with which command."""
    state, kind = seen.state, seen.execution.kind
    way = route(state) if isinstance(state, RunState) else ""
    way = "?" if isinstance(state, Exception) else way
    out.print(Text.assemble((seen.subject, "bold"), f"  {kind}  ", (f"{way} ", "bold")), soft_wrap=True)
    if isinstance(state, RunState):
        out.print(standing_line(state))
        out.print(rto_line(state, now))
        left = budget_line(state, now)
        if left is not None:
            out.print(left)
        whom = awaited(state, now)
        told = [("awaited", whom, "bold yellow")] if whom else []
        out.print(rows([*told, *commands(answers(state))]))
    elif isinstance(state, Exception):
        since = duration(now - seen.execution.started_at)
        out.print(Text(f"since {since}: {clean(str(state))}", style="yellow"), soft_wrap=True)
    else:
        out.print(Text(clean(state.message)))
        out.print(rows(commands(BY_TYPE[kind].answers(state))))
    out.print()


def _alerts(seen: Seen) -> Text:
    """What fires of a runbook, and what was made of it."""
    if isinstance(seen.state, AlertsState):
        told = f"{alerts_line(seen.state, time.time())}  (`evac alerts show {seen.subject}`)"
    else:
        told = f"cannot be asked: {clean(str(seen.state))}"
    return Text.assemble("Alerts: ", (seen.subject, "bold"), f", {told}", style="yellow")


def _switches(out: Console, found: Overview) -> None:
    for switch in found.switches:
        told = f"KILL SWITCH  {clean(engaged_sentence(switch))}, since {day(switch.at)}"
        out.print(Text(told, style="bold white on red"), soft_wrap=True)
        of = f" --runbook {switch.scope}" if switch.scope else ""
        out.print(rows([("release with", f"evac kill-switch off{of}", "bold yellow")]))


def _scheduled(found: Overview, schedule: ScheduleState) -> Text:
    text = schedule_line(schedule, older=found.outdated(schedule))
    return Text(text, style="dim")
