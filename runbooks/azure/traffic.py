"""The kinds of resource: what leads clients to a region on Azure."""

from typing import Literal, Self

from pydantic import Field, model_validator

from runbooks.azure.access import AzureSettings
from runbooks.kind import Kind
from runbooks.naming import is_address, unfit_stages
from runbooks.steps import Verb
from runbooks.values import Model, Seconds

_LABEL = r"[A-Za-z0-9_-]{1,63}"


class AzureDnsPlace(Model):
    """Where the clients of one region are led to."""

    to: tuple[str, ...] = Field(min_length=1)
    """Addresses; or the one name of a CNAME."""


class AzureDnsCommon(AzureSettings):
    """What is the same in all regions."""

    azure_region: str = Field(default="global", pattern=r"^[a-z][a-z0-9]+$")
    """Azure DNS is one service for the world; the zone's resource group has a region, whose loss may stop changes."""
    zone: str = Field(pattern=rf"^{_LABEL}(\.{_LABEL})+$", max_length=253)
    """The DNS zone, such as example.com."""
    name: str = Field(pattern=rf"^{_LABEL}(\.{_LABEL})*\.?$", max_length=253)
    """The public name, whole: it is in the zone, or is the zone itself."""
    type: Literal["A", "AAAA", "CNAME"] = "A"
    ttl: int = Field(default=60, ge=1, le=2147483647)
    """Seconds that answers live in resolvers."""
    servers: tuple[str, ...] = ()
    """Name servers that are asked whether they lead there, `host` or `host:port`; none: those that the zone has."""
    timeout: Seconds = Field(default=2.0, gt=0)
    """Of one question to a name server."""

    @property
    def relative(self) -> str:
        """The name within its zone; `@`: the zone itself."""
        name, zone = self.name.rstrip(".").lower(), self.zone.lower()
        return "@" if name == zone else name.removesuffix(f".{zone}")

    @property
    def zone_of_name(self) -> str:
        """The zone's id."""
        return self.id_of("Microsoft.Network/dnsZones", self.zone)

    @property
    def record_id(self) -> str:
        """The record set's id."""
        return self.id_of(f"Microsoft.Network/dnsZones/{self.type}", self.zone, self.relative)


class AzureDnsSettings(AzureDnsCommon, AzureDnsPlace):
    """A public name in a zone of Azure DNS: one record set with the addresses of all regions that serve."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        wrong = _unfit(self)
        if wrong is not None:
            raise ValueError(wrong)
        return self


def _unfit(settings: AzureDnsSettings) -> str | None:
    """Why these settings make no record set, or None."""
    name, zone = settings.name.rstrip(".").lower(), settings.zone.lower()
    if name != zone and not name.endswith(f".{zone}"):
        return f"`name` is not in the zone {settings.zone}: give the whole name, or another zone"
    if settings.type == "CNAME" and name == zone:
        return "the zone itself can have no CNAME: give a name below it, or addresses"
    if settings.type == "CNAME" and len(settings.to) > 1:
        return f"`to` must be one name for a CNAME, and {len(settings.to)} are given"
    for value in settings.to if settings.type != "CNAME" else ():
        if not is_address(value, settings.type):
            return f"`{value}` in `to` is no address for a record of type {settings.type}: give one, or make it a CNAME"
    return None


class TrafficManagerPlace(Model):
    """One region's endpoint."""

    endpoint_name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_. -]*$", max_length=260)
    """Its name in the profile; Azure, external and nested ones are alike."""


class TrafficManagerCommon(AzureSettings):
    """What is the same in all regions."""

    azure_region: str = Field(default="global", pattern=r"^[a-z][a-z0-9]+$")
    """Traffic Manager is one service for the world; only its DNS answers need no control plane."""
    profile: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$")
    routing: Literal["priority", "weighted"] = "weighted"
    """The profile's routing method. By priority, only the region that serves is left enabled: Evac decides."""
    stages: tuple[int, ...] = ()
    """Weighted: percentages of the move, such as [10, 50], each a step of its own before the whole."""
    pause: Seconds = Field(default=0.0, ge=0, le=60)
    """How long each stage is left to itself before the next."""

    @property
    def profile_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.Network/trafficmanagerprofiles", self.profile)


class TrafficManagerSettings(TrafficManagerCommon, TrafficManagerPlace):
    """The endpoints of an Azure Traffic Manager profile: enabled, with its share as weight, where clients are led."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        wrong = unfit_stages(self.stages, self.routing)
        if wrong is not None:
            raise ValueError(wrong)
        return self


class FrontDoorPlace(Model):
    """One region's origin."""

    origin: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,89}$")
    """Its name in the origin group."""


class FrontDoorCommon(AzureSettings):
    """What is the same in all regions."""

    azure_region: str = Field(default="global", pattern=r"^[a-z][a-z0-9]+$")
    """Front Door is one service for the world."""
    profile: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,259}$")
    origin_group: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,89}$")

    @property
    def profile_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.Cdn/profiles", self.profile)


class FrontDoorSettings(FrontDoorCommon, FrontDoorPlace):
    """The origins of an origin group of Azure Front Door (standard, premium): enabled where clients are led."""


KINDS: tuple[Kind, ...] = (
    Kind(
        "azure_dns",
        frozenset({Verb.DETECT, Verb.CUT_OVER, Verb.VERIFY}),
        AzureDnsSettings,
        regional=frozenset(AzureDnsPlace.model_fields),
        identity=("to",),
        undoes=frozenset({Verb.CUT_OVER}),
        single=("type", "CNAME"),
    ),
    Kind(
        "traffic_manager",
        frozenset({Verb.DETECT, Verb.CUT_OVER}),
        TrafficManagerSettings,
        regional=frozenset(TrafficManagerPlace.model_fields),
        identity=("endpoint_name",),
        undoes=frozenset({Verb.CUT_OVER}),
        weighs=("routing", "weighted"),
        single=("routing", "priority"),
    ),
    Kind(
        "front_door",
        frozenset({Verb.DETECT, Verb.CUT_OVER}),
        FrontDoorSettings,
        regional=frozenset(FrontDoorPlace.model_fields),
        identity=("origin",),
        undoes=frozenset({Verb.CUT_OVER}),
    ),
)
