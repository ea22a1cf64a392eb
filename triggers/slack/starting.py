"""Starting what was asked for in a modal, and saying so where it was asked."""

from collections.abc import Sequence

from activities.slack.words import upper
from runbooks.drills import DrillInput
from runbooks.evacuation import EvacuateInput
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.readiness import Grade, ReadinessInput, ReadinessState, score
from runbooks.runs import Trigger
from triggers.asking import books_in, run_request, way_home
from triggers.composite import start_drill, start_evacuation, start_readiness
from triggers.errors import UnclearError
from triggers.joining import another, beginning
from triggers.look import result_of
from triggers.slack.filled import Filled
from triggers.slack.people import Person
from triggers.slack.reply import ours
from triggers.slack.room import Heard, Room, trigger
from triggers.start import start_run

_SEE = "`/evac status {name}`"


async def start(room: Room, heard: Heard, read: LoadedRunbook, asked: Trigger, filled: Filled) -> None:
    """Start a procedure of one runbook, or join what is going. Raises UnclearError, RPCError."""
    await check_may_start(room, heard.person)
    if asked.procedure is Procedure.DRILL:
        await _drill(room, heard, read, asked, filled)
        return
    source, target = filled.source, filled.target
    if asked.procedure is Procedure.FAILBACK:
        source, target = await way_home(read.runbook, source, target)
    if source is None:
        message = f"say which region of {read.runbook.name} is left"
        raise UnclearError(message)
    more = {"source": source, "target": target, "accept": filled.accept, "force": filled.force}
    request = run_request(read, asked.model_copy(update=more))
    started = await start_run(room.temporal, room.settings, request)
    why_not = another(request, started, _SEE)
    if why_not is not None:
        await heard.reply.alone(ours(upper(why_not)))
    else:
        await heard.reply.publicly(f"<@{heard.person.user}>  {_arrow(beginning(request, started, _SEE))}{_why(filled)}")


async def _drill(room: Room, heard: Heard, read: LoadedRunbook, asked: Trigger, filled: Filled) -> None:
    request = DrillInput(
        runbook=read.runbook,
        text=read.text,
        mode=filled.mode,
        source=filled.source,
        target=filled.target,
        accept=filled.accept,
        trigger=asked,
    )
    begun = await start_drill(room.temporal, room.settings, request)
    name = read.runbook.name
    what = f"{request.the_mode} drill of {name}"
    if begun.joined:
        await heard.reply.alone(ours(f"A drill of {name} is going already; nothing else was started"))
    else:
        told = f"<@{heard.person.user}>  started: {ours(what)}, out of {ours(request.home)}; see `/evac status {name}`"
        await heard.reply.publicly(told + _why(filled))


async def evacuate(room: Room, heard: Heard, read: Sequence[LoadedRunbook], asked: Trigger, filled: Filled) -> None:
    """Start the evacuation of the region. Raises UnclearError, RPCError."""
    await check_may_start(room, heard.person)
    region = asked.source
    request = EvacuateInput(region=region, books=books_in(region, read), force=filled.force, trigger=asked)
    begun = await start_evacuation(room.temporal, room.settings, request)
    if begun.joined:
        await heard.reply.alone(ours(f"An evacuation of {region} is going already; nothing else was started"))
        return
    count = len(request.books)
    books = f"{count} runbook{'' if count == 1 else 's'}"
    told = f"<@{heard.person.user}>  started: evacuation of {ours(region)}, {books}; see `/evac status`"
    await heard.reply.publicly(told + _why(filled))


async def readiness(room: Room, heard: Heard, read: LoadedRunbook) -> None:
    """Make the readiness report, and tell whoever asked how it is. Raises RPCError, RunFailedError."""
    name = read.runbook.name
    asked = trigger(heard.person, Procedure.READINESS, heard.delivery)
    request = ReadinessInput(runbook=read.runbook, text=read.text, trigger=asked)
    begun = await start_readiness(room.temporal, room.settings, request)
    await heard.reply.alone(ours(f"Looking whether {name} could be moved now; nothing is changed."))
    await heard.reply.alone(readiness_text(await result_of(begun.handle)))


def readiness_text(state: ReadinessState) -> str:
    """The score, and each sentence that is not good, worst first."""
    made = state.report
    if made is None:
        return ours(f"*{state.runbook}*  no verdict: {state.message}")
    word = "ready" if made.ready else "NOT READY"
    lines = [f"*{state.runbook}*  {word}, {score(made, made.at)} of 100"]
    worst = sorted((one for one in made.findings if one.grade is not Grade.OK), key=lambda one: _WORST[one.grade])
    lines += [f"•  *{one.grade}* {one.topic}: {ours(one.sentence)}" for one in worst]
    return "\n".join(lines)


_WORST = {Grade.BAD: 0, Grade.UNKNOWN: 1, Grade.WARN: 2}


async def check_may_start(room: Room, person: Person) -> None:
    """Raises UnclearError with why this person may start nothing."""
    why_not = await room.people.may_start(person)
    if why_not is not None:
        raise UnclearError(why_not)


def _arrow(text: str) -> str:
    return ours(text.replace("->", "→"))


def _why(filled: Filled) -> str:
    return f"\n> {ours(filled.reason)}" if filled.reason else ""
