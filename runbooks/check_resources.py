"""Rules for resources: their kinds, their settings in every region, their sizes, and what they need."""

from collections.abc import Iterator, Mapping

from runbooks.faults import DocumentPath, Finding, did_you_mean, nearest, plain
from runbooks.kind import Kind
from runbooks.kinds import KINDS
from runbooks.models import Resource, Role, Runbook
from runbooks.shape import fit
from runbooks.steps import Verb


def kinds(runbook: Runbook) -> Iterator[Finding]:
    """Every kind is one that Evac knows; only what scales is of another one in some region."""
    for name, resource in runbook.resources.items():
        yield from _unknown_kind(resource.kind, ("resources", name, "kind"))
        yield from _unknown_regions(runbook, ("resources", name, "kinds"), resource.kinds)
        for region, other in resource.kinds.items():
            path: DocumentPath = ("resources", name, "kinds", region)
            yield from _unknown_kind(other, path)
            if resource.kind in KINDS and other in KINDS and not _alike(KINDS[resource.kind], KINDS[other]):
                sentence = (
                    f"{name} is of kind {resource.kind}, and cannot be of kind {other} in {region}: only what does "
                    "nothing but scale may differ from region to region"
                )
                yield Finding(path, sentence)
        if resource.kinds:
            yield from _unmeasurable(name, resource)


def _unmeasurable(name: str, resource: Resource) -> Iterator[Finding]:
    sentence = f"{name} is of several kinds, and `match` measures only what is of the same: take it away"
    places: list[tuple[DocumentPath, Mapping[str, object]]] = [(("common",), resource.common)]
    places += [(("settings", region), own) for region, own in resource.settings.items()]
    for place, given in places:
        if "match" in given:
            yield Finding(("resources", name, *place, "match"), sentence, on_key=True)


def _unknown_kind(kind: str, path: DocumentPath) -> Iterator[Finding]:
    if kind not in KINDS:
        yield Finding(path, f"the kind `{plain(kind)}` is unknown{did_you_mean(kind, KINDS)}")


def _alike(one: Kind, other: Kind) -> bool:
    """Both do nothing but scale, and the same can be undone."""
    return one.verbs == other.verbs == {Verb.DETECT, Verb.SCALE} and one.undoes == other.undoes


def regions(runbook: Runbook) -> Iterator[Finding]:
    """Every region has its settings, and nothing else has."""
    for name, resource in runbook.resources.items():
        yield from _unknown_regions(runbook, ("resources", name, "settings"), resource.settings)
        yield from _unknown_regions(runbook, ("resources", name, "replicas"), resource.replicas)
        absent = _absent(runbook, resource.settings)
        if absent:
            sentence = (
                f"{name} has no settings for {', '.join(absent)}; every resource must be described in every region"
            )
            yield Finding(("resources", name, "settings"), sentence, reads=(("regions",),))


def settings(runbook: Runbook) -> Iterator[Finding]:
    """In each region, `common` overlaid with the region's own settings is what the kind takes."""
    for name, resource in runbook.resources.items():
        kind = KINDS.get(resource.kind)
        if kind is None:
            continue
        described = [region for region in runbook.regions if region in resource.settings]
        own_regions = [region for region in described if runbook.kind_of(name, region) in KINDS]
        for region in own_regions:
            own = KINDS[runbook.kind_of(name, region)]
            _, findings = fit(own.settings, runbook.settings_of(name, region), ("resources", name, "settings", region))
            for finding in findings:
                yield _where_written(runbook, finding, name, region)
        yield from _one_for_all(kind, runbook, name)
        for other in dict.fromkeys(runbook.kind_of(name, region) for region in own_regions):
            same = [region for region in own_regions if runbook.kind_of(name, region) == other]
            yield from _same_twice(KINDS[other], runbook, name, same)


def _where_written(runbook: Runbook, finding: Finding, name: str, region: str) -> Finding:
    """A value from `common` is at fault there, once, and not in each region."""
    inside = finding.path[4:]
    common = runbook.resources[name].common
    if not inside or inside[0] in runbook.resources[name].settings[region] or inside[0] not in common:
        return finding
    sentence = finding.sentence.replace(f"resources.{name}.settings.{region}", f"resources.{name}.common")
    return Finding(("resources", name, "common", *inside), sentence, finding.on_key)


def _one_for_all(kind: Kind, runbook: Runbook, name: str) -> Iterator[Finding]:
    if kind.regional is None:
        return
    for region, given in runbook.resources[name].settings.items():
        for key in given:
            if key in kind.settings.model_fields and key not in kind.regional:
                sentence = f"`{key}` is the same in all regions for kind {kind.name}; move it to `common`"
                yield Finding(("resources", name, "settings", region, key), sentence, on_key=True)


def _same_twice(kind: Kind, runbook: Runbook, name: str, own_regions: list[str]) -> Iterator[Finding]:
    if not kind.identity:
        return
    seen: dict[str, str] = {}
    for region in own_regions:
        merged = runbook.settings_of(name, region)
        if kind.identity[0] not in merged:
            continue
        key = repr([merged.get(part) for part in kind.identity])
        if key in seen:
            what = " and ".join(kind.identity)
            sentence = f"{name} has the same {what} in {seen[key]} and {region}: a failover would lead to itself"
            path: DocumentPath = ("resources", name, "settings", region)
            yield Finding(path, sentence, reads=(("regions",),))
        seen.setdefault(key, region)


def replicas(runbook: Runbook) -> Iterator[Finding]:
    """What scales has a size in every region, and what takes traffic is not of size 0; nothing else has one."""
    for name, resource in runbook.resources.items():
        kind = KINDS.get(resource.kind)
        if kind is None:
            continue
        path: DocumentPath = ("resources", name, "replicas")
        if Verb.SCALE not in kind.verbs:
            if resource.replicas:
                yield Finding(path, f"kind {kind.name} does not scale; take `replicas` away", on_key=True)
            continue
        absent = _absent(runbook, resource.replicas)
        if absent:
            sentence = f"{name} has no replicas for {', '.join(absent)}; say its normal size in every region"
            yield Finding(path, sentence, reads=(("regions",),))
        for region, count in resource.replicas.items():
            if count == 0 and region in runbook.regions and runbook.regions[region].traffic:
                sentence = f"{name} has 0 replicas in {region}, which takes traffic"
                yield Finding((*path, region), sentence, reads=(("regions", region),))


def needs(runbook: Runbook) -> Iterator[Finding]:
    """What is needed exists, and nothing waits for itself."""
    for name, resource in runbook.resources.items():
        for number, needed in enumerate(resource.needs):
            path: DocumentPath = ("resources", name, "needs", number)
            if needed not in runbook.resources:
                others = [other for other in runbook.resources if other != name]
                sentence = f"{name} needs `{plain(needed)}`, which is no resource{did_you_mean(needed, others)}"
                yield Finding(path, sentence, reads=(("resources",),))
            elif needed in resource.needs[:number]:
                yield Finding(path, f"{name} needs `{needed}` twice")
    for circle in _circles(runbook):
        sentence = f"these resources need one another in a circle: {' -> '.join((*circle, circle[0]))}"
        yield Finding(("resources", circle[0], "needs"), sentence)


def homes(runbook: Runbook) -> Iterator[Finding]:
    """The home of a writer is an active region; only what has a writer has one."""
    for name, resource in runbook.resources.items():
        path: DocumentPath = ("resources", name, "home")
        kind = KINDS.get(resource.kind)
        if resource.home is None or kind is None:
            continue
        if not kind.holds_data:
            yield Finding(path, f"kind {kind.name} has no writer; take `home` away", on_key=True)
        elif resource.home not in runbook.regions:
            sentence = f"`{plain(resource.home)}` is no region{did_you_mean(resource.home, runbook.regions)}"
            yield Finding(path, sentence, reads=(("regions",),))
        elif runbook.regions[resource.home].role is not Role.ACTIVE:
            sentence = f"{resource.home} is a standby; the writer's home is an active region"
            yield Finding(path, sentence, reads=(("regions", resource.home),))


def backups(runbook: Runbook) -> Iterator[Finding]:
    """Backups are demanded of what can be restored, and each question has one right answer."""
    for name, resource in runbook.resources.items():
        kind = KINDS.get(resource.kind)
        if resource.backup is None or kind is None:
            continue
        path: DocumentPath = ("resources", name, "backup")
        if Verb.RESTORE not in kind.verbs:
            yield Finding(path, f"kind {kind.name} cannot be restored by Evac; take `backup` away", on_key=True)
        for number, query in enumerate(resource.backup.queries):
            if not query.sql.strip():
                yield Finding((*path, "queries", number, "sql"), "the query asks nothing")
            if query.expect is not None and query.at_least is not None:
                yield Finding((*path, "queries", number), "give `expect` or `at_least`, and not both")


def _circles(runbook: Runbook) -> Iterator[tuple[str, ...]]:
    """Each circle once, by walking from every resource along what it needs first."""
    settled: set[str] = set()
    for start in runbook.resources:
        trail: list[str] = []
        stack = [(start, iter(runbook.resources[start].needs))]
        trail.append(start)
        while stack and start not in settled:
            name, rest = stack[-1]
            following = next((n for n in rest if n in runbook.resources and n not in settled), None)
            if following is None:
                settled.add(name)
                trail.pop()
                stack.pop()
            elif following in trail:
                yield tuple(trail[trail.index(following) :])
            else:
                trail.append(following)
                stack.append((following, iter(runbook.resources[following].needs)))


def _absent(runbook: Runbook, given: Mapping[str, object]) -> list[str]:
    """The regions for which nothing is given, not even under a misspelt name."""
    meant = {nearest(region, runbook.regions) for region in given if region not in runbook.regions}
    return [region for region in runbook.regions if region not in given and region not in meant]


def _unknown_regions(runbook: Runbook, path: DocumentPath, given: Mapping[str, object]) -> Iterator[Finding]:
    for region in given:
        if region not in runbook.regions:
            sentence = f"`{plain(region)}` is no region{did_you_mean(region, runbook.regions)}"
            yield Finding((*path, region), sentence, on_key=True, reads=(("regions",),))


RULES = (kinds, regions, settings, replicas, needs, homes, backups)
