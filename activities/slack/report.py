"""The thread of a run's message: its story line by line, and the report at its end. Pure."""

from collections.abc import Sequence

from activities.slack.blocks import Message, fallback, foreign, sections
from activities.slack.render import summary
from activities.slack.words import at_stake, decided, named, proved
from runbooks.durations import duration
from runbooks.outlook import promoted
from runbooks.runs import RunEvent, RunState, Status
from runbooks.telling import headline, measured
from runbooks.words import clock

_DONE = frozenset({Status.DONE, Status.UNCHANGED})


def own_events(state: RunState) -> Sequence[RunEvent]:
    """The events of this run, without those that it took along from the one before."""
    return [event for event in state.events if event.at >= state.started_at]


def thread_lines(state: RunState) -> tuple[str, ...]:
    """The story of this run."""
    return tuple(f"`{clock(event.at)}`  {foreign(event.text)}" for event in own_events(state))


def report(state: RunState) -> Message:
    """How it ended, against what was promised."""
    lines = [f"*{headline(state)}*  {foreign(state.message)}"]
    lines += [f"*RTO*  {measured(state)}", f"*RPO*  {_against_rpo(state)}", *at_stake(state)]
    for label, status in (("skipped", Status.SKIPPED), ("taken back", Status.UNDONE), ("not run", Status.NOT_RUN)):
        steps = [step for step in state.steps if step.status is status]
        all_of_them = steps and len(steps) == len(state.steps)
        names = f"all {len(steps)} steps" if all_of_them else "; ".join(named(state, step) for step in steps)
        lines += [f"*{label}*  {names}"] if steps else []
    trusted = [step for step in state.steps if step.status in _DONE and not proved(step)]
    lines += [f"*not proved, accepted*  {'; '.join(named(state, step) for step in trusted)}"] if trusted else []
    lines += [decided(state)] if decided(state) else []
    lines.append(f"*record*  {foreign(state.record)}" if state.record else "*record*  it could not be written")
    return Message(text=fallback(summary(state, state.ended_at or state.started_at)), blocks=tuple(sections(lines)))


def _against_rpo(state: RunState) -> str:
    """The largest loss of any resource beside what was promised; what is not known is never taken for nothing."""
    promised = f"the RPO of {duration(state.rpo)}"
    if not promoted(state):
        return "nothing was moved, so nothing was lost"
    newest = {row.loss.resource: row.loss for row in state.losses}
    if not newest:
        return f"no loss was measured; {promised} was promised"
    unknown = [loss.resource for loss in newest.values() if loss.seconds is None]
    if unknown:
        return f"the loss of {foreign(', '.join(unknown))} could not be measured; {promised} was promised"
    worst = max(loss.seconds or 0.0 for loss in newest.values())
    lost = f"{duration(worst)} lost at most" if worst else "nothing lost"
    return f"{lost}, {'within' if worst <= state.rpo else 'OVER'} {promised}"
