"""The first page: every runbook with its regions, how ready it is, when it was last drilled, and what goes on. Pure."""

from collections.abc import Iterable, Sequence

from audit.shelf import Kept
from runbooks.alerts import AlertsState
from runbooks.awaited import awaited
from runbooks.durations import duration
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure, Runbook
from runbooks.readiness import ReadinessReport, ReadinessState, score
from runbooks.runs import RunState, Status
from runbooks.steps import Verb
from runbooks.telling import headline, message
from runbooks.values import Model
from triggers.composite import STATES
from triggers.console.works import work
from triggers.overview import Overview, Seen

DAY = 86400.0
STALE = 90 * DAY
"""A drill that is older proves little: systems change."""
_DONE = frozenset({Status.DONE, Status.UNCHANGED})


class RegionRow(Model):
    """One region. `writer`: the resources that take writes there, by the records; empty: no record says so."""

    name: str
    role: str
    traffic: int
    writer: str = ""


class Age(Model):
    """How long ago something was proved, in words; `late`: too long, or never."""

    words: str
    late: bool = False


class Going(Model):
    """Something that goes on now."""

    what: str
    word: str
    sentence: str
    awaited: str = ""
    link: str = ""


class BookRow(Model):
    """One runbook."""

    name: str
    description: str = ""
    regions: tuple[RegionRow, ...] = ()
    score: int | None = None
    ready: bool | None = None
    scored: Age
    drilled: Age
    going: tuple[Going, ...] = ()


def book_row(
    read: LoadedRunbook, records: Sequence[Kept], readiness: ReadinessReport | None, going: Sequence[Going], now: float
) -> BookRow:
    """What is known of the runbook."""
    book = read.runbook
    own = [one for one in records if one.subject == book.name]
    proved = readiness if readiness is not None else report_in(own)
    return BookRow(
        name=book.name,
        description=book.description,
        regions=regions(book, own),
        score=None if proved is None else score(proved, now),
        ready=None if proved is None else proved.ready,
        scored=Age(words="never looked at", late=True) if proved is None else age(proved.at, now, 7 * DAY),
        drilled=last_drill(own, now),
        going=tuple(going),
    )


def regions(book: Runbook, own: Sequence[Kept]) -> tuple[RegionRow, ...]:
    """As declared, and whose writers each has by the records."""
    at = writers(own)
    return tuple(
        RegionRow(
            name=name,
            role=region.role.value,
            traffic=region.traffic,
            writer=", ".join(resource for resource in book.resources if at.get(resource) == name),
        )
        for name, region in book.regions.items()
    )


def writers(own: Iterable[Kept]) -> dict[str, str]:
    """The region to which the newest run took the writer of each resource. What moved without a record is not seen."""
    found: dict[str, str] = {}
    for one in own:
        if one.state is None or one.state.plan is None or one.state.procedure is Procedure.DRILL:
            continue  # a rehearsal promotes copies
        done = {step.id for step in one.state.steps if step.status in _DONE}
        for step in one.state.plan.steps:
            if step.verb is Verb.PROMOTE and step.id in done:
                found.setdefault(step.resource, step.region)
    return found


def report_in(own: Iterable[Kept]) -> ReadinessReport | None:
    """The newest readiness report among the records."""
    for one in own:
        if one.call is not None and one.call.procedure is Procedure.READINESS:
            return ReadinessState.model_validate(one.call.report).report
    return None


def last_drill(own: Iterable[Kept], now: float) -> Age:
    """How long ago a drill passed."""
    for one in own:
        if one.call is not None and one.call.procedure is Procedure.DRILL and one.call.passed:
            return age(one.call.ended_at, now, STALE)
    return Age(words="no drill has passed", late=True)


def age(at: float, now: float, stale: float) -> Age:
    """How long ago, and whether that is too long."""
    spent = max(0.0, now - at)
    days = int(spent // DAY)
    words = f"{days} day{'' if days == 1 else 's'} ago" if days else f"{duration(spent)} ago"
    return Age(words=words, late=spent > stale)


def going_of(seen: Seen, now: float) -> Going:
    """One thing that goes on, as the command line says it."""
    kind = seen.execution.kind
    link = link_to(kind, seen.subject)
    what = "evacuation" if kind == Procedure.EVACUATE else kind.replace("-", " ")
    if isinstance(seen.state, RunState):
        state = seen.state
        return Going(
            what=f"{state.procedure} {state.source} -> {state.target or 'not chosen yet'}",
            word=headline(state),
            sentence=message(state),
            awaited=awaited(state, now),
            link=link,
        )
    if isinstance(seen.state, Exception):
        return Going(what=what, word="UNKNOWN", sentence=str(seen.state), link=link)
    shown = work(seen.state, now)
    return Going(what=what, word=shown.word, sentence=shown.message, awaited=shown.awaited, link=link)


def _firing(subject: str, state: AlertsState) -> Going:
    """Alerts that stand, and what was decided last."""
    count = len(state.standing)
    last = state.decisions[-1] if state.decisions else None
    sentence = "" if last is None else f"{last.region}: {last.action}: {'; '.join(last.reasons)}"
    word = f"{count} ALERT{'' if count == 1 else 'S'} FIRING"
    return Going(what=f"alerts of {subject}", word=word, sentence=sentence)


def link_to(kind: str, subject: str) -> str:
    """The page of what goes on, by the type of its workflow."""
    if kind == Procedure.EVACUATE:
        return f"/evacuations/{subject}"
    return f"/runbooks/{subject}/{kind}" if kind in STATES else f"/runs/{subject}"


def going_by_name(found: Overview, now: float) -> dict[str, list[Going]]:
    """What goes on, by the runbook (or the region of an evacuation)."""
    by_name: dict[str, list[Going]] = {}
    for seen in (*found.runs, *found.others):
        by_name.setdefault(seen.subject, []).append(going_of(seen, now))
    for seen in found.alerts:
        if isinstance(seen.state, AlertsState):
            by_name.setdefault(seen.subject, []).append(_firing(seen.subject, seen.state))
    return by_name
