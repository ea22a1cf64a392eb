"""`/evac ...`: each verb to what it does. What starts something opens a modal first."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from slack_sdk.errors import SlackApiError
from temporalio.service import RPCError

from activities.slack.blocks import Block
from activities.slack.ids import Asked
from activities.slack.words import upper
from runbooks.evacuation import EvacuationError
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.runs import DecisionKind
from triggers.asking import books_in, homes, run_request, way_home
from triggers.errors import TriggerError, UnclearError
from triggers.look import run_state
from triggers.slack import forms
from triggers.slack.deciding import instead, say
from triggers.slack.forms import REASONED, Form, Saying
from triggers.slack.guard import guarded
from triggers.slack.looking import help_text, tell_list, tell_plan, tell_status
from triggers.slack.people import Person
from triggers.slack.reply import NO_SLACK, ours
from triggers.slack.room import Heard, Room, named, trigger
from triggers.slack.said import Said, Word, understand
from triggers.slack.starting import check_may_start, readiness

_PROCEDURES = frozenset({Word.FAILOVER, Word.SWITCHOVER, Word.FAILBACK, Word.DRILL})
_DECISIONS = frozenset(kind.value for kind in DecisionKind)


async def command(room: Room, heard: Heard, text: str) -> None:
    """Answer a command; it was acknowledged already."""
    try:
        said = understand(text, [read.runbook for read in await room.books()])
    except UnclearError as error:
        await heard.reply.alone(ours(upper(str(error))))
        return
    await guarded(heard.reply, _instead(said), _answer(room, heard, said))


async def _answer(room: Room, heard: Heard, said: Said) -> None:
    reply = heard.reply
    if said.word is Word.HELP:
        await reply.alone(help_text())
    elif said.word is Word.LIST:
        await tell_list(room, await room.books(), reply)
    elif said.word is Word.STATUS:
        await tell_status(room, said.runbook, reply)
    elif said.word is Word.PLAN:
        await tell_plan(room, heard, said)
    elif said.word is Word.READINESS:
        await readiness(room, heard, await room.book(said.runbook))
    elif said.word in _PROCEDURES or said.word is Word.EVACUATE:
        await ask_start(room, heard, said)
    else:
        await _decide(room, heard, said)


async def ask_start(room: Room, heard: Heard, said: Said) -> None:
    """Open the form of what is to be started."""

    async def form() -> Block:
        await check_may_start(room, heard.person)
        return await _form(room, heard, said)

    await _ask(room, heard, said.word.capitalize(), form)


async def _ask(room: Room, heard: Heard, title: str, form: Callable[[], Awaitable[Block]]) -> None:
    """Open it empty at once, since Slack gives three seconds; fill it in as soon as it can be. Raises RPCError."""
    opened = await _opened(room, heard, forms.loading(title))
    if opened is None:
        return
    try:
        view = await form()
    except (TriggerError, EvacuationError) as error:
        view = forms.notice(title, upper(str(error)))
    except RPCError:
        await _show(room, opened, forms.notice(title, "Temporal does not answer."))
        raise
    await _show(room, opened, view)


async def _show(room: Room, opened: str, view: Block) -> None:
    try:
        await room.web.views_update(view_id=opened, view=view)
    except SlackApiError as error:
        if error.response["error"] != "not_found":  # then it was closed meanwhile
            raise


async def _opened(room: Room, heard: Heard, view: Block) -> str | None:
    """The id of the modal; None when Slack did not open it, and the person was told."""
    try:
        answer = await room.web.views_open(trigger_id=heard.trigger_id, view=view)
    except NO_SLACK:
        await heard.reply.alone("Slack did not open the form in time; say it once more.")
        return None
    return str(answer["view"]["id"])


async def _form(room: Room, heard: Heard, said: Said) -> Block:
    where = {"channel": heard.reply.channel, "response_url": heard.reply.response_url}
    if said.word is Word.EVACUATE:
        form = Form(procedure=Procedure.EVACUATE, region=said.region, **where)
        return forms.evacuate(form, [book.runbook for book in books_in(said.region, await room.books())])
    form = Form(procedure=Procedure(said.word.value), runbook=said.runbook, **where)
    books = await room.books()
    if not said.runbook:
        return forms.choose(form, [read.runbook for read in books])
    source, target = said.source, said.target
    if form.procedure is Procedure.FAILBACK:
        with suppress(UnclearError):  # then the person says it, or it is found out when it begins
            source, target = await way_home(named(books, form.runbook).runbook, source, target)
    return start_form(books, heard.person, form, source, target)


def start_form(
    books: Sequence[LoadedRunbook], person: Person, form: Form, source: str | None = None, target: str | None = None
) -> Block:
    """The form of one runbook's procedure, with what is known filled in. Raises UnclearError."""
    read = named(books, form.runbook)
    leaves = form.procedure in (Procedure.FAILOVER, Procedure.SWITCHOVER)
    if source is None and leaves and len(homes(read.runbook)) == 1:
        source = homes(read.runbook)[0]
    if target is None and form.procedure is Procedure.FAILBACK and len(homes(read.runbook)) == 1:
        target = homes(read.runbook)[0]
    asked = trigger(person, form.procedure, "form", source=source or "", target=target)
    return forms.start(form, run_request(read, asked), known=source is not None)


async def _decide(room: Room, heard: Heard, said: Said) -> None:
    """Say it to the run; what needs a reason, or must be seen first, is asked for."""
    kind = DecisionKind(said.word.value)
    name, rest = said.runbook, said.rest
    shows = kind is DecisionKind.ACCEPT or (kind is DecisionKind.APPROVE)
    if shows and not rest:
        await tell_status(room, name, heard.reply)
        return
    step, reason = await _step(room, kind, said)
    if (kind in REASONED or kind is DecisionKind.ABORT) and not reason:
        await ask_why(room, heard, kind, Asked(runbook=name, step=step))
        return
    for number, asked in enumerate(_asked(kind, name, step, rest)):
        each = replace(heard, delivery=f"{heard.delivery}:{number}") if number else heard
        await say(room, each, kind, asked, reason)


def _asked(kind: DecisionKind, name: str, step: str, rest: tuple[str, ...]) -> list[Asked]:
    if kind is DecisionKind.ACCEPT:
        return [Asked(runbook=name, accept=one) for one in rest]
    return [Asked(runbook=name, step=step, checksum=rest[0].lower() if kind is DecisionKind.APPROVE else "")]


async def _step(room: Room, kind: DecisionKind, said: Said) -> tuple[str, str]:
    """The step that is meant, where the first word is one, and the reason that the other words are."""
    words = said.rest
    if kind is DecisionKind.APPROVE:
        return "", " ".join(words[1:])
    if kind in (DecisionKind.RETRY, DecisionKind.SKIP) and words:
        state = await run_state(room.temporal, room.settings, said.runbook)
        if words[0] in {step.id for step in state.steps}:
            return words[0], " ".join(words[1:])
    return "", " ".join(words)


async def ask_why(room: Room, heard: Heard, kind: DecisionKind, asked: Asked) -> None:
    """Ask for the reason; an abort is asked about first, and says what it would do."""
    short = asked.model_copy(update={"loss": ()})
    saying = Saying(kind=kind, asked=short, response_url=heard.reply.response_url)

    async def form() -> Block:
        state = None
        with suppress(TriggerError):  # then nobody can tell what it would do, and it can be said nevertheless
            state = await run_state(room.temporal, room.settings, asked.runbook)
        return forms.say(saying, state)

    if kind is DecisionKind.ABORT:
        await _ask(room, heard, kind.capitalize(), form)
    else:
        await _opened(room, heard, forms.say(saying))


def _instead(said: Said) -> str:
    """The command that does the same where there is no Slack."""
    if said.word.value in _DECISIONS:
        kind = DecisionKind(said.word.value)
        checksum = said.rest[0] if kind is DecisionKind.APPROVE and said.rest else ""
        asked = Asked(runbook=said.runbook, checksum=checksum, accept=" ".join(said.rest))
        return instead(kind, asked, "" if kind is DecisionKind.APPROVE else " ".join(said.rest))
    if said.word is Word.EVACUATE:
        return f"evac evacuate {said.region} RUNBOOKS"
    if said.word in (Word.STATUS, Word.LIST):
        return f"evac status {said.runbook}".rstrip()
    file = f"{said.runbook}.yaml" if said.runbook else "RUNBOOK.yaml"
    regions = f" --from {said.source or 'REGION'}" if said.word in (Word.FAILOVER, Word.SWITCHOVER, Word.PLAN) else ""
    return f"evac {said.word} {file}{regions}"
