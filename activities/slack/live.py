"""A run's live message in Slack: rendered from the run's state again and again, so that whatever was lost heals."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from activities.clients.slack import Channel, GoneError
from activities.slack.blocks import Message, fallback, sections
from activities.slack.ids import EVENT_TYPE
from activities.slack.render import needs_a_person, run_message, summary
from activities.slack.report import own_events, report, thread_lines
from runbooks.awaited import standing, waiting
from runbooks.runs import Phase, RunEvent, RunState
from runbooks.values import Model

TOLD = "evac_told"
"""The `metadata.event_type` of what stands in the thread; its payload is the `Bookmark` after it."""

_REFRESH, _SLOWEST = 5.0, 60.0
"""Seconds after which times are shown anew while nothing happens; ever more rarely the longer that lasts."""
_SHARE = 0.05
_AT_ONCE = 40
"""So many lines go in one answer."""


class Bookmark(Model):
    """What people have been shown: a hint in the heartbeats, and exactly so in the thread's metadata."""

    parent: str = ""
    told: int = 0
    """So many events stand in the thread."""
    asked: str = ""
    """What somebody was last asked aloud."""
    reported: bool = False


@dataclass
class Live:
    """One run's message in one channel. `keep` is given every new bookmark."""

    channel: Channel
    run: str
    workflow: str
    keep: Callable[[Bookmark], None]
    mark: Bookmark = field(default_factory=Bookmark)
    clock: Callable[[], float] = time.monotonic
    _resumed: bool = False
    _shown: RunState | None = None
    _message: Message | None = None
    _events: tuple[RunEvent, ...] = ()
    _edited_at: float = 0.0
    _changed_at: float = 0.0

    async def show(self, state: RunState, now: float, *, closed: bool) -> bool:
        """Bring what people see up to date; whether that is all that they will ever be shown. Raises StepError."""
        await self._resume(state)
        await self._parent(state, now, closed=closed)
        await self._story(state, closed=closed)
        await self._ask(state, now)
        if not closed:
            return False
        if not self.mark.reported:
            await self._say(report(state), {"reported": True}, aloud=True)
        return True

    async def _resume(self, state: RunState) -> None:
        """Find what another worker posted: its last words may have been lost with it."""
        if self._resumed:
            return
        parent = self.mark.parent or await self.channel.find(self._metadata(), state.started_at)
        if parent:
            try:
                said = await self.channel.answers(parent, TOLD)
            except GoneError:
                parent, said = "", []
            mark = Bookmark.model_validate(said[-1]) if said else self.mark
            self._note(mark.model_copy(update={"parent": parent}))
        self._resumed = True

    async def _parent(self, state: RunState, now: float, *, closed: bool) -> None:
        """Post the message, or change it when it is due."""
        if self._shown is not None and state != self._shown:
            self._changed_at = self.clock()
        if self.mark.parent and not self._due(state, closed=closed):
            return
        message = run_message(state, now)
        if message != self._message or not self.mark.parent:
            try:
                await self._post_or_change(message, state)
            except GoneError:  # deleted by somebody: the run is still going, so it is posted anew
                self._note(Bookmark())
                await self._post_or_change(message, state)
        self._shown, self._message = state, message
        self._edited_at = self.clock()

    def _due(self, state: RunState, *, closed: bool) -> bool:
        if state != self._shown:
            return True
        quiet = (self.clock() - self._changed_at) * _SHARE
        return not closed and self.clock() - self._edited_at >= min(_SLOWEST, max(_REFRESH, quiet))

    async def _post_or_change(self, message: Message, state: RunState) -> None:
        if self.mark.parent:
            await self.channel.change(self.mark.parent, message)
            return
        parent = await self.channel.post(message, self._metadata())
        self._note(Bookmark(parent=parent, asked=_question(state)))  # a new message is heard by itself

    async def _story(self, state: RunState, *, closed: bool) -> None:
        """What has happened since, in the thread.

        A query may see what the run has not taken in yet, in an order that does not stay: an event is told when
        it has been seen twice at its place, or when the run is over.
        """
        events, before = tuple(own_events(state)), self._events
        self._events = events
        sure = next((n for n, (old, new) in enumerate(zip(before, events, strict=False)) if old != new), len(before))
        lines = thread_lines(state)[: len(events) if closed else min(sure, len(events))][self.mark.told :]
        while lines:
            part, lines = lines[:_AT_ONCE], lines[_AT_ONCE:]
            told = self.mark.told + len(part)
            text = fallback("; ".join(event.text for event in events[self.mark.told : told]))
            await self._say(Message(text=text, blocks=tuple(sections(part))), {"told": told})

    async def _ask(self, state: RunState, now: float) -> None:
        """Slack rings nobody for an edit: what needs a person is said aloud, once."""
        question = _question(state)
        if question == self.mark.asked:
            return
        if question:
            text = fallback(summary(state, now))
            await self._say(Message(text=text, blocks=tuple(sections([text]))), {"asked": question}, aloud=True)
        else:
            self._note(self.mark.model_copy(update={"asked": ""}))

    async def _say(self, message: Message, changes: dict[str, Any], *, aloud: bool = False) -> None:
        mark = self.mark.model_copy(update=changes)
        metadata = {"event_type": TOLD, "event_payload": mark.model_dump(mode="json")}
        try:
            await self.channel.post(message, metadata, thread=mark.parent, aloud=aloud)
        except GoneError:
            self._note(Bookmark())  # the next look posts it anew, with all of its thread
            self._shown = None
            raise
        self._note(mark)

    def _note(self, mark: Bookmark) -> None:
        self.mark = mark
        self.keep(mark)

    def _metadata(self) -> dict[str, Any]:
        return {"event_type": EVENT_TYPE, "event_payload": {"run": self.run, "workflow": self.workflow}}


def _question(state: RunState) -> str:
    """What is asked of people, so that the same is not asked twice; empty when nothing is."""
    if not needs_a_person(state):
        return ""
    about = [step.id for step in waiting(state)]
    if state.phase is Phase.PLANNING:  # it is planned anew again and again: only another reason is another question
        about += sorted({refusal.name or "blocked" for refusal in standing(state)})
    elif state.phase is Phase.AWAITING_APPROVAL:
        about.append(state.checksum[:12])
    return f"{state.phase}/{','.join(about)}{'/held' if state.held else ''}"
