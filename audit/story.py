"""The journal of a run: each thing that happened as one entry, in the order of time. Pure.

Every entry has `kind`, `at` and a sentence (`text`); the rest is what that kind knows.
"""

from collections.abc import Iterable, Iterator, Mapping

import rfc8785
from pydantic import JsonValue

from audit.attempts import Attempted, Told
from audit.seal import Sealing, digest
from runbooks.durations import duration
from runbooks.runs import Judged, RunEvent, RunState, StepState, Trigger

Body = dict[str, JsonValue]
TOLD, TRIGGER, DECISION, ATTEMPT, READING, EVIDENCE, WRITTEN = (
    *("told", "trigger", "decision", "attempt"),
    *("reading", "evidence", "written"),
)


def of_events(events: Iterable[RunEvent]) -> Iterator[Body]:
    """The sentences of a story."""
    for event in events:
        yield {"kind": TOLD, **event.model_dump(mode="json")}


def of_run(state: RunState, history: Told) -> list[Body]:
    """All that a run's state and history know, oldest first."""
    bodies = [
        *map(_trigger, state.triggers),
        *map(_decision, state.decisions),
        *of_events(state.events),
        *of_history(history),
        *(_evidence(step) for step in state.steps if step.result is not None),
    ]
    return in_order(bodies)


def of_history(history: Told) -> Iterator[Body]:
    """Every activity with its tries, and every reading by its digest."""
    yield from map(_attempt, history.attempts)
    for seen in history.readings:
        text = f"{seen.resource} in {seen.region} was seen {seen.state}"
        yield {"kind": READING, "at": seen.at, "text": text, **seen.model_dump(mode="json", exclude={"at"})}


def written(at: float, versions: Mapping[str, str], sealing: Sealing, history: Told) -> Body:
    """The last entry: by what the record was written, and whether it is signed."""
    text = f"This record was written by evac {versions.get('evac', 'of an unknown version')}, "
    text += "and signed" if sealing.seal else f"unsigned: {sealing.why_not}"
    text += "" if history.complete else "; Temporal's history could not be read"
    return {"kind": WRITTEN, "at": at, "text": text, "versions": dict(versions), "signed": sealing.seal is not None}


def in_order(bodies: Iterable[Body]) -> list[Body]:
    """Oldest first; what happened at the same time stays as it was."""
    return sorted(bodies, key=lambda body: float(str(body["at"])))


def _trigger(trigger: Trigger) -> Body:
    why = f": {trigger.reason}" if trigger.reason else ""
    where = f" out of {trigger.source}" if trigger.source else ""
    text = f"{trigger.by} asked for a {trigger.procedure}{where}{why}"
    known = trigger.model_dump(
        mode="json", include={"at", "id", "by", "proof", "reason", "procedure", "source", "force"}
    )
    return {"kind": TRIGGER, "text": text, "door": trigger.kind, **known, "accept": list(trigger.accept)}


def _decision(judged: Judged) -> Body:
    decision = judged.decision
    why = f" ({decision.reason})" if decision.reason else ""
    verdict = f"refused, {judged.refused}" if judged.refused else "it counts"
    return {
        "kind": DECISION,
        "text": f"{decision.by} said {decision.kind}{why}: {verdict}",
        "said": decision.kind.value,
        "refused": judged.refused,
        **decision.model_dump(mode="json", exclude={"kind"}),
    }


def _attempt(one: Attempted) -> Body:
    tries = f"{one.tries} {'try' if one.tries == 1 else 'tries'}"
    took = "" if one.ended_at is None else f" after {duration(one.ended_at - one.asked_at)}"
    what = f"{one.activity}{f' for {one.step}' if one.step else ''}"
    ended = f"{one.ended}{took}" if one.ended else "had not ended"
    error = f": {one.error}" if one.error else ""
    text = f"{what} {ended}, {tries}{error}"
    return {"kind": ATTEMPT, "at": one.asked_at, "text": text, **one.model_dump(mode="json", exclude={"asked_at"})}


def evidence_digest(step: StepState) -> str:
    """SHA-256 over the canonical JSON of what the step saw before and after; empty when it saw nothing."""
    if step.result is None:
        return ""
    value = step.result.model_dump(mode="json")
    try:
        return digest(rfc8785.dumps(value))
    except rfc8785.CanonicalizationError:  # a number that JSON has no exact form for
        return digest(step.result.model_dump_json().encode())


def _evidence(step: StepState) -> Body:
    assert step.result is not None
    at = step.ended_at or step.started_at or 0.0
    proved = "" if step.result.proved else ", without proof"
    return {
        "kind": EVIDENCE,
        "at": at,
        "text": f"{step.id} is {step.status}{proved}: {step.result.reason}",
        "step": step.id,
        "status": step.status.value,
        "sha256": evidence_digest(step),
    }
