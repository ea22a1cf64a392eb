"""Rules for who decides what and when: approvals, roles, times, windows, vetoes, and what is accepted beforehand."""

import re
from collections import Counter
from collections.abc import Iterator

from runbooks.faults import DocumentPath, Finding, did_you_mean, nearest, plain
from runbooks.models import ProcedurePolicy, Runbook
from runbooks.safety import ACCEPTABLE
from runbooks.windows import known_zone

_PERSON = re.compile(r"[^\s@]+(@[^\s@]+)?")


def _policies(runbook: Runbook) -> Iterator[tuple[str, ProcedurePolicy]]:
    policy = runbook.policy
    yield "failover", policy.failover
    yield "switchover", policy.switchover
    yield "failback", policy.failback
    yield "drill", policy.drill


def durations(runbook: Runbook) -> Iterator[Finding]:
    """Where nothing can be done in no time at all."""
    given: list[tuple[DocumentPath, float | None]] = [
        (("objectives", "rto"), runbook.objectives.rto),
        (("detect", "interval"), runbook.detect.interval),
        (("policy", "drill", "max_age"), runbook.policy.drill.max_age),
    ]
    for name, rules in _policies(runbook):
        if rules.approval.count:
            given.append((("policy", name, "approval", "timeout"), rules.approval.timeout))
        given.append((("policy", name, "commit_within"), rules.commit_within))
    given.extend((("checks", number, "timeout"), check.timeout) for number, check in enumerate(runbook.checks))
    if runbook.detect.deploying is not None:
        given.append((("detect", "deploying", "timeout"), runbook.detect.deploying.timeout))
    for name, resource in runbook.resources.items():
        if resource.backup is not None:
            given.append((("resources", name, "backup", "max_age"), resource.backup.max_age))
    for path, seconds in given:
        if seconds == 0:
            yield Finding(path, f"{path[-1]} must be more than 0")


def commitment(runbook: Runbook) -> Iterator[Finding]:
    """A dead region is nothing to go back to."""
    if runbook.policy.failover.commit_within is not None:
        sentence = "a failover cannot go back by itself; `commit_within` is for switchover and failback"
        yield Finding(("policy", "failover", "commit_within"), sentence, on_key=True)
    if runbook.policy.drill.commit_within is not None:
        sentence = "a drill goes home by itself; `commit_within` is for switchover and failback"
        yield Finding(("policy", "drill", "commit_within"), sentence, on_key=True)


def acceptances(runbook: Runbook) -> Iterator[Finding]:
    """What is accepted beforehand has a name that a plan can ask for."""
    for policy, rules in _policies(runbook):
        yield from acceptable(runbook, rules.accept, ("policy", policy, "accept"))


def acceptable(runbook: Runbook, names: tuple[str, ...], base: DocumentPath) -> Iterator[Finding]:
    """Each is `<what>:<resource>`."""
    for number, name in enumerate(names):
        path: DocumentPath = (*base, number)
        what, _, resource = name.partition(":")
        if what not in ACCEPTABLE:
            yield Finding(path, f"`{plain(name)}` must be `<what>:<resource>`; what: {', '.join(ACCEPTABLE)}")
        elif resource not in runbook.resources:
            sentence = f"`{plain(name)}` names no resource{did_you_mean(resource, runbook.resources)}"
            yield Finding(path, sentence, reads=(("resources",),))


def approvals(runbook: Runbook) -> Iterator[Finding]:
    """`by` names roles or people, and enough of them: a quorum that nobody can reach stops every run."""
    for policy, rules in _policies(runbook):
        approval, path = rules.approval, ("policy", policy, "approval")
        wrong = list(_approvers(runbook, approval.by, (*path, "by")))
        yield from wrong
        people = runbook.approvers(approval)
        if approval.by and not wrong and len(people) < approval.count:
            sentence = f"{approval.count} must approve, and `by` names {len(people)}: {', '.join(sorted(people))}"
            yield Finding((*path, "count"), sentence, reads=(("roles",),))


def _approvers(runbook: Runbook, names: tuple[str, ...], path: DocumentPath) -> Iterator[Finding]:
    known = {*runbook.owners, *(person for people in runbook.roles.values() for person in people)}
    for number, name in enumerate(names):
        near = nearest(name, runbook.roles)
        if name in runbook.roles:
            if not runbook.roles[name]:  # with nobody in it, anybody would do
                yield Finding((*path, number), f"nobody has the role `{name}`", reads=(("roles",),))
        elif not _PERSON.fullmatch(name):
            yield Finding((*path, number), f"`{plain(name)}` is no person's name and no role")
        elif near is not None and name not in known:
            sentence = f"`{plain(name)}` is no role; did you mean `{near}`?"
            yield Finding((*path, number), sentence, reads=(("roles",),))


def people(runbook: Runbook) -> Iterator[Finding]:
    """A list of people in which one stands twice is a mistake."""
    lists: list[tuple[DocumentPath, tuple[str, ...]]] = [(("owners",), runbook.owners)]
    lists.extend((("roles", role), names) for role, names in runbook.roles.items())
    lists.extend((("policy", name, "approval", "by"), rules.approval.by) for name, rules in _policies(runbook))
    for path, names in lists:
        for name, times in Counter(names).items():
            if times > 1:
                yield Finding(path, f"`{plain(name)}` is given {times} times")


def windows(runbook: Runbook) -> Iterator[Finding]:
    """A maintenance window opens, closes, and is somewhere on earth."""
    for number, window in enumerate(runbook.maintenance):
        path: DocumentPath = ("maintenance", number)
        yield from zone(window.timezone, (*path, "timezone"))
        if window.start == window.end:
            yield Finding((*path, "end"), f"the window opens and closes at {window.start}: it would never be open")
        if not window.days:
            yield Finding((*path, "days"), "the window is open on no day")


def zone(timezone: str, path: DocumentPath) -> Iterator[Finding]:
    """A time zone that this machine knows."""
    if not known_zone(timezone):
        yield Finding(path, f"`{plain(timezone)}` is no time zone; write one such as UTC or Europe/Berlin")


def vetoes(runbook: Runbook) -> Iterator[Finding]:
    """Each veto once; and whether a deployment goes on is asked by the detector, of something that it can reach."""
    detect = runbook.detect
    for name, times in Counter(detect.vetoes).items():
        if times > 1:
            yield Finding(("detect", "vetoes"), f"`{name}` is given {times} times")
    if detect.deploying is None:
        return
    path: DocumentPath = ("detect", "deploying")
    if "deploy" not in detect.vetoes:
        yield Finding(path, "this is never asked: `deploy` is not among the vetoes", reads=(("detect", "vetoes"),))
    if "detect" not in detect.deploying.use:
        yield Finding((*path, "use"), "only the detector asks this; give `detect`, or take `use` away")
    if not detect.deploying.url.startswith(("http://", "https://")):
        yield Finding((*path, "url"), "a url must start with http:// or https://")


def dependencies(runbook: Runbook) -> Iterator[Finding]:
    """A system does not wait for itself."""
    for number, name in enumerate(runbook.depends_on):
        path: DocumentPath = ("depends_on", number)
        if name == runbook.name:
            yield Finding(path, f"{name} cannot depend on itself", reads=(("name",),))
        elif name in runbook.depends_on[:number]:
            yield Finding(path, f"`{name}` is given twice")


RULES = (durations, commitment, acceptances, approvals, people, windows, vetoes, dependencies)
