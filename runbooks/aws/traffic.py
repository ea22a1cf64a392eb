"""The kinds of resource: what leads clients to a region on AWS."""

from typing import Literal, Self

from pydantic import Field, model_validator

from runbooks.aws import switches
from runbooks.aws.access import AwsSettings
from runbooks.kind import Kind
from runbooks.naming import is_address, unfit_stages
from runbooks.steps import Verb
from runbooks.values import Model, Seconds


class Route53Place(Model):
    """Where the clients of one region are led to."""

    to: tuple[str, ...] = Field(min_length=1)
    """Addresses; or one name: that of a CNAME, or with `alias_zone` that of an AWS resource (an alias)."""
    alias_zone: str | None = Field(default=None, pattern=r"^[A-Z0-9]{1,32}$")
    """The hosted zone of the alias's target, as AWS gives it for a load balancer (`CanonicalHostedZoneId`)."""
    evaluate_health: bool = True
    """Of an alias: leave the target out while AWS holds it for unhealthy."""
    set_identifier: str = Field(default="", max_length=128)
    """The record's set identifier; the region's own name when it is not given."""
    health_check: str | None = None
    """The id of a Route 53 health check: while it fails, the record is left out of answers."""


class Route53Common(AwsSettings):
    """What is the same in all regions."""

    aws_region: str = Field(default="us-east-1", pattern=r"^[a-z]{2}(-[a-z0-9]+)+-[0-9]$")
    """Route 53 is one service for the world; its control plane, which changes records, is in us-east-1."""
    zone_id: str = Field(pattern=r"^[A-Z0-9]{1,32}$")
    """The hosted zone."""
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$", max_length=240)
    type: Literal["A", "AAAA", "CNAME"] = "A"
    ttl: int = Field(default=60, ge=0, le=604800)
    """Seconds that answers live in resolvers; an alias has that of its target."""
    routing: Literal["simple", "weighted", "failover"] = "weighted"
    """`simple`: one record set with the addresses of all regions that serve; `weighted`: a record for each region, by
    its share; `failover`: a primary, and one standby that answers while the primary's health check fails."""
    stages: tuple[int, ...] = ()
    """Weighted: percentages of the move, such as [10, 50], each a step of its own before the whole."""
    pause: Seconds = Field(default=0.0, ge=0, le=60)
    """How long each stage is left to itself before the next."""
    servers: tuple[str, ...] = ()
    """Name servers that are asked whether they lead there, `host` or `host:port`; none: those that the zone has."""
    timeout: Seconds = Field(default=2.0, gt=0)
    """Of one question to a name server."""


class Route53Settings(Route53Common, Route53Place):
    """A public name in a hosted zone of Amazon Route 53."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        wrong = _unfit(self)
        if wrong is not None:
            raise ValueError(wrong)
        return self


def _unfit(settings: Route53Settings) -> str | None:
    """Why these settings make no records, or None."""
    if settings.type == "CNAME" and settings.alias_zone is not None:
        return "a CNAME has no `alias_zone`: take it away, or make the type A"
    if (settings.type == "CNAME" or settings.alias_zone is not None) and len(settings.to) > 1:
        return f"`to` must be one name for a CNAME or an alias, and {len(settings.to)} are given"
    for value in settings.to if settings.type != "CNAME" and settings.alias_zone is None else ():
        if not is_address(value, settings.type):
            return (
                f"`{value}` in `to` is no address for a record of type {settings.type}: give one, or the target's "
                "`alias_zone` when it is the name of an AWS resource"
            )
    if (wrong := unfit_stages(settings.stages, settings.routing)) is not None:
        return wrong
    if settings.routing == "failover" and settings.health_check is None and settings.alias_zone is None:
        return "failover routing needs a `health_check` in each region: without one its primary never fails"
    return None


KINDS: tuple[Kind, ...] = (
    Kind(
        "route53",
        frozenset({Verb.DETECT, Verb.CUT_OVER, Verb.VERIFY}),
        Route53Settings,
        regional=frozenset(Route53Place.model_fields),
        identity=("to",),
        undoes=frozenset({Verb.CUT_OVER}),
        weighs=("routing", "weighted"),
        single=("routing", "failover"),
    ),
    *switches.KINDS,
)
