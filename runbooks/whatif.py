"""What a recorded run would have been with another runbook: the same readings, planned and judged anew. Pure.

It changes one thing, the runbook, and answers for the decisions that were made. What would have happened after another
decision nobody recorded, so nothing is said of it.
"""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue, TypeAdapter, ValidationError

from runbooks.detection import words
from runbooks.durations import duration
from runbooks.estimate import Past, estimate
from runbooks.models import Approval, Runbook
from runbooks.plan import Plan
from runbooks.render import traffic_words
from runbooks.runs import DecisionKind, RunState, Verdict
from runbooks.values import Model
from runbooks.vetoes import Snapshot, objections


class Change(Model):
    """One thing that would be otherwise: `then` as it was, `now` as it would be; both sentences."""

    about: str
    then: str
    now: str


def changed(runbook: Runbook, settings: Sequence[str]) -> Runbook:
    """The runbook with each `dotted.key=value`. Raises ValueError with a sentence."""
    document: dict[str, JsonValue] = runbook.model_dump(mode="json")
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals:
            message = f"{setting} changes nothing: write it as objectives.rpo=5s"
            raise ValueError(message)
        _put(document, path.strip().split("."), _value(value.strip()))
    try:
        return Runbook.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"{where} cannot be so: {first['msg'].removeprefix('Value error, ')}"
        raise ValueError(message) from None


def _put(document: dict[str, JsonValue], path: list[str], value: JsonValue) -> None:
    inner: JsonValue = document
    for part in path[:-1]:
        inner = inner.get(part) if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or path[-1] not in inner:
        known = f"; there are {', '.join(inner)}" if isinstance(inner, dict) else ""
        message = f"the runbook has no setting {'.'.join(path)}{known}"
        raise ValueError(message)
    inner[path[-1]] = value


def _value(text: str) -> JsonValue:
    """A number, a list and so on as JSON has them; anything else is a word, such as `5s`."""
    adapter: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
    try:
        return adapter.validate_json(text)
    except ValidationError:
        return text


def of_plan(then: Plan | None, now: Plan | None, why_not: str | None, past: Past) -> list[Change]:
    """What differs between the plan that was made and the one that would be made."""
    if then is None or now is None:
        if then is now:
            return []
        return [Change(about="plan", then=_made(then, None), now=_made(now, why_not))]
    found = [
        Change(about="from -> to", then=f"{then.source} -> {then.target}", now=f"{now.source} -> {now.target}"),
        Change(about="traffic", then=traffic_words(then), now=traffic_words(now)),
        Change(about="refuses itself", then=_standing(then), now=_standing(now)),
        *_losses(then, now),
        *_steps(then, now),
        Change(about="RTO and RPO", then=_objectives(then), now=_objectives(now)),
        Change(about="notes", then="; ".join(then.notes) or "none", now="; ".join(now.notes) or "none"),
    ]
    if then.steps != now.steps:
        before, after = estimate(then, past), estimate(now, past)
        found.append(
            Change(about="time until it serves", then=duration(before.median), now=duration(after.median)),
        )
    return [change for change in found if change.then != change.now]


def _made(plan: Plan | None, why_not: str | None) -> str:
    return f"none: {why_not or 'it was not recorded'}" if plan is None else f"one of {len(plan.steps)} steps"


def _standing(plan: Plan) -> str:
    return "; ".join(refusal.sentence for refusal in plan.standing()) or "no"


def _objectives(plan: Plan) -> str:
    return f"RTO {duration(plan.rto)}, RPO {duration(plan.rpo)}"


def _losses(then: Plan, now: Plan) -> list[Change]:
    before, after = ({loss.resource: loss.sentence for loss in plan.loss} for plan in (then, now))
    return [
        Change(about=f"loss of {name}", then=before.get(name, "not measured"), now=after.get(name, "not measured"))
        for name in {**before, **after}
    ]


def _steps(then: Plan, now: Plan) -> list[Change]:
    before, after = ({step.id: step for step in plan.steps} for plan in (then, now))
    found = []
    for name in {**before, **after}:
        was, would = before.get(name), after.get(name)
        if was is None or would is None:
            found.append(
                Change(
                    about=f"step {name}",
                    then="not done" if was is None else was.sentence,
                    now="not done" if would is None else would.sentence,
                )
            )
        elif was != would:
            fields = [key for key, value in was.model_dump().items() if value != would.model_dump()[key]]
            found += [
                Change(about=f"step {name}, {key}", then=str(getattr(was, key)), now=str(getattr(would, key)))
                for key in fields
            ]
    return found


def of_detection(runbook: Runbook, now: Runbook, verdicts: Sequence[Verdict], region: str) -> list[Change]:
    """Whether the recorded words would still make the region down."""
    before, after = (_quorum(book, verdicts, region) for book in (runbook, now))
    return [] if before == after else [Change(about=f"is {region} down", then=before, now=after)]


def _quorum(book: Runbook, verdicts: Sequence[Verdict], region: str) -> str:
    seen = words(book, verdicts, region)
    return f"{'yes' if seen.down else 'no'}: {seen.count}"


def of_weighing(snapshot: Snapshot, now: Runbook) -> list[Change]:
    """Whether the detector would have acted at that moment, by today's rules of quorum, dwell and vetoes."""
    before, after = (_weighed(snapshot.model_copy(update={"runbook": book})) for book in (snapshot.runbook, now))
    return [] if before == after else [Change(about=f"failover out of {snapshot.region}", then=before, now=after)]


def _weighed(seen: Snapshot) -> str:
    if not seen.words.down:
        return f"not asked for: {seen.words.count}"
    left = seen.since + seen.runbook.detect.dwell - seen.at
    if left > 0:
        return f"not yet: the quorum must stand for {duration(left)} more"
    against = [objection.sentence for objection in objections(seen)]
    return f"vetoed: {'; '.join(against)}" if against else "started"


def of_approval(state: RunState, runbook: Runbook, now: Runbook) -> list[Change]:
    """Whether the recorded approvals would have been enough. The time that people took stays what it was."""
    then = state.approval or runbook.policy.of(state.procedure).approval
    would = now.policy.of(state.procedure).approval
    if runbook.policy.of(state.procedure).approval == would and runbook.roles == now.roles:
        return []
    before, after = _answered(state, then, runbook), _answered(state, would, now)
    return [] if before == after else [Change(about="approval", then=before, now=after)]


def _answered(state: RunState, rule: Approval, book: Runbook) -> str:
    if rule.count == 0:
        return "nobody is asked"
    may = book.approvers(rule)
    asked_by = {trigger.by for trigger in state.triggers}
    said = dict.fromkeys(
        judged.decision.by
        for judged in state.decisions
        if judged.decision.kind is DecisionKind.APPROVE
        and judged.refused is None
        and (not may or judged.decision.by in may or may & {*judged.decision.groups})
        and (rule.allow_self or judged.decision.by not in asked_by)
    )
    missing = rule.count - len(said)
    who = ", ".join(said) or "nobody"
    if missing <= 0:
        return f"approved by {who} ({rule.count} wanted)"
    then = "it goes on unasked" if rule.on_timeout == "proceed" else "it expires"
    return f"{missing} of {rule.count} missing (who counts: {who}); after {duration(rule.timeout)} {then}"


def past_of(state: RunState) -> Past:
    """How long each step took in this run: what another plan's time is told from."""
    took: dict[str, tuple[float, ...]] = {}
    uses: dict[str, tuple[float, ...]] = {}
    technologies: Mapping[str, str] = {step.id: step.uses for step in state.plan.steps} if state.plan else {}
    for step in state.steps:
        if step.started_at is not None and step.ended_at is not None and step.id in technologies:
            seconds = (max(0.0, step.ended_at - step.started_at),)
            took[step.id] = seconds
            uses[technologies[step.id]] = uses.get(technologies[step.id], ()) + seconds
    return Past(steps=took, uses=uses)
