"""Which technologies are asked what: a runbook's checks and resources as calls, with every text filled in."""

from collections.abc import Mapping

from pydantic import JsonValue

from runbooks.aws.checks import AwsCheck
from runbooks.azure.checks import AzureCheck
from runbooks.check_base import Use
from runbooks.checks import (
    Check,
    DnsCheck,
    HttpCheck,
    InferenceCheck,
    NatsCheck,
    PostgresCheck,
    SqlCheck,
    ValkeyCheck,
)
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.postgres_server import PostgresServer
from runbooks.steps import StepCall, Verb
from runbooks.values import Model

PUBLIC = "public"
"""The 'region' of what has no region: the public name."""

WRITES = frozenset({"nats", "sql", "valkey"})
"""The technologies of checks that write to a data resource: they are asked only where its writer is."""


class Probe(Model):
    """One question to one technology (`uses` without its verb is the technology's name)."""

    technology: str
    name: str
    resource: str = ""
    region: str
    settings: dict[str, JsonValue]

    def call(self, verb: Verb, runbook: str, run: str, epoch: int = 0) -> StepCall:
        """The question as a call of that verb."""
        uses = f"{verb}.{self.technology}"
        return StepCall(
            runbook=runbook,
            run=run,
            step=f"{uses}.{self.name}.{self.region}",
            uses=uses,
            resource=self.resource or self.name,
            region=self.region,
            epoch=epoch,
            settings=self.settings,
        )


def observations(runbook: Runbook) -> tuple[Probe, ...]:
    """What is looked at before planning: each resource in each region, and each public name once."""
    probes: list[Probe] = []
    for name, resource in runbook.resources.items():
        verbs = KINDS[resource.kind].verbs
        if Verb.DETECT not in verbs:
            continue
        if Verb.CUT_OVER in verbs:
            places = {PUBLIC: cut_over_settings(runbook, name, {}, None)}
        else:
            places = {region: runbook.settings_of(name, region) for region in runbook.regions}
        probes.extend(
            Probe(
                technology=runbook.kind_of(name, region),
                name=name,
                resource=name,
                region=region,
                settings=settings,
            )
            for region, settings in places.items()
        )
    return tuple(probes)


def checks(runbook: Runbook, region: str, use: Use, through: str = "region") -> tuple[Probe, ...]:
    """The checks of that use and way, asked of that region."""
    wanted = (check for check in runbook.checks if use in check.use and check.through == through)
    return tuple(_probe(runbook, check, region) for check in wanted)


def deploying(runbook: Runbook, region: str) -> Probe | None:
    """The question whether a deployment is in progress; None when the runbook does not say how to ask."""
    check = runbook.detect.deploying
    return None if check is None else _probe(runbook, check, region)


def cut_over_settings(
    runbook: Runbook,
    resource: str,
    weights: Mapping[str, int],
    before: tuple[str, ...] | None,
    weights_before: Mapping[str, int] | None = None,
) -> dict[str, JsonValue]:
    """What the cut-over technology, and the one that verifies it, are given: the common settings and every region's.

    A kind whose regions give nothing but an `address` gets `addresses`, any other `places`.
    """
    declared, regional = runbook.resources[resource], KINDS[runbook.resources[resource].kind].regional
    per_region = {region: runbook.settings_of(resource, region) for region in runbook.regions}
    given: dict[str, JsonValue]
    if regional == frozenset({"address"}):
        given = {**declared.common, "addresses": {region: own.get("address") for region, own in per_region.items()}}
    else:
        keys = set(regional) if regional is not None else {key for own in per_region.values() for key in own}
        places = {region: {key: own[key] for key in own if key in keys} for region, own in per_region.items()}
        given = {key: value for key, value in declared.common.items() if key not in keys}
        given["places"] = dict(places)
        given["weights_before"] = dict(weights_before or {})
    return {**given, "weights": dict(weights), "before": None if before is None else list(before)}


def _probe(runbook: Runbook, check: Check, region: str) -> Probe:
    resource = getattr(check, "resource", "")
    technology: str = check.kind
    if isinstance(check, DnsCheck) and Verb.VERIFY in KINDS[runbook.resources[check.resource].kind].verbs:
        technology = runbook.resources[check.resource].kind  # it knows better than plain DNS what is right
    return Probe(
        technology=technology,
        name=check.name or "-".join(filter(None, (check.kind, resource))),
        resource=resource,
        region=region,
        settings=settings_of_check(runbook, check, region),
    )


def settings_of_check(runbook: Runbook, check: Check, region: str) -> dict[str, JsonValue]:
    """What the check's technology is given in the region, with every text filled in."""
    if isinstance(check, PostgresCheck | SqlCheck | NatsCheck | ValkeyCheck):
        own = runbook.settings_of(check.resource, region)
        return {**_encrypted(runbook.resources[check.resource].kind), **own, "connect_timeout": check.timeout}
    if isinstance(check, DnsCheck):
        return cut_over_settings(runbook, check.resource, {}, None)
    texts = {"region": region, **runbook.regions[region].vars}
    dumped = check.model_dump(mode="json", exclude={"kind", "name", "use", "through", "resolve"}, exclude_none=True)
    settings: dict[str, JsonValue] = {key: _filled(value, texts) for key, value in dumped.items()}
    if isinstance(check, AwsCheck | AzureCheck):
        # A slow model is a reading of its own, so it may take as long as it is allowed.
        settings["read_timeout"] = max(check.timeout, getattr(check, "p95", 0.0))
    if isinstance(check, HttpCheck | InferenceCheck) and check.resolve is not None:
        common = runbook.resources[check.resolve].common
        settings["resolver"] = {"servers": common["servers"], "name": common["name"]}
    return settings


def _encrypted(kind: str) -> dict[str, JsonValue]:
    """How a kind's server is reached unless the runbook says otherwise, where that is not as any PostgreSQL is."""
    mine, usual = (model.model_fields.get("sslmode") for model in (KINDS[kind].settings, PostgresServer))
    if mine is None or usual is None or mine.default == usual.default:
        return {}
    return {"sslmode": str(mine.default)}


def _filled(value: JsonValue, texts: Mapping[str, str]) -> JsonValue:
    """Put the region's texts in place of `{name}`; other braces (JSON in a prompt) stay as they are."""
    if isinstance(value, str):
        for name, text in texts.items():
            value = value.replace(f"{{{name}}}", text)
    return [_filled(inner, texts) for inner in value] if isinstance(value, list) else value
