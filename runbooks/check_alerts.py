"""Rules for `triggers:`: what is listened to exists, can match, says where the region is found, and can come about."""

import re
from collections.abc import Iterator
from typing import get_args

from runbooks.alert_rules import ANY, AlertRule
from runbooks.alerts import AlertSource
from runbooks.evidence import PLACES
from runbooks.faults import DocumentPath, Finding, did_you_mean, plain
from runbooks.models import Runbook
from runbooks.values import is_slug

_SOURCES: tuple[str, ...] = get_args(AlertSource)
_LABEL = "labels."


def sources(runbook: Runbook) -> Iterator[Finding]:
    """`alert` is a source, one endpoint of it, or `any`."""
    for number, rule in enumerate(runbook.triggers):
        source, slash, name = rule.alert.partition("/")
        path: DocumentPath = ("triggers", number, "alert")
        if source not in (*_SOURCES, ANY):
            hint = did_you_mean(source, (*_SOURCES, ANY))
            yield Finding(path, f"`{plain(source)}` is no source of alerts{hint}")
        elif slash and source == ANY:
            yield Finding(path, f"`{ANY}` is every endpoint of every source: it takes no name")
        elif slash and not is_slug(name):
            yield Finding(path, f"`{plain(rule.alert)}` must be `{source}`, or `{source}/<the endpoint's name>`")


def matches(runbook: Runbook) -> Iterator[Finding]:
    """Something is asked of an alert, and each `~pattern` is one."""
    for number, rule in enumerate(runbook.triggers):
        if not rule.match:
            sentence = "this would take every alert; give `match`, such as {alertname: RegionDown}"
            yield Finding(("triggers", number, "match"), sentence)
        for key, wanted in rule.match.items():
            path: DocumentPath = ("triggers", number, "match", key)
            if not wanted:
                yield Finding(path, f"an alert without `{plain(key)}` would do; write what it must be, or `~.+`")
            elif wanted.startswith("~"):
                yield from _pattern(path, wanted[1:])


def _pattern(path: DocumentPath, pattern: str) -> Iterator[Finding]:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        yield Finding(path, f"`{plain(pattern)}` is no regular expression: {plain(str(error), 120)}")


def places(runbook: Runbook) -> Iterator[Finding]:
    """`from` names a region, or says where the alert does; `regions` leads to regions that exist."""
    for number, rule in enumerate(runbook.triggers):
        path: DocumentPath = ("triggers", number)
        for named, region in rule.regions.items():
            if region not in runbook.regions:
                sentence = f"`{plain(region)}` is no region{did_you_mean(region, runbook.regions)}"
                yield Finding((*path, "regions", named), sentence, reads=(("regions",),))
        unknown = [name for name in PLACES.findall(rule.source) if not _is_place(name)]
        if unknown or "{" in PLACES.sub("", rule.source) or "}" in PLACES.sub("", rule.source):
            wrong = f"`{{{plain(unknown[0])}}}` is not known" if unknown else "a brace is left over"
            sentence = f"{wrong}: write a region, `{{region}}`, or `{{labels.<name>}}` with a label's name"
            yield Finding((*path, "from"), sentence)
        elif not PLACES.search(rule.source) and rule.regions.get(rule.source, rule.source) not in runbook.regions:
            hint = did_you_mean(rule.source, runbook.regions)
            yield Finding((*path, "from"), f"`{plain(rule.source)}` is no region{hint}", reads=(("regions",),))


def _is_place(name: str) -> bool:
    return name == "region" or (name.startswith(_LABEL) and len(name) > len(_LABEL))


def repeated(runbook: Runbook) -> Iterator[Finding]:
    """The same rule twice is a mistake."""
    for number, rule in enumerate(runbook.triggers):
        if rule in runbook.triggers[:number]:
            first = runbook.triggers.index(rule)
            yield Finding(("triggers", number), f"this is triggers[{first}] once more")


def weaknesses(runbook: Runbook) -> Iterator[Finding]:
    """What may never come about, or comes about with less care than it seems."""
    for number, rule in enumerate(runbook.triggers):
        path: DocumentPath = ("triggers", number)
        named = _endpoints(runbook, rule)
        if named is not None and rule.needs > len(named):
            listed = ", ".join(sorted(named))
            sentence = f"{rule.needs} endpoints must fire, and the rules that start a {rule.start} name {listed} only"
            yield Finding((*path, "needs"), f"{sentence}: it can never start one")
        if rule.mode == "automatic" and rule.start == "switchover" and rule.needs == 1:
            sentence = "one alert moves everything: no vantage point is asked before a switchover, and no person"
            yield Finding((*path, "mode"), sentence)


def _endpoints(runbook: Runbook, rule: AlertRule) -> set[str] | None:
    """The endpoints that can ever fire for what the rule starts; None: any number of them."""
    rules = [other for other in runbook.triggers if other.start == rule.start]
    named = {other.alert for other in rules}
    return named if all("/" in one for one in named) else None


RULES = (sources, matches, places, repeated)
