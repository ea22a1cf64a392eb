"""What the detector, or what weighs alerts, has to tell: a story, decisions with reasons, and notices to people."""

from collections.abc import Mapping

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.alerts import AlertsInput
    from runbooks.detection import Words
    from runbooks.objection import Action, WatchDecision
    from runbooks.runs import RunEvent
    from runbooks.watches import WatchInput
    from workflows.decided import Decided
    from workflows.notices import Notices
    from workflows.story import Story

_EVENTS = 200
"""How many of the newest sentences of the story are kept."""
_SAID: dict[Action, str] = {
    "started": "down, a failover was started",
    "joined": "down, handed to the run that is going",
    "vetoed": "down, and nothing is started",
    "dwelling": "down, waiting",
    "reported": "down, reported only",
    "nothing": "nothing is done",
}


class Chronicle:
    """Begins with what an earlier leg has left. `said`: how each decision is told."""

    def __init__(self, armed: WatchInput | AlertsInput, said: Mapping[Action, str] = _SAID) -> None:
        self._said = said
        info = workflow.info()
        self._story = Story(list(armed.events))
        self._decided = Decided(armed.decisions, armed.decided)
        self._notices = Notices(armed.runbook, info.run_id, int(info.workflow_start_time.timestamp() * 1000))

    @property
    def events(self) -> tuple[RunEvent, ...]:
        """The newest sentences."""
        return tuple(self._story.events)

    @property
    def decisions(self) -> tuple[WatchDecision, ...]:
        """The newest decisions."""
        return tuple(self._decided.newest)

    @property
    def decided(self) -> int:
        """How many decisions there were in all."""
        return self._decided.count

    def calm(self, region: str) -> tuple[str, ...]:
        """Why nothing is done about a region that nothing is said against, if something was."""
        return self._decided.calm(region)

    def open(self, region: str) -> bool:
        """What was decided of the region last leaves it open what becomes of it."""
        return self._decided.open(region)

    def decide(self, seen: Words, action: Action, reasons: tuple[str, ...], vetoes: tuple[str, ...] = ()) -> None:
        """Keep what was decided about a region that such words were said of."""
        self.keep(seen.region, action, reasons, vetoes, seen.seen_by)

    def keep(
        self,
        region: str,
        action: Action,
        reasons: tuple[str, ...],
        vetoes: tuple[str, ...] = (),
        seen_by: tuple[str, ...] = (),
    ) -> None:
        """Keep the decision, if it is news. People are told of what was not done although enough wanted it."""
        decision = WatchDecision(
            at=workflow.time(), region=region, action=action, reasons=reasons, vetoes=vetoes, seen_by=seen_by
        )
        if not self._decided.keep(decision):
            return
        text = f"{region}: {self._said[action]}: {'; '.join(reasons)}"
        self.tell(text)
        if action in {"vetoed", "reported"}:
            self._notices.send(text)

    def tell(self, text: str) -> None:
        """Keep the sentence, and show it in Temporal's own page."""
        self._story.tell(workflow.time(), text)
        del self._story.events[:-_EVENTS]
        workflow.set_current_details(self._story.markdown())

    async def settled(self) -> None:
        """Wait a little for the notices that are still on their way."""
        await self._notices.settled()
