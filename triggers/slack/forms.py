"""The modals: what is asked before something is started or said, with what it does. Pure."""

from collections.abc import Sequence

from activities.slack.blocks import Block, foreign, section, sections
from activities.slack.ids import Asked
from runbooks.durations import duration
from runbooks.evacuation import waves
from runbooks.models import Procedure, Runbook
from runbooks.outlook import if_aborted
from runbooks.runs import DecisionKind, RunInput, RunState
from runbooks.values import Model
from triggers.describe import DRILL_CONSEQUENCES, approvals, consequences, way
from triggers.slack.inputs import modal, radio, select, tick, words

START, CHOOSE, EVACUATE, SAY = "evac.start", "evac.choose", "evac.evacuate", "evac.say"
RISKY = frozenset({Procedure.FAILOVER, Procedure.FAILBACK})
"""What can lose data wants the name of a region, typed."""
_THE_REGION = "the region that is left"
_MODES = {"full": "full: really move out, soak, and come home", "isolated": "isolated: rehearse on copies aside"}


class Form(Model):
    """What a modal carries along until it is sent off."""

    procedure: Procedure = Procedure.FAILOVER
    runbook: str = ""
    region: str = ""
    channel: str = ""
    response_url: str = ""


class Saying(Model):
    """A decision whose reason is asked for."""

    kind: DecisionKind
    asked: Asked
    response_url: str = ""


def loading(title: str) -> Block:
    """Shown at once: Slack gives three seconds, and looking may take longer."""
    return modal(title, [section("Looking …")])


def notice(title: str, text: str) -> Block:
    """Nothing can be filled in, and why."""
    return modal(title, [section(foreign(text))])


def choose(form: Form, books: Sequence[Runbook]) -> Block:
    """Which runbook is meant."""
    title = form.procedure.capitalize()
    blocks = [select("runbook", "Runbook", [book.name for book in books])]
    return modal(title, blocks, callback=CHOOSE, metadata=form.model_dump_json(), submit="Next")


def start(form: Form, request: RunInput, *, known: bool, mode: str = "") -> Block:
    """A procedure of one runbook. `known`: the request says which region is left; else it is asked."""
    book, procedure = request.runbook, request.procedure
    told = request if known else request.model_copy(update={"source": _THE_REGION})
    blocks = [*_does(told), *_regions(request, known=known)]
    if procedure is Procedure.DRILL:
        blocks.append(radio("mode", "How", _MODES, mode or book.policy.drill.mode))
    blocks.append(words("reason", "Why", "It is kept in the run's record."))
    accept = "Names of risks, such as loss:vector-db; the plan says them when it refuses itself."
    blocks.append(words("accept", "Accepted beforehand", accept))
    if procedure is Procedure.FAILOVER:
        blocks.append(tick("force", "Without looking", "Go on even if the region does not look down"))
    if procedure in RISKY:
        meant = "left" if procedure is Procedure.FAILOVER else "rebuilt (home)"
        blocks.append(words("typed", f"Type the name of the region that is {meant}", optional=False, most=100))
    return modal(
        procedure.capitalize(),
        blocks,
        callback=START,
        metadata=form.model_dump_json(),
        submit=f"Start the {procedure}"[:24],
    )


def _regions(request: RunInput, *, known: bool) -> list[Block]:
    regions = list(request.runbook.regions)
    source = request.source if known else None
    found_out = {Procedure.FAILBACK: "none: found out", Procedure.DRILL: "none: the active one"}
    best = "none: home" if request.procedure is Procedure.FAILBACK else "none: the best target"
    return [
        select("source", "From", regions, source, found_out.get(request.procedure, "")),
        select("target", "To", regions, request.target, best),
    ]


def _does(request: RunInput) -> list[Block]:
    """What it does to writes and data, and whose approval its plan then needs."""
    sentences = consequences(request)
    if request.procedure is Procedure.DRILL:
        soak = f"Soak: it serves from elsewhere for {duration(request.runbook.policy.drill.soak)}, and then comes home."
        sentences = (*DRILL_CONSEQUENCES, soak, "An isolated one touches neither traffic nor writers.")
    else:
        sentences = (*sentences, f"Its plan then needs {approvals(request)}.")
    title = f"*{request.procedure.capitalize()} of {request.runbook.name}*"
    moves = "" if request.source == _THE_REGION else f", {way(request).replace('->', '→')}"
    return sections([f"{title}{moves}", *(f"•  {foreign(sentence)}" for sentence in sentences)])


def evacuate(form: Form, books: Sequence[Runbook]) -> Block:
    """Every runbook out of one region. Raises EvacuationError when there is no order."""
    region = form.region
    lines = [f"*Evacuation of {foreign(region)}*, each runbook by a failover of its own:"]
    for number, wave in enumerate(waves(books, region), 1):
        lines.append(f"•  wave {number}: {foreign(', '.join(wave))}")
    lines.append(
        f"•  Data: what {foreign(region)} had not copied is LOST; over its RPO a runbook's plan refuses itself."
    )
    blocks = [
        *sections(lines),
        words("reason", "Why", "It is kept in every run's record."),
        tick("force", "Without looking", "Go on even if the region does not look down"),
        words("typed", "Type the name of the region that is left", optional=False, most=100),
    ]
    return modal("Evacuate", blocks, callback=EVACUATE, metadata=form.model_dump_json(), submit="Start it")


_ASKS = {
    DecisionKind.REJECT: ("Reject", "The run ends, and nothing is changed."),
    DecisionKind.VETO: ("Veto", "The plan does not go on by itself: the run ends, and nothing is changed."),
    DecisionKind.SKIP: ("Skip", "The run can then end no better than applied, not confirmed."),
    DecisionKind.ABORT: ("Abort", "No further step is started."),
}
REASONED = frozenset({DecisionKind.REJECT, DecisionKind.VETO, DecisionKind.SKIP})
"""A person who says these says why."""


def say(saying: Saying, state: RunState | None = None) -> Block:
    """Why a person says this; an abort tells what it would do."""
    verb, does = _ASKS[saying.kind]
    would = if_aborted(state) if state is not None and saying.kind is DecisionKind.ABORT else None
    step = f" {saying.asked.step} of" if saying.asked.step else ""
    lines = [f"*{verb}{foreign(step)} {saying.asked.runbook}*", does]
    lines += [foreign(f"An abort {would}.")] if would else []
    must = saying.kind in REASONED
    blocks = [section("\n".join(lines)), words("reason", "Why", "It is kept in the run's record.", optional=not must)]
    return modal(verb, blocks, callback=SAY, metadata=saying.model_dump_json(), submit=verb)
