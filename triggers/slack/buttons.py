"""Buttons and modals that were sent off: what a person pressed or filled in, to what is said or started."""

from dataclasses import replace

from pydantic import JsonValue, ValidationError

from activities.slack.blocks import Block
from activities.slack.ids import Asked, kind_of
from runbooks.models import Procedure
from runbooks.runs import DecisionKind
from triggers.asking import books_in
from triggers.errors import UnclearError
from triggers.slack import filled, forms
from triggers.slack.commands import ask_start, ask_why, start_form
from triggers.slack.deciding import instead, say
from triggers.slack.forms import REASONED, Form, Saying
from triggers.slack.guard import guarded
from triggers.slack.inputs import values_of
from triggers.slack.people import Person
from triggers.slack.reply import ours
from triggers.slack.room import Heard, Room, named, trigger
from triggers.slack.said import Said, Word
from triggers.slack.starting import evacuate, readiness, start

OPEN = "evac.open."
"""A button of the home tab: `evac.open.<verb>`, with the runbook's name as its value."""


async def pressed(room: Room, heard: Heard, action: str, value: str) -> None:
    """A button. One that is nothing of ours, such as a link, asks for nothing."""
    kind = kind_of(action)
    if action.startswith(OPEN):
        await _opens(room, heard, Word(action.removeprefix(OPEN)), value)
    elif kind is not None:
        await _decides(room, heard, kind, value)


async def _opens(room: Room, heard: Heard, word: Word, name: str) -> None:
    work = _readiness(room, heard, name) if word is Word.READINESS else ask_start(room, heard, Said(word, name))
    await guarded(heard.reply, f"evac {word} {name}.yaml", work)


async def _readiness(room: Room, heard: Heard, name: str) -> None:
    await readiness(room, heard, await room.book(name))


async def _decides(room: Room, heard: Heard, kind: DecisionKind, value: str) -> None:
    try:
        asked = Asked.model_validate_json(value)
    except ValidationError:
        await heard.reply.alone("This button says something that this release of Evac does not understand.")
        return
    work = ask_why(room, heard, kind, asked) if kind in REASONED else say(room, heard, kind, asked)
    await guarded(heard.reply, instead(kind, asked), work)


async def check(room: Room, person: Person, view: dict[str, JsonValue]) -> Block | filled.Wrong | None:
    """What is answered at once, before anybody else is asked: what is wrong by field, the next modal, or nothing."""
    callback, given = view["callback_id"], values_of(view)
    if callback not in (forms.CHOOSE, forms.START, forms.EVACUATE):
        return None
    form = Form.model_validate_json(str(view["private_metadata"]))
    if callback == forms.CHOOSE:
        form = form.model_copy(update={"runbook": given.get("runbook", "")})
        return start_form(await room.books(), person, form)
    if callback == forms.EVACUATE:
        return filled.evacuation(form, given)[1] or None
    try:
        read = named(await room.books(), form.runbook)
    except UnclearError as error:
        return forms.notice("Evac", str(error))
    return filled.procedure(form, read.runbook, given)[1] or None


async def sent(room: Room, heard: Heard, view: dict[str, JsonValue]) -> None:
    """A modal that was sent off, and was right."""
    callback, metadata, given = view["callback_id"], str(view["private_metadata"]), values_of(view)
    if callback == forms.SAY:
        saying = Saying.model_validate_json(metadata)
        heard = replace(heard, reply=room.reply(heard.person.user, saying.response_url))
        work = say(room, heard, saying.kind, saying.asked, given.get("reason", ""))
        await guarded(heard.reply, instead(saying.kind, saying.asked, given.get("reason", "")), work)
        return
    form = Form.model_validate_json(metadata)
    heard = replace(heard, reply=room.reply(heard.person.user, form.response_url, form.channel))
    if callback == forms.EVACUATE:
        await guarded(heard.reply, f"evac evacuate {form.region} RUNBOOKS", _evacuate(room, heard, form, given))
    elif callback == forms.START:
        source = given.get("source") or "REGION"
        command = f"evac {form.procedure} {form.runbook}.yaml --from {source}"
        await guarded(heard.reply, command, _start(room, heard, form, given))


async def _start(room: Room, heard: Heard, form: Form, given: dict[str, str]) -> None:
    read = named(await room.books(), form.runbook)
    asked, _ = filled.procedure(form, read.runbook, given)
    wish = trigger(heard.person, form.procedure, heard.delivery, source=asked.source or "", reason=asked.reason)
    await start(room, heard, read, wish, asked)


async def _evacuate(room: Room, heard: Heard, form: Form, given: dict[str, str]) -> None:
    asked, _ = filled.evacuation(form, given)
    read = await room.books()
    if not books_in(form.region, read):
        await heard.reply.alone(ours(f"No runbook has a region {form.region} any more"))
        return
    wish = trigger(heard.person, Procedure.EVACUATE, heard.delivery, source=form.region, reason=asked.reason)
    await evacuate(room, heard, read, wish, asked)
