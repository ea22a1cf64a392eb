"""Readiness: what was proved, when, in sentences; and a score that decays with the time since. Pure."""

import math
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from runbooks.models import Runbook
from runbooks.runs import RunEvent, Trigger
from runbooks.values import Model, Seconds, UnixTime

DAY = 86400.0
HALF_LIFE = 7 * DAY
"""What was seen once counts half after a week, a quarter after two. Drills and restore tests say their own."""


class Grade(StrEnum):
    """How one thing stands. `unknown` is never green: it counts nothing."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"


class Topic(StrEnum):
    """What a finding is about."""

    PLAN = "plan"
    ACTS = "acts"
    LAG = "lag"
    CAPACITY = "capacity"
    SECRETS = "secrets"
    WORKERS = "workers"
    BACKUPS = "backups"
    DRILL = "drill"
    DRIFT = "drift"


WEIGHTS: dict[Topic, float] = {
    Topic.PLAN: 15,
    Topic.ACTS: 20,
    Topic.LAG: 10,
    Topic.CAPACITY: 5,
    Topic.SECRETS: 10,
    Topic.WORKERS: 10,
    Topic.BACKUPS: 10,
    Topic.DRILL: 15,
    Topic.DRIFT: 5,
}
"""How much each topic counts; its findings share it equally."""
CREDIT = {Grade.OK: 1.0, Grade.WARN: 0.5, Grade.BAD: 0.0, Grade.UNKNOWN: 0.0}


class Finding(Model):
    """One sentence. `proven_at` None: it never was. After `half_life` it counts half."""

    topic: Topic
    grade: Grade
    sentence: str
    proven_at: UnixTime | None = None
    weight: float = 0.0
    half_life: Seconds = HALF_LIFE


class ReadinessInput(Model):
    """What a readiness report needs."""

    runbook: Runbook
    text: str = ""
    trigger: Trigger


class ReadinessReport(Model):
    """Everything found at one time. `ready`: nothing is bad and nothing is unknown."""

    runbook: str
    runbook_checksum: str
    at: UnixTime
    ready: bool
    score: int
    """At that time; `score` says what is left of it later."""
    findings: tuple[Finding, ...] = ()


class ReadinessState(Model):
    """The report as anyone may see it while it is made (the query's answer), and its result."""

    runbook: str
    run: str
    ended: bool = False
    message: str = ""
    started_at: UnixTime
    ended_at: UnixTime | None = None
    report: ReadinessReport | None = None
    events: tuple[RunEvent, ...] = ()
    record: str = ""


def report(runbook: str, checksum: str, at: UnixTime, found: Iterable[Finding]) -> ReadinessReport:
    """The findings with their weights, in the order of the topics."""
    findings = weighed(found)
    made = ReadinessReport(
        runbook=runbook,
        runbook_checksum=checksum,
        at=at,
        ready=all(finding.grade in (Grade.OK, Grade.WARN) for finding in findings),
        score=0,
        findings=findings,
    )
    return made.model_copy(update={"score": score(made, at)})


def weighed(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each topic's weight, shared by its findings."""
    order = list(Topic)
    findings = sorted(found, key=lambda finding: order.index(finding.topic))
    count = Counter(finding.topic for finding in findings)
    return tuple(f.model_copy(update={"weight": WEIGHTS[f.topic] / count[f.topic]}) for f in findings)


def score(report: ReadinessReport, now: UnixTime) -> int:
    """0 to 100: what is proved counts, and half as much after each half-life since; what is unknown counts nothing."""
    whole = sum(finding.weight for finding in report.findings)
    if not whole:
        return 0
    return round(100 * sum(f.weight * _worth(f, now) for f in report.findings) / whole)


def _worth(finding: Finding, now: UnixTime) -> float:
    if finding.proven_at is None or not finding.half_life:
        return 0.0
    age = max(0.0, now - finding.proven_at)
    return CREDIT[finding.grade] * math.pow(0.5, age / finding.half_life)
