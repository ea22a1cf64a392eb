"""An Azure Traffic Manager profile: its endpoints, all set by one request which also notes the decision in its tags.

The service has no ETags (the library knows none), so a PUT overwrites whatever came since the last look. Therefore the
profile is read once more right before it, compared with what was seen, and again after it: what is left is the time
between that look and the request, in which only another run of the same runbook could come, and of those there is one.

https://learn.microsoft.com/rest/api/trafficmanager/profiles
"""

from collections.abc import Iterable, Mapping
from typing import Any

from activities.azure import tag_epoch, tagged
from activities.clients.azure import Answer, Azure
from activities.clients.azure_locks import refuse_locked
from activities.errors import StepError
from activities.naming import NameView, PublicName, RecordSet
from runbooks.azure.traffic import TrafficManagerCommon, TrafficManagerPlace
from runbooks.steps import ErrorType

_KEPT = ("endpointStatus", "weight", "priority")
_METHODS = {"priority": "Priority", "weighted": "Weighted"}
ANSWERED = frozenset({"Online", "Unmonitored"})
"""The monitor's words of an endpoint that clients are led to: it answers, or is always served without being asked."""


class Profile(PublicName, TrafficManagerCommon):
    """The settings of a `kind: traffic_manager` resource in all its regions together."""

    places: dict[str, TrafficManagerPlace]

    @property
    def title(self) -> str:
        """The profile."""
        return self.profile

    @property
    def waits(self) -> float:
        """As the runbook says."""
        return self.pause


class ProfileView(NameView):
    """As ARM shows it. `sets` are the runbook's endpoints."""

    monitors: dict[str, str] = {}
    """What Traffic Manager's own probes say of each endpoint that is enabled, by its name."""
    targets: tuple[str, ...] = ()
    lives: int = 0

    @property
    def ttl(self) -> int:
        """As the profile says."""
        return self.lives


async def read_profile(there: Azure, settings: Profile) -> ProfileView:
    """Look. Raises StepError: WRONG_STATE when it is disabled or routes otherwise; NOT_FOUND without an endpoint."""
    return _view(settings, await _get(there, settings))


async def lead_profile(
    there: Azure, settings: Profile, seen: ProfileView, wanted: tuple[RecordSet, ...], epoch: int
) -> None:
    """Set all of the runbook's endpoints by one request, with the decision. Raises StepError: CONFLICT."""
    await refuse_locked(there, settings.profile_id)
    found = await _get(there, settings)
    now = _view(settings, found)
    if (now.sets, now.epoch, now.strangers) != (seen.sets, seen.epoch, seen.strangers):
        raise StepError(ErrorType.CONFLICT, f"{settings.profile} has been changed meanwhile: it is looked at again.")
    await there.change(
        "trafficmanager",
        "profiles.create_or_update",
        settings.resource_group,
        settings.profile,
        _changed(found, wanted, epoch),
    )


def wanted_endpoints(settings: Profile, weights: Mapping[str, int]) -> tuple[RecordSet, ...]:
    """Enabled with that weight where there is any, disabled elsewhere. Pure. Raises StepError."""
    serving = settings.weighed(weights)
    if settings.routing == "priority" and len(serving) > 1:
        raise StepError(
            ErrorType.BAD_SETTINGS,
            f"{settings.profile} leads to one region by priority routing, and not to {' and '.join(serving)}: make its "
            "routing weighted.",
        )
    found = []
    for region, place in settings.places.items():
        enabled = region in serving
        wanted: RecordSet = {"name": place.endpoint_name, "endpointStatus": "Enabled" if enabled else "Disabled"}
        weighs = enabled and settings.routing == "weighted"
        found.append({**wanted, "weight": weights[region]} if weighs else wanted)
    return tuple(found)


def same_endpoints(settings: Profile, one: Iterable[RecordSet], other: Iterable[RecordSet]) -> bool:
    """They lead alike. Pure."""
    return _canonical(settings, one) == _canonical(settings, other)


def led_by(settings: Profile, sets: Iterable[RecordSet]) -> dict[str, int]:
    """Where the runbook's endpoints lead, by region. Pure."""
    enabled = [each for each in sets if each["endpointStatus"] == "Enabled"]
    if settings.routing == "priority":
        first = min((int(each.get("priority") or 1) for each in enabled), default=1)
        enabled = [each for each in enabled if int(each.get("priority") or 1) == first]
    weights = {each["name"]: int(each.get("weight") or 1) for each in enabled}
    single = settings.routing == "priority"
    return {
        region: 1 if single else weights[place.endpoint_name]
        for region, place in settings.places.items()
        if place.endpoint_name in weights
    }


def _canonical(settings: Profile, sets: Iterable[RecordSet]) -> list[tuple[str, str, int]]:
    weighted = settings.routing == "weighted"
    return sorted(
        (each["name"], each["endpointStatus"], int(each.get("weight") or 1) if weighted and _on(each) else 0)
        for each in sets
    )


def _on(endpoint: Mapping[str, Any]) -> bool:
    return bool(endpoint["endpointStatus"] == "Enabled")


async def _get(there: Azure, settings: Profile) -> Answer:
    return await there.read("trafficmanager", "profiles.get", settings.resource_group, settings.profile)


def _view(settings: Profile, found: Answer) -> ProfileView:
    properties = found["properties"]
    _refuse_otherwise(settings, properties)
    endpoints = {each["name"]: each["properties"] for each in properties["endpoints"]}
    ours = [place.endpoint_name for place in settings.places.values()]
    missing = [name for name in ours if name not in endpoints]
    if missing:
        raise StepError(
            ErrorType.NOT_FOUND, f"{settings.profile} has no endpoint {missing[0]}: look whether the runbook names it."
        )
    sets = tuple({"name": name, **_kept(endpoints[name])} for name in ours)
    enabled = {name: each for name, each in endpoints.items() if _on(each)}
    return ProfileView(
        sets=sets,
        leads=led_by(settings, sets),
        strangers=_strangers(settings, enabled, ours),
        epoch=tag_epoch(found),
        monitors={name: str(each.get("endpointMonitorStatus", "unknown")) for name, each in enabled.items()},
        targets=tuple(sorted(str(endpoints[name].get("target", "")) for name in ours if name in enabled)),
        lives=int(properties.get("dnsConfig", {}).get("ttl", 0)),
    )


def _kept(endpoint: Mapping[str, Any]) -> RecordSet:
    return {key: endpoint[key] for key in _KEPT if endpoint.get(key) is not None}


def _strangers(settings: Profile, enabled: Mapping[str, Any], ours: list[str]) -> tuple[str, ...]:
    """Enabled endpoints that are none of the runbook's, and that clients may be led to before its own."""
    others = {name: each for name, each in enabled.items() if name not in ours}
    if settings.routing == "priority":
        first = min((int(enabled[name].get("priority") or 1) for name in ours if name in enabled), default=1001)
        others = {name: each for name, each in others.items() if int(each.get("priority") or 1) < first}
    return tuple(sorted(others))


def _refuse_otherwise(settings: Profile, properties: Mapping[str, Any]) -> None:
    method, wanted = properties["trafficRoutingMethod"], _METHODS[settings.routing]
    if method != wanted:
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{settings.profile} routes by {method}, and the runbook says {settings.routing}: make them the same.",
        )
    if properties.get("profileStatus") != "Enabled":
        raise StepError(
            ErrorType.WRONG_STATE,
            f"The profile {settings.profile} is disabled and leads nobody anywhere: enable it, then say retry.",
        )


def _changed(found: Answer, wanted: tuple[RecordSet, ...], epoch: int) -> dict[str, Any]:
    """The profile as it is, with other endpoint states and the decision: a PUT takes all of it."""
    ours = {each["name"]: {key: each[key] for key in _KEPT if key in each} for each in wanted}
    endpoints = [
        {**each, "properties": {**_without(each["properties"], "endpointMonitorStatus"), **ours.get(each["name"], {})}}
        for each in found["properties"]["endpoints"]
    ]
    properties = {**found["properties"], "endpoints": endpoints}
    if "monitorConfig" in properties:
        properties["monitorConfig"] = _without(properties["monitorConfig"], "profileMonitorStatus")
    return {"location": found.get("location", "global"), "tags": tagged(found, epoch), "properties": properties}


def _without(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != key}
