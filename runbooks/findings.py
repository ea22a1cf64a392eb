"""What a readiness report finds: each answer judged, in a sentence. Pure."""

from collections.abc import Mapping

from runbooks.durations import duration
from runbooks.models import Procedure, Runbook
from runbooks.plan import Plan, Step, declared_checksum, same_runbook
from runbooks.readiness import DAY, Finding, Grade, Topic
from runbooks.reports import Past, Proof, SecretsReport
from runbooks.restoring import RestoreProof
from runbooks.steps import Reading, StepResult, Verb
from runbooks.values import UnixTime

_RESTORE_TEST_COUNTS = 30 * DAY
"""How long a good restore test counts half, and after three times that it is too old."""

_SHOWN = 12
"""So many digits of a checksum are shown."""


def sources(book: Runbook) -> tuple[str, ...]:
    """The regions that can be failed over from: those that are active or carry traffic."""
    return tuple(name for name, region in book.regions.items() if region.role == "active" or region.traffic)


def planned(source: str, plan: Plan | None, error: str, at: UnixTime) -> list[Finding]:
    """Could a failover out of the region be planned now, and would the plan refuse itself?"""
    if plan is None:
        return [_finding(Topic.PLAN, Grade.BAD, f"No failover out of {source} can be planned: {error}", at)]
    standing = plan.standing()
    found = [
        _finding(Topic.PLAN, Grade.BAD, f"A failover out of {source} would refuse itself: {refusal.sentence}", at)
        for refusal in standing
    ]
    if not standing:
        found = [_finding(Topic.PLAN, Grade.OK, f"A failover {source} -> {plan.target} can be planned now", at)]
    return [*found, *(_lag(plan, number, at) for number in range(len(plan.loss)))]


def _lag(plan: Plan, number: int, at: UnixTime) -> Finding:
    loss = plan.loss[number]
    if loss.seconds is None:
        said = f"{loss.resource}: how far {loss.region} is behind cannot be measured"
        return Finding(topic=Topic.LAG, grade=Grade.UNKNOWN, sentence=said)
    good = loss.seconds <= plan.rpo
    said = f"{loss.resource}: {loss.region} is {duration(loss.seconds)} behind; the objective is {duration(plan.rpo)}"
    return _finding(Topic.LAG, Grade.OK if good else Grade.BAD, said, at)


def act(step: Step, result: StepResult | None, why: str, at: UnixTime) -> Finding:
    """What the read-only twin of an act said; `why` it did not answer."""
    topic = Topic.CAPACITY if step.verb == Verb.SCALE else Topic.ACTS
    if result is None:
        return Finding(topic=topic, grade=Grade.UNKNOWN, sentence=f"{step.sentence}: could not be checked, {why}")
    grade = Grade.OK if result.proved else Grade.BAD
    return _finding(topic, grade, f"{step.sentence}: {result.reason}", at)


def secrets(place: str, answer: SecretsReport | None, why: str, at: UnixTime) -> list[Finding]:
    """Which secrets the worker at that place can resolve; `place` empty: the one that runs the procedures."""
    where = f"the worker of {place}" if place else "the worker that runs the procedures"
    if answer is None:
        said = f"Whether {where} can resolve the secrets is not known: {why}"
        return [Finding(topic=Topic.SECRETS, grade=Grade.UNKNOWN, sentence=said)]
    grade = Grade.WARN if place else Grade.BAD  # a vantage point needs only those that its probes use
    found = [_finding(Topic.SECRETS, grade, f"At {where}: {text}", at) for text in answer.missing.values()]
    if not found:
        said = f"All {len(answer.found)} secrets can be resolved by {where}"
        found = [_finding(Topic.SECRETS, Grade.OK, said, at)]
    return found


def workers(book: Runbook, queue: str, ages: Mapping[str, float | None] | None, at: UnixTime) -> list[Finding]:
    """Who listens: without enough vantage points no region can be called down."""
    if ages is None:
        said = "Whether workers listen is not known: Temporal did not say"
        return [Finding(topic=Topic.WORKERS, grade=Grade.UNKNOWN, sentence=said)]
    listening = {name.removeprefix(f"{queue}@") for name, age in ages.items() if age is not None}
    deaf = any(len(listening.intersection(book.vantages_for(r))) < book.quorum_for(r) for r in book.regions)
    found = []
    for name, age in ages.items():
        vantage = name.removeprefix(queue).removeprefix("@")
        who = f"the vantage point {vantage}" if vantage else "the procedures"
        if age is None:
            what = "it cannot vote" if vantage else "nothing can be run"
            grade = Grade.WARN if vantage and not deaf else Grade.BAD
            found.append(_finding(Topic.WORKERS, grade, f"No worker listens for {who}: {what}", at))
        else:
            said = f"A worker listens for {who} ({duration(age)} ago)"
            found.append(_finding(Topic.WORKERS, Grade.OK, said, at))
    return found


def no_backup(proof: RestoreProof, at: UnixTime) -> Finding:
    """A store without a word about backups: replication copies a mistake as quickly as anything else."""
    return _finding(Topic.BACKUPS, Grade.WARN, proof.sentence, at)


def backup(proof: RestoreProof, at: UnixTime, why: str = "") -> Finding:
    """Whether the newest backup is there and young enough, as the check of its restore saw it."""
    if why:
        return Finding(topic=Topic.BACKUPS, grade=Grade.UNKNOWN, sentence=f"{proof.sentence}: {why}")
    return _finding(Topic.BACKUPS, Grade.OK if proof.proved else Grade.BAD, proof.sentence, at)


def restore_tested(past: Past | None, at: UnixTime) -> Finding:
    """When backups were last restored and proved good."""
    if past is None:
        return Finding(topic=Topic.BACKUPS, grade=Grade.UNKNOWN, sentence="The records could not be read")
    good, newest = past.good.get(Procedure.RESTORE_TEST), past.newest.get(Procedure.RESTORE_TEST)
    said = _last("restore test", good, newest, at)
    if good is None:
        return Finding(topic=Topic.BACKUPS, grade=Grade.UNKNOWN if newest is None else Grade.BAD, sentence=said)
    old = at - good.ended_at > 3 * _RESTORE_TEST_COUNTS
    grade = _grade(good, newest, old=old)
    return _finding(Topic.BACKUPS, grade, said, good.ended_at, _RESTORE_TEST_COUNTS)


def drilled(book: Runbook, past: Past | None, at: UnixTime) -> list[Finding]:
    """When a drill was last good, and whether the runbook is still the one that was drilled."""
    if past is None:
        return [
            Finding(topic=topic, grade=Grade.UNKNOWN, sentence="The records could not be read")
            for topic in (Topic.DRILL, Topic.DRIFT)
        ]
    good, newest = past.good.get(Procedure.DRILL), past.newest.get(Procedure.DRILL)
    said = _last("drill", good, newest, at)
    if good is None:
        never = "No good drill has proved this runbook, so nothing is known of edits since"
        return [
            Finding(topic=Topic.DRILL, grade=Grade.UNKNOWN if newest is None else Grade.BAD, sentence=said),
            Finding(topic=Topic.DRIFT, grade=Grade.UNKNOWN, sentence=never),
        ]
    limit = book.policy.drill.max_age
    grade = _grade(good, newest, old=at - good.ended_at > limit)
    if grade == Grade.OK and good.mode == "isolated":
        grade, said = Grade.WARN, f"{said} (isolated: traffic and writers were never moved)"
    half = max(limit, DAY)
    return [_finding(Topic.DRILL, grade, said, good.ended_at, half), _drift(book, good, half)]


def _drift(book: Runbook, good: Proof, half: float) -> Finding:
    same = same_runbook(good.checksum, book)
    said = "The runbook is the one of the last good drill"
    if not same:
        then, now = good.checksum[:_SHOWN], declared_checksum(book)[:_SHOWN]
        said = f"Edited since the last good drill (then {then}, now {now}): drill again"
    return _finding(Topic.DRIFT, Grade.OK if same else Grade.WARN, said, good.ended_at, half)


def applied(resource: str, region: str, reading: Reading | None, why: str, at: UnixTime) -> Finding:
    """Whether what Terraform holds is still as it was applied; `why` there is no reading."""
    where = f"{resource} in {region}"
    if reading is None or reading.state == "unknown":
        said = f"Whether {where} is as it was applied is not known: {why or (reading.reason if reading else '')}"
        return Finding(topic=Topic.DRIFT, grade=Grade.UNKNOWN, sentence=said.rstrip("."))
    grade = Grade.OK if reading.state == "healthy" else Grade.WARN
    return _finding(Topic.DRIFT, grade, f"{where}: {reading.reason}", at)


def _grade(good: Proof, newest: Proof | None, *, old: bool) -> Grade:
    if newest is not None and not newest.passed and newest.ended_at > good.ended_at:
        return Grade.BAD
    return Grade.WARN if old else Grade.OK


def _last(what: str, good: Proof | None, newest: Proof | None, at: UnixTime) -> str:
    if newest is None:
        return f"No {what} has ever been made"
    failed = not newest.passed and (good is None or newest.ended_at > good.ended_at)
    since = f"the last good one ended {duration(at - good.ended_at)} ago" if good else "none has ever been good"
    if failed:
        return f"The newest {what}, {duration(at - newest.ended_at)} ago, was not good; {since}"
    return f"The last good {what} ended {duration(at - newest.ended_at)} ago"


def _finding(topic: Topic, grade: Grade, said: str, at: UnixTime, half_life: float | None = None) -> Finding:
    found = Finding(topic=topic, grade=grade, sentence=said.rstrip("."), proven_at=at)
    return found if half_life is None else found.model_copy(update={"half_life": half_life})
