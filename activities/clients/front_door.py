"""The origins of an Azure Front Door (standard, premium): which ones are enabled, and whether it has been deployed.

Origins have no ETags and no tags. The decision is noted in a tag of the profile, one for each origin group, before
anything is changed, and looked at again before each origin.

`deploymentStatus` says `NotStarted` for ever on most profiles, also long after a change works (seen in many published
answers; not documented): only `InProgress` and `Failed` mean something.

https://learn.microsoft.com/rest/api/frontdoor/azurefrontdoorstandardpremium/afd-origins
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from activities.azure import EPOCH_TAG
from activities.clients.azure import Answer, Azure
from activities.clients.azure_locks import refuse_locked
from activities.errors import StepError
from activities.switching import Switched, Switches
from runbooks.azure.traffic import FrontDoorCommon, FrontDoorPlace
from runbooks.steps import ErrorType

_NOTE, _UPDATE = "profiles.begin_update", "afd_origins.begin_update"
_PENDING = ("Updating", "Creating")


class FrontDoorOrigins(FrontDoorCommon, Switched):
    """The settings of a `kind: front_door` resource in all its regions together."""

    places: dict[str, FrontDoorPlace]


class FrontDoorView(Switches):
    """Which origins are enabled."""

    priorities: dict[str, int] = {}
    """Of each region's origin: among those that are enabled, only the ones with the least take traffic."""
    changing: tuple[str, ...] = ()
    """The origins whose last change goes on."""
    failed: tuple[str, ...] = ()
    """The origins whose last change was accepted and not carried out."""
    deployment: str = ""
    """What Front Door says of it."""


async def read_front_door(there: Azure, settings: FrontDoorOrigins) -> FrontDoorView:
    """Look. Raises StepError; an origin that the group has not is not found."""
    profile, found = await asyncio.gather(
        _profile(there, settings),
        there.pages(
            "cdn",
            "afd_origins.list_by_origin_group",
            settings.resource_group,
            settings.profile,
            settings.origin_group,
        ),
    )
    origins = {str(one["name"]): one["properties"] for one in found}
    names = {region: place.origin for region, place in settings.places.items()}
    absent = sorted(set(names.values()) - set(origins))
    if absent:
        sentence = f"The origin group {settings.origin_group} has no origin {absent[0]}: correct `origin`."
        raise StepError(ErrorType.NOT_FOUND, sentence)
    ours = {name: origins[name] for name in names.values()}
    return FrontDoorView(
        on=tuple(region for region, name in names.items() if origins[name]["enabledState"] == "Enabled"),
        epoch=_epoch(settings, profile),
        pending=any(_pending(one) for one in ours.values()),
        changing=tuple(name for name, one in ours.items() if _pending(one)),
        priorities={region: int(origins[name].get("priority") or 1) for region, name in names.items()},
        failed=tuple(name for name, one in ours.items() if _failed(one)),
        deployment=", ".join(sorted({str(one.get("deploymentStatus") or "unknown") for one in ours.values()})),
    )


async def note_on_front_door(there: Azure, settings: FrontDoorOrigins, epoch: int) -> None:
    """Keep the decision in the profile's tags. Raises StepError."""
    _, profile = await asyncio.gather(refuse_locked(there, settings.profile_id), _profile(there, settings))
    tags = {**(profile.get("tags") or {}), _tag(settings): str(epoch)}
    await there.operate("cdn", _NOTE, settings.resource_group, settings.profile, {"tags": tags})


async def turn_origins(
    there: Azure, settings: FrontDoorOrigins, regions: Iterable[str], state: Literal["Enabled", "Disabled"], epoch: int
) -> None:
    """Enable or disable these regions' origins, each by a request whose end is awaited.

    Raises StepError: CONFLICT when another decision comes between two of them.
    """
    await refuse_locked(there, settings.profile_id)
    for region in regions:
        kept = _epoch(settings, await _profile(there, settings))
        if kept != epoch:
            raise StepError(
                ErrorType.CONFLICT, f"Decision {kept} has come meanwhile to {settings.profile}: it is looked at again."
            )
        origin = settings.places[region].origin
        where = (settings.resource_group, settings.profile, settings.origin_group, origin)
        await there.operate("cdn", _UPDATE, *where, {"properties": {"enabledState": state}})


async def _profile(there: Azure, settings: FrontDoorOrigins) -> Answer:
    return await there.read("cdn", "profiles.get", settings.resource_group, settings.profile)


def _tag(settings: FrontDoorCommon) -> str:
    return f"{EPOCH_TAG}-{settings.origin_group}"


def _epoch(settings: FrontDoorCommon, profile: Answer) -> int | None:
    kept = str((profile.get("tags") or {}).get(_tag(settings), ""))
    return int(kept) if kept.isdecimal() else None


def _pending(origin: Mapping[str, Any]) -> bool:
    return origin.get("provisioningState") in _PENDING or origin.get("deploymentStatus") == "InProgress"


def _failed(origin: Mapping[str, Any]) -> bool:
    return "Failed" in (origin.get("provisioningState"), origin.get("deploymentStatus"))
