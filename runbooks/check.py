"""What a well-formed runbook may still get wrong: pure checks, each finding a sentence at a place of the document.

Every rule is a function of the runbook that yields findings; `RULES` is the whole list. `advice` holds what is
allowed, but worth a word.
"""

from collections.abc import Callable, Iterable, Iterator

from runbooks import (
    check_alerts,
    check_clouds,
    check_policy,
    check_probes,
    check_public,
    check_resources,
    check_schedules,
    check_secrets,
    check_steps,
)
from runbooks.faults import DocumentPath, Finding, did_you_mean
from runbooks.kind import known_as
from runbooks.kinds import KINDS
from runbooks.models import WITNESS, Role, Runbook
from runbooks.steps import Verb

Rule = Callable[[Runbook], Iterator[Finding]]

_WHOLE = 100
_TAKEN_NAMES = {
    WITNESS: "the vantage point outside all regions",
    "source": "the region being left, in steps",
    "target": "the region being moved to, in steps",
    "public": "the place of what is asked through the public name",
}


def traffic(runbook: Runbook) -> Iterator[Finding]:
    """All traffic is somewhere: shares add up to 100, active regions have some, standbys none."""
    total = sum(region.traffic for region in runbook.regions.values())
    if total != _WHOLE:
        shares = ", ".join(f"{name} {region.traffic}" for name, region in runbook.regions.items())
        yield Finding(("regions",), f"the traffic of all regions must add up to {_WHOLE}, not {total} ({shares})")
    if all(region.role == Role.STANDBY for region in runbook.regions.values()):
        yield Finding(("regions",), "no region is active; at least one must be")
    for name, region in runbook.regions.items():
        path: DocumentPath = ("regions", name, "traffic")
        if region.role == Role.ACTIVE and region.traffic == 0:
            yield Finding(path, f"{name} is active and takes no traffic; give it a share, or make it a standby")
        if region.role == Role.STANDBY and region.traffic > 0:
            yield Finding(
                path, f"{name} is a standby and takes {region.traffic} % of the traffic; make it active, or 0"
            )


def names(runbook: Runbook) -> Iterator[Finding]:
    """Words with a meaning of their own are not free for regions and variables."""
    for name, region in runbook.regions.items():
        if name in _TAKEN_NAMES:
            sentence = f"a region cannot be called `{name}`: that word stands for {_TAKEN_NAMES[name]}"
            yield Finding(("regions", name), sentence, on_key=True)
        if "region" in region.vars:
            sentence = "`{region}` is the region's own name always; give the variable another name"
            yield Finding(("regions", name, "vars", "region"), sentence, on_key=True)


def detection(runbook: Runbook) -> Iterator[Finding]:
    """The vantage points exist, and enough of them are left whichever region is lost."""
    known = (*runbook.regions, WITNESS)
    unknown = False
    for number, vantage in enumerate(runbook.detect.vantage):
        path: DocumentPath = ("detect", "vantage", number)
        if vantage not in known:
            unknown = True
            sentence = f"`{vantage}` is no vantage point{did_you_mean(vantage, known)}"
            yield Finding(path, sentence, reads=(("regions",),))
        elif vantage in runbook.detect.vantage[:number]:
            yield Finding(path, f"the vantage point `{vantage}` is given twice")
    if unknown:
        return
    left = {region: len(set(runbook.vantages_for(region))) for region in runbook.regions}
    alone = [region for region in left if left[region] == 0]
    few = [region for region in left if runbook.quorum_for(region) > left[region] > 0]
    if alone:
        sentence = f"no vantage point is left when {' or '.join(alone)} is lost; add `{WITNESS}` or another region"
        yield Finding(("detect", "vantage"), sentence, reads=(("regions",),))
    if few:
        lost = " or ".join(few)
        sentence = f"quorum {runbook.detect.quorum} cannot be reached when {lost} is lost: {left[few[0]]} would be left"
        yield Finding(("detect", "quorum"), sentence, reads=(("regions",),))


RULES: tuple[Rule, ...] = (
    traffic,
    names,
    detection,
    *check_policy.RULES,
    *check_resources.RULES,
    *check_probes.RULES,
    *check_clouds.RULES,
    *check_steps.RULES,
    *check_alerts.RULES,
    *check_schedules.RULES,
)


def check(runbook: Runbook, broken: Iterable[DocumentPath] = ()) -> tuple[Finding, ...]:
    """Every finding of every rule, once. `broken` names stand-ins for unreadable parts: no echoes of those."""
    skip = tuple(broken)
    found = dict.fromkeys(finding for rule in RULES for finding in rule(runbook))
    return tuple(finding for finding in found if not _echoes(finding, skip))


def _echoes(finding: Finding, broken: tuple[DocumentPath, ...]) -> bool:
    own = any(_within(finding.path, part) or _within(part, finding.path) for part in broken)
    return own or any(_within(read, part) for read in finding.reads for part in broken)


def _within(path: DocumentPath, part: DocumentPath) -> bool:
    return path[: len(part)] == part


def advice(runbook: Runbook) -> tuple[Finding, ...]:
    """What may be meant so, but makes a failover weaker than it could be."""
    verbs = {verb for resource in runbook.resources.values() for verb in KINDS[resource.kind].verbs}
    found: list[Finding] = []
    if Verb.CUT_OVER not in verbs:
        found.append(
            Finding(("resources",), "no resource can cut traffic over: clients must find the new region alone")
        )
    if not any("verify" in check.use for check in runbook.checks):
        found.append(Finding(("checks",), "no check verifies the result: a failover can end only as not confirmed"))
    for name in runbook.resources:
        found.extend(Finding(("resources", name), sentence) for sentence in _weaknesses(runbook, name))
    found.extend(check_public.one_primary(runbook))
    found.extend(check_public.control_planes(runbook))
    found.extend(check_alerts.weaknesses(runbook))
    found.extend(check_schedules.schedule_advice(runbook))
    found.extend(check_secrets.secret_advice(runbook))
    return tuple(found)


def _weaknesses(runbook: Runbook, name: str) -> Iterator[str]:
    """What cannot be seen of a data store, or done with it."""
    kind = KINDS[runbook.resources[name].kind]
    if not kind.holds_data:
        return
    unnamed = [region for region in runbook.regions if not known_as(kind, runbook.settings_of(name, region))]
    if unnamed:
        named = " and ".join(kind.name_of)
        yield f"{name} has no {named} in {', '.join(unnamed)}: whether it replicates cannot be seen"
    for setting in sorted(set(kind.wants.values())):
        without = [region for region in runbook.regions if not runbook.settings_of(name, region).get(setting)]
        verbs = ", ".join(verb for verb in Verb if kind.wants.get(verb) == setting)
        if without:
            yield f"{name} has no {setting} in {', '.join(without)}, so these cannot be done there: {verbs}"
    if Verb.CATCH_UP not in kind.verbs:
        yield f"{name}: kind {kind.name} cannot wait for a standby, so a switchover of it is refused"
    if runbook.policy.drill.mode == "isolated" and Verb.REHEARSE not in kind.verbs:
        yield f"{name}: kind {kind.name} cannot promote a copy aside, so isolated drills leave it out"
