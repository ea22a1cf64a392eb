"""Route 53 health checks as switches: how they stand, and how they are turned, each by compare and set on its version.

A disabled check counts as healthy, and a disabled inverted one as unhealthy, whatever its endpoint says
(https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html). What a record does then is the
data plane's work; turning the check is the control plane's.
"""

import asyncio

from activities.acting import View
from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aws import Aws
from activities.switching import Switched, Switches
from runbooks.aws.switches import Route53HealthCommon, Route53HealthPlace
from runbooks.steps import ErrorType

_MEANINGS = {"HealthCheckVersionMismatch": ErrorType.CONFLICT}


class HealthChecks(Route53HealthCommon, Switched):
    """The settings of a `kind: route53_health` resource in all its regions together."""

    places: dict[str, Route53HealthPlace]


class CheckState(View):
    """One check."""

    disabled: bool
    inverted: bool
    version: int

    @property
    def on(self) -> bool:
        """It is not held for unhealthy whatever its endpoint says."""
        return not (self.disabled and self.inverted)


class HealthSwitches(Switches):
    """All of them."""

    checks: dict[str, CheckState]


async def read_checks(there: Aws, settings: HealthChecks) -> HealthSwitches:
    """Look. Raises StepError."""
    found = await asyncio.gather(*(_check(there, place.health_check) for place in settings.places.values()))
    checks = {region: state for region, (state, _) in zip(settings.places, found, strict=True)}
    epochs = [epoch for _, epoch in found if epoch is not None]
    on = tuple(region for region, state in checks.items() if state.on)
    return HealthSwitches(on=on, epoch=max(epochs, default=None), checks=checks)


async def _check(there: Aws, name: str) -> tuple[CheckState, int | None]:
    answer, tags = await asyncio.gather(
        there.read("route53", "get_health_check", HealthCheckId=name),
        there.read("route53", "list_tags_for_resource", ResourceType="healthcheck", ResourceId=name),
    )
    check = answer["HealthCheck"]
    config = check["HealthCheckConfig"]
    state = CheckState(
        disabled=bool(config.get("Disabled")),
        inverted=bool(config.get("Inverted")),
        version=check["HealthCheckVersion"],
    )
    return state, epoch_in(tags["ResourceTagSet"].get("Tags", ()))


async def note_on_checks(there: Aws, settings: HealthChecks, epoch: int) -> None:
    """Keep the decision in each one's tags. Raises StepError."""
    for place in settings.places.values():
        await there.change(
            "route53",
            "change_tags_for_resource",
            ResourceType="healthcheck",
            ResourceId=place.health_check,
            AddTags=[{"Key": EPOCH_TAG, "Value": str(epoch)}],
        )


async def turn_checks(
    there: Aws, settings: HealthChecks, seen: HealthSwitches, on: tuple[str, ...], was: HealthSwitches | None
) -> None:
    """Those that are to be on first, so that never none is. Raises StepError: conflict by the check's version."""
    for region in sorted(settings.places, key=lambda region: region not in on):
        place, state = settings.places[region], seen.checks[region]
        if state.on == (region in on):
            continue
        wanted = CheckState(disabled=False, inverted=place.inverted, version=0)
        if region not in on:
            wanted = CheckState(disabled=True, inverted=True, version=0)
        if was is not None:
            wanted = was.checks[region]
        await there.change(
            "route53",
            "update_health_check",
            meanings=_MEANINGS,
            HealthCheckId=place.health_check,
            HealthCheckVersion=state.version,
            Disabled=wanted.disabled,
            Inverted=wanted.inverted,
        )
