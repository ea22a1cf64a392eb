"""Which technologies are asked what: a runbook's checks and resources as calls, with every text filled in."""

from collections.abc import Mapping

from pydantic import JsonValue

from runbooks.checks import (
    AwsCheck,
    Check,
    DnsCheck,
    HttpCheck,
    InferenceCheck,
    NatsCheck,
    PostgresCheck,
    SqlCheck,
    Use,
    ValkeyCheck,
)
from runbooks.kinds import KINDS
from runbooks.models import Runbook
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
            Probe(technology=resource.kind, name=name, resource=name, region=region, settings=settings)
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
    runbook: Runbook, resource: str, weights: Mapping[str, int], before: tuple[str, ...] | None
) -> dict[str, JsonValue]:
    """What the cut-over technology and `verify.dns` are given: the common settings and every region's address."""
    addresses: dict[str, JsonValue] = {
        region: runbook.settings_of(resource, region).get("address") for region in runbook.regions
    }
    return {
        **runbook.resources[resource].common,
        "addresses": addresses,
        "weights": dict(weights),
        "before": None if before is None else list(before),
    }


def _probe(runbook: Runbook, check: Check, region: str) -> Probe:
    resource = getattr(check, "resource", "")
    return Probe(
        technology=check.kind,
        name=check.name or "-".join(filter(None, (check.kind, resource))),
        resource=resource,
        region=region,
        settings=_settings(runbook, check, region),
    )


def _settings(runbook: Runbook, check: Check, region: str) -> dict[str, JsonValue]:
    if isinstance(check, PostgresCheck | SqlCheck | NatsCheck | ValkeyCheck):
        return {**runbook.settings_of(check.resource, region), "connect_timeout": check.timeout}
    if isinstance(check, DnsCheck):
        return cut_over_settings(runbook, check.resource, {}, None)
    texts = {"region": region, **runbook.regions[region].vars}
    dumped = check.model_dump(mode="json", exclude={"kind", "name", "use", "through", "resolve"}, exclude_none=True)
    settings: dict[str, JsonValue] = {key: _filled(value, texts) for key, value in dumped.items()}
    if isinstance(check, AwsCheck):
        # A slow model is a reading of its own, so it may take longer than is allowed, but not for ever.
        settings["read_timeout"] = max(check.timeout, check.p95)
    elif isinstance(check, HttpCheck | InferenceCheck) and check.resolve is not None:
        common = runbook.resources[check.resolve].common
        settings["resolver"] = {"servers": common["servers"], "name": common["name"]}
    return settings


def _filled(value: JsonValue, texts: Mapping[str, str]) -> JsonValue:
    """Put the region's texts in place of `{name}`; other braces (JSON in a prompt) stay as they are."""
    if isinstance(value, str):
        for name, text in texts.items():
            value = value.replace(f"{{{name}}}", text)
    return value
