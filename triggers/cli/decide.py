"""`evac reject | veto | confirm | retry | skip | abort | hold | resume`: what a person can say to a run.

Each is a signal that the run keeps, and judges.
"""

from typing import Annotated

import typer
from temporalio.client import Client

from runbooks.runs import DecisionKind, Judged
from triggers.cli.judgement import decision_of, tell
from triggers.cli.options import Name
from triggers.cli.out import Format, Output
from triggers.cli.session import with_client
from triggers.judgement import Steered, send
from worker.settings import Settings

Step = Annotated[str, typer.Option(help="The step's id, as `evac status` shows it; none: every step that waits.")]
Reason = Annotated[str, typer.Option(help="Why: it is kept in the run's record.")]
Plan = Annotated[str, typer.Option(help="The plan's checksum (8 or more digits), to be sure which one is meant.")]


def _app(kind: DecisionKind, text: str) -> typer.Typer:
    app = typer.Typer(add_completion=False)

    @app.command(help=text)
    def command(name: Name, reason: Reason = "", plan: Plan = "", output: Output = Format.TEXT) -> None:
        _decide(name, kind, output, reason=reason, plan=plan)

    return app


def _decide(name: str, kind: DecisionKind, output: Format, *, step: str = "", reason: str = "", plan: str = "") -> None:
    async def _talk(client: Client, settings: Settings) -> tuple[Judged, Steered]:
        decision = decision_of(settings, kind, checksum=plan, step=step, reason=reason)
        return await send(client, settings, name, decision)

    tell([with_client(_talk)], output)


reject = _app(DecisionKind.REJECT, "Say no to the plan that awaits approval: the run ends and nothing is changed.")
confirm = _app(
    DecisionKind.CONFIRM,
    "Keep what was moved: the run awaits this for a time, and then takes everything back by itself.",
)
abort = _app(
    DecisionKind.ABORT,
    "Stop the run: no further step is started. Before the point of no return what was done is taken back, last first; "
    "after it everything stays as it is.",
)
hold = _app(DecisionKind.HOLD, "Start no further step until `evac resume`. Steps that are running end by themselves.")
resume = _app(DecisionKind.RESUME, "Go on after `evac hold`.")
retry = typer.Typer(add_completion=False)
skip = typer.Typer(add_completion=False)
veto = typer.Typer(add_completion=False)


@retry.command("retry")
def _retry(name: Name, step: Step = "", reason: Reason = "", plan: Plan = "", output: Output = Format.TEXT) -> None:
    """Try the step that waits for a person once more; while a plan refuses itself, look and plan anew."""
    _decide(name, DecisionKind.RETRY, output, step=step, reason=reason, plan=plan)


@skip.command("skip")
def _skip(
    name: Name,
    reason: Annotated[str, typer.Option(help="Why it may be skipped: it is kept in the run's record.")],
    step: Step = "",
    plan: Plan = "",
    output: Output = Format.TEXT,
) -> None:
    """Go on without the step that waits. The run can then end no better than applied, not confirmed."""
    _decide(name, DecisionKind.SKIP, output, step=step, reason=reason, plan=plan)


@veto.command("veto")
def _veto(
    name: Name,
    reason: Annotated[str, typer.Option(help="Why it must not go on: it is kept in the run's record.")],
    plan: Plan = "",
    output: Output = Format.TEXT,
) -> None:
    """Stop a plan that goes on by itself when nobody objects: the run ends and nothing is changed."""
    _decide(name, DecisionKind.VETO, output, reason=reason, plan=plan)
