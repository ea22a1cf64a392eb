"""Rules for checks: what they name exists, can be asked so, and every text in them can be filled in."""

import re
from collections.abc import Iterator

from runbooks.aws.checks import AwsHealthCheck, CloudwatchCheck, TargetGroupCheck
from runbooks.azure.checks import MonitorCheck, ResourceHealthCheck, ServiceHealthCheck
from runbooks.checks import (
    Check,
    DnsCheck,
    HttpCheck,
    InferenceCheck,
    NatsCheck,
    PostgresCheck,
    SqlCheck,
    TcpCheck,
    ValkeyCheck,
)
from runbooks.faults import DocumentPath, Finding, did_you_mean, plain
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.postgres_server import PostgresServer
from runbooks.steps import Verb

_TEMPLATE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")
_CAN_DETECT = (
    HttpCheck,
    TcpCheck,
    PostgresCheck,
    NatsCheck,
    ValkeyCheck,
    TargetGroupCheck,
    CloudwatchCheck,
    AwsHealthCheck,
    MonitorCheck,
    ResourceHealthCheck,
    ServiceHealthCheck,
)
_LAST_PORT = 65535
_OF_CLOUDS = (
    "aws_region",
    "role",
    "profile",
    "endpoint",
    "target_group",
    "alarms",
    "services",
    "endpoint_name",
    "variant",
    "model",
    "subscription",
    "resource_group",
    "azure_region",
    "identity",
    "target",
    "targets",
    "metric",
)
"""The texts of checks that ask a cloud."""


def resources(runbook: Runbook) -> Iterator[Finding]:
    """A check's resource exists and is of a kind that can be checked so."""
    for number, check in enumerate(runbook.checks):
        path: DocumentPath = ("checks", number)
        if isinstance(check, PostgresCheck | SqlCheck | NatsCheck | ValkeyCheck):
            able = _asked_by_sql() if check.kind == "sql" else (check.kind,)
            fitting = [name for name, resource in runbook.resources.items() if resource.kind in able]
            yield from _named(runbook, (*path, "resource"), check.resource, fitting, f"of kind {' or '.join(able)}")
        elif isinstance(check, DnsCheck):
            yield from _named(runbook, (*path, "resource"), check.resource, _asked_by_dns(runbook), "a public name")
        elif isinstance(check, HttpCheck | InferenceCheck) and check.resolve is not None:
            yield from _named(runbook, (*path, "resolve"), check.resolve, _asked_by_dns(runbook), "a public name")
            yield from _servers(runbook, (*path, "resolve"), check.resolve)


def _asked_by_sql() -> tuple[str, ...]:
    """The kinds whose settings say how a PostgreSQL server is reached."""
    return tuple(kind.name for kind in KINDS.values() if issubclass(kind.settings, PostgresServer))


def _asked_by_dns(runbook: Runbook) -> list[str]:
    """The public names that name servers answer for."""
    able = {
        kind.name for kind in KINDS.values() if Verb.CUT_OVER in kind.verbs and "servers" in kind.settings.model_fields
    }
    return [name for name, resource in runbook.resources.items() if resource.kind in able]


def _servers(runbook: Runbook, path: DocumentPath, name: str) -> Iterator[Finding]:
    """Who resolves by a public name's servers must be told which these are."""
    given = runbook.resources.get(name)
    if given is None or given.kind not in KINDS or "servers" not in KINDS[given.kind].settings.model_fields:
        return
    if "servers" in given.common or KINDS[given.kind].settings.model_fields["servers"].is_required():
        return  # what must be there and is not is found among the settings
    sentence = f"{name} gives no `servers` to resolve the URL's host with; add them to its `common`"
    yield Finding(path, sentence, reads=(("resources", name),))


def _named(runbook: Runbook, path: DocumentPath, name: str, fitting: list[str], what: str) -> Iterator[Finding]:
    if name in fitting:
        return
    reads: tuple[DocumentPath, ...] = (("resources",), ("resources", name, "kind"))
    if name not in runbook.resources:
        sentence = f"`{plain(name)}` is no resource{did_you_mean(name, fitting or runbook.resources)}"
        yield Finding(path, sentence, reads=reads)
    elif runbook.resources[name].kind in KINDS:
        yield Finding(path, f"{name} is of kind {runbook.resources[name].kind}, and must be {what} here", reads=reads)


def uses(runbook: Runbook) -> Iterator[Finding]:
    """Every check is used, and so that its kind can be; and something can detect that a region is dead."""
    for number, check in enumerate(runbook.checks):
        path: DocumentPath = ("checks", number, "use")
        if not check.use:
            yield Finding(path, "this check is never used; give `detect`, `verify`, or both")
        elif "detect" in check.use and not isinstance(check, _CAN_DETECT):
            yield Finding(path, f"a check of kind {check.kind} can only verify; take `detect` away")
    if not any(_detects(check) for check in runbook.checks):
        sentence = (
            "no check can tell that a region is dead; an http, tcp or store's check must detect `through: region`"
        )
        yield Finding(("checks",), sentence)


def _detects(check: Check) -> bool:
    return isinstance(check, _CAN_DETECT) and "detect" in check.use and check.through == "region"


def labels(runbook: Runbook) -> Iterator[Finding]:
    """Two checks of one name could not be told apart."""
    seen: set[str] = set()
    for number, check in enumerate(runbook.checks):
        if check.name and check.name in seen:
            yield Finding(("checks", number, "name"), f"another check is called `{plain(check.name)}` already")
        seen.add(check.name)


def texts(runbook: Runbook) -> Iterator[Finding]:
    """Every `{name}` in a check is known in every region, and what comes out is an address of that region."""
    for number, check in enumerate(runbook.checks):
        whole = True
        for key, text in _texts(check):
            for name in dict.fromkeys(_TEMPLATE.findall(text)):
                absent = [r for r, region in runbook.regions.items() if name != "region" and name not in region.vars]
                if absent and not (key in ("prompt", "expect", "contains") and len(absent) == len(runbook.regions)):
                    whole = False
                    yield _unknown_variable(runbook, ("checks", number, key), name, absent)
        if whole:
            yield from _addresses(runbook, number, check)


def _unknown_variable(runbook: Runbook, path: DocumentPath, name: str, absent: list[str]) -> Finding:
    known = dict.fromkeys(["region", *(key for region in runbook.regions.values() for key in region.vars)])
    hint = did_you_mean(name, known) if len(absent) == len(runbook.regions) else ""
    sentence = f"`{{{plain(name)}}}` is not in the vars of {', '.join(absent)}{hint}"
    return Finding(path, sentence, reads=tuple(("regions", region) for region in absent))


def _texts(check: Check) -> Iterator[tuple[str, str]]:
    for key in ("url", "host", "port", "prompt", "expect", "contains", *_OF_CLOUDS):
        value = getattr(check, key, None)
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, tuple):
            yield from ((key, inner) for inner in value)


def _addresses(runbook: Runbook, number: int, check: Check) -> Iterator[Finding]:
    reads: tuple[DocumentPath, ...] = tuple(("regions", region) for region in runbook.regions)
    key = "url" if isinstance(check, HttpCheck | InferenceCheck) else "host"
    filled: dict[str, str] = {}
    for region in runbook.regions:
        if isinstance(check, HttpCheck | InferenceCheck):
            filled[region] = _filled(runbook, check.url, region)
            if not filled[region].startswith(("http://", "https://")):
                yield Finding(("checks", number, "url"), "a url must start with http:// or https://", reads=reads)
                return
        elif isinstance(check, TcpCheck):
            port = _filled(runbook, str(check.port), region)
            filled[region] = f"{_filled(runbook, check.host, region)}:{port}"
            if not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= _LAST_PORT):
                sentence = f"the port is `{plain(port)}` in {region}; it must be a number from 1 to {_LAST_PORT}"
                yield Finding(("checks", number, "port"), sentence, reads=reads)
                return
    if filled and check.through == "region" and len(set(filled.values())) < len(filled):
        sentence = "every region would be asked at the same place; put `{region}` or a variable of the region into it"
        yield Finding(("checks", number, key), sentence, reads=reads)


def _filled(runbook: Runbook, text: str, region: str) -> str:
    for name, value in {"region": region, **runbook.regions[region].vars}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


RULES = (resources, uses, labels, texts)
