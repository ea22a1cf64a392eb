"""Rules for schedules: times that come, options that the procedure takes, and each procedure once."""

from collections.abc import Iterator

from runbooks.check_policy import acceptable, zone
from runbooks.cron import why_not_cron
from runbooks.durations import duration
from runbooks.faults import DocumentPath, Finding, did_you_mean
from runbooks.kinds import KINDS
from runbooks.models import Procedure, Runbook, ScheduleRule
from runbooks.restoring import stores
from runbooks.timetable import OPTIONS, SHORTEST, timetable_of, why_not_times


def _rules(runbook: Runbook) -> Iterator[tuple[DocumentPath, ScheduleRule]]:
    for number, rule in enumerate(runbook.schedules):
        yield ("schedules", number), rule


def times(runbook: Runbook) -> Iterator[Finding]:
    """Either every so often or by a cron line, at times that come, not too often."""
    for path, rule in _rules(runbook):
        if (rule.every is None) == (rule.cron is None):
            yield Finding(path, "a schedule is either `every` so often or by a `cron` line: give one of the two")
        elif rule.cron is not None:
            wrong = why_not_cron(rule.cron)
            if wrong is not None:
                yield Finding((*path, "cron"), wrong)
            yield from zone(rule.timezone, (*path, "timezone"))
        elif rule.timezone != "UTC":
            yield Finding((*path, "timezone"), "a time zone is for a `cron` line; `every` counts the same everywhere")
        else:
            wrong = why_not_times(timetable_of(rule))
            if wrong is not None:
                yield Finding((*path, "jitter" if (rule.every or 0.0) >= SHORTEST else "every"), wrong)


def once(runbook: Runbook) -> Iterator[Finding]:
    """Temporal keeps one schedule of each procedure."""
    first: dict[Procedure, DocumentPath] = {}
    for path, rule in _rules(runbook):
        if rule.procedure in first:
            sentence = f"the {rule.run} is on a schedule already; one cron line may name several times: `0 3,15 * * *`"
            yield Finding(path, sentence, reads=(first[rule.procedure],))
        first.setdefault(rule.procedure, path)


def options(runbook: Runbook) -> Iterator[Finding]:
    """What is asked for is something that the procedure takes."""
    known = dict.fromkeys(name for names in OPTIONS.values() for name in names)
    for path, rule in _rules(runbook):
        takes = OPTIONS[rule.procedure]
        for name in known:
            if name in rule.model_fields_set and name not in takes:
                what = f"it takes {', '.join(takes)}" if takes else "it takes nothing but its times"
                yield Finding((*path, name), f"a {rule.run} has no `{name}`: {what}", on_key=True)
        yield from acceptable(runbook, rule.accept, (*path, "accept"))


def places(runbook: Runbook) -> Iterator[Finding]:
    """The regions exist, the ends of a drill are two, and the store has backups to restore."""
    for path, rule in _rules(runbook):
        for name, region in (("source", rule.source), ("target", rule.target), ("region", rule.region)):
            if region is not None and region not in runbook.regions:
                sentence = f"`{region}` is no region{did_you_mean(region, runbook.regions)}"
                yield Finding((*path, name), sentence, reads=(("regions",),))
        if rule.source is not None and rule.source == rule.target:
            yield Finding((*path, "target"), f"the drill would leave {rule.source} for {rule.source}")
        if rule.resource is None:
            continue
        able = [name for name in runbook.resources if _restorable(runbook, name)]
        if rule.resource not in able:
            why = "has no backup that Evac can restore" if rule.resource in runbook.resources else "is no resource"
            sentence = f"`{rule.resource}` {why}{did_you_mean(rule.resource, able)}"
            yield Finding((*path, "resource"), sentence, reads=(("resources",),))


def _restorable(runbook: Runbook, name: str) -> bool:
    if runbook.resources[name].kind not in KINDS:  # that is a finding of its own
        return True
    return name in stores(runbook.model_copy(update={"resources": {name: runbook.resources[name]}}))


def schedule_advice(runbook: Runbook) -> Iterator[Finding]:
    """What may be meant so."""
    policy = runbook.policy.drill
    for path, rule in _rules(runbook):
        mode = rule.mode or policy.mode
        if rule.procedure is not Procedure.DRILL:
            continue
        if mode == "isolated" and rule.soak is not None:
            told = f"an isolated drill serves nothing from elsewhere: {duration(rule.soak)} of soak count for nothing"
            yield Finding((*path, "soak"), told)
        if mode == "full" and not policy.approval.count:
            told = "a full drill moves what is in use, and by this policy at each of its times without asking anybody"
            yield Finding(path, told)


RULES = (times, once, options, places)
