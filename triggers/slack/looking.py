"""Answers to those who only look: help, list, status, plan."""

import time
from collections.abc import Sequence

from activities.slack.blocks import Block, foreign, plainly, section
from activities.slack.render import run_message, summary
from activities.slack.words import kind, route, upper
from runbooks.awaited import awaited
from runbooks.controls import engaged_sentence
from runbooks.drills import DrillState
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.plan import Plan
from runbooks.readiness import ReadinessState
from runbooks.render import plan_lines, text_of
from runbooks.runs import RunState
from runbooks.stakes import time_left
from runbooks.telling import headline, message
from runbooks.watches import WatchState
from runbooks.words import day
from triggers.asking import homes, only, run_request
from triggers.overview import Overview, Seen, everything, of_name
from triggers.slack.reply import Reply, ours
from triggers.slack.room import Heard, Room, trigger
from triggers.slack.said import DECIDE, LOOK, START, Said, Usage
from worker.observe import plan_now

_LONGEST_PLAN = 11_000


def help_text() -> str:
    """All that can be said."""
    parts = (("*Look* (nothing is changed)", LOOK), ("*Start* (a form asks first)", START), ("*Say to a run*", DECIDE))
    told = "\n\n".join(f"{title}\n{_usages(usages)}" for title, usages in parts)
    return (
        f"{told}\n\nThe runbook may be left out when there is only one. A run's own message has buttons for the same."
    )


def _usages(usages: Sequence[Usage]) -> str:
    return "\n".join(f"•  `/evac {usage.written}`  {usage.does}" for usage in usages)


async def tell_list(room: Room, books: Sequence[LoadedRunbook], reply: Reply) -> None:
    """Each runbook, where it serves, and what it does now."""
    found = await everything(room.temporal, room.settings)
    now = time.time()
    lines = []
    for read in books:
        book = read.runbook
        going = [in_short(seen, now) for seen in (*found.runs, *found.others) if seen.subject == book.name]
        regions = f"{', '.join(homes(book))} (of {', '.join(book.regions)})"
        lines.append(f"*{book.name}*  {ours(regions)}\n      {'; '.join(going) or 'nothing is going'}")
    lines += [f"Not usable: {ours(trouble.said)}" for trouble in room.library.troubles]
    await reply.alone("\n".join(lines) or "This server has no runbook: see `runbooks:` in its file.")


async def tell_status(room: Room, name: str, reply: Reply) -> None:
    """One runbook's newest run with its buttons, and what else it has; without a name, all that goes on."""
    now = time.time()
    if name:
        found = await of_name(room.temporal, room.settings, name)
        run = next((seen.state for seen in found.runs if isinstance(seen.state, RunState)), None)
        lines = [*switches(found), *(short(seen, now) for seen in _beside(found, run))]
        if run is not None:
            shown = run_message(run, now)
            await reply.alone(shown.text, shown.blocks)
        elif not lines:
            lines = [f"No run of {name} is known."]
    else:
        found = await everything(room.temporal, room.settings)
        lines = [*switches(found), *(short(seen, now) for seen in (*found.others, *found.runs))]
        lines = lines or ["Nothing is going."]
    if lines:
        await reply.alone("\n".join(lines))


def _beside(found: Overview, run: RunState | None) -> list[Seen]:
    """What is said beside the run's own message: what goes on, and all of the rest when there is none."""
    rest = [*found.others, *(seen for seen in found.runs if seen.state is not run), *found.detectors]
    return [seen for seen in rest if seen.execution.open or run is None]


def switches(found: Overview) -> list[str]:
    """The engaged kill switches."""
    return [f"*KILL SWITCH*  {ours(engaged_sentence(switch))}, since {day(switch.at)}" for switch in found.switches]


def in_short(seen: Seen, now: float) -> str:
    """What goes on, where there is little room."""
    return brief(seen.state, now) if isinstance(seen.state, RunState) else short(seen, now)


def brief(state: RunState, now: float) -> str:
    """How a run stands, where its buttons say the rest."""
    held = " (ON HOLD)" if state.held and state.outcome is None else ""
    what = upper(awaited(state, now) or message(state) or "it begins")
    return f"{kind(state)}, {route(state)}: *{headline(state)}*{held}. {foreign(what)}. {upper(time_left(state, now))}"


def short(seen: Seen, now: float) -> str:
    """What goes on, or how it ended, in a line."""
    state = seen.state
    if isinstance(state, RunState):
        return foreign(summary(state, now))
    if isinstance(state, Exception):
        return ours(f"{seen.execution.kind.capitalize()} of {seen.subject}: its state cannot be told now ({state})")
    if isinstance(state, WatchState):
        return f"The detector of {seen.subject} is armed"
    what = f"{seen.execution.kind} of {seen.subject}"
    ended = isinstance(state, DrillState | ReadinessState) and state.ended_at is not None
    return ours(upper(f"{what}{' (ended)' if ended else ''}: {state.message or 'it begins'}"))


async def tell_plan(room: Room, heard: Heard, said: Said) -> None:
    """What a failover would do now. Nothing is changed. Raises UnclearError."""
    read = await room.book(said.runbook)
    book = read.runbook
    several = f"{book.name} has several active regions: say `from`"
    source = said.source or only(homes(book), several)
    asked = trigger(heard.person, Procedure.FAILOVER, heard.delivery, source=source, target=said.target)
    answer = await plan_now(run_request(read, asked))
    if answer.plan is None:
        await heard.reply.alone(ours(upper(answer.error or "no plan can be made")))
        return
    title = f"What a failover of {book.name} out of {source} would do now; nothing is started."
    await heard.reply.alone(title, plan_blocks(title, answer.plan))


def plan_blocks(title: str, plan: Plan) -> list[Block]:
    """The plan as text of fixed width: what may be lost stands at its top."""
    text = text_of(plan_lines(plan)).rstrip("\n")
    text = text if len(text) <= _LONGEST_PLAN else f"{text[:_LONGEST_PLAN]}\n… `evac plan` shows all of it"
    lines = "\n".join(plainly(line) for line in text.replace("->", "→").splitlines())
    fixed: Block = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": lines}]}
    return [
        section(foreign(title)),
        {"type": "rich_text", "elements": [fixed]},
    ]
