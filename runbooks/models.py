"""The runbook: what a team declares. Procedures are derived from it by `planner.py`."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from runbooks.checks import Check
from runbooks.steps import Verb
from runbooks.values import Model, Seconds, Slug

WITNESS = "witness"
"""The vantage point outside every region: the worker that also runs the procedures."""

Percent = Annotated[int, Field(ge=0, le=100)]


class Procedure(StrEnum):
    """What can be run."""

    FAILOVER = "failover"


class Role(StrEnum):
    """A region's normal part."""

    ACTIVE = "active"
    STANDBY = "standby"


class Objectives(Model):
    """What is promised, and then measured."""

    rto: Seconds
    rpo: Seconds


class Region(Model):
    """A place that can fail as a whole. `vars` fill `{name}` in the texts of checks."""

    role: Role
    traffic: Percent
    vars: dict[str, str] = {}


class Resource(Model):
    """Something that must follow the move.

    A region's settings are `common` overlaid with `settings[region]`; `kinds.py` says what a kind takes.
    `replicas` is the normal size in each region (kinds that scale). `needs` orders steps of the same verb.
    """

    kind: str
    replicas: dict[str, Annotated[int, Field(ge=0)]] = {}
    common: dict[str, JsonValue] = {}
    settings: dict[str, dict[str, JsonValue]] = {}
    needs: tuple[str, ...] = ()


class Approval(Model):
    """Who must say yes: `count` people of `by` (anyone when empty) within `timeout`. `count: 0` runs unasked."""

    by: tuple[str, ...] = ()
    count: int = Field(default=1, ge=0, le=10)
    timeout: Seconds = 600.0
    on_timeout: Literal["abort", "proceed"] = "abort"


class FailoverPolicy(Model):
    """How a failover is decided. `accept` names what is accepted beforehand, such as `unproved-fence:vector-db`."""

    approval: Approval = Approval()
    accept: tuple[str, ...] = ()
    cut_over: Literal["when-scaled", "while-scaling"] = "when-scaled"
    """`while-scaling`: a region that serves already gets the traffic while it still grows."""


class Policy(Model):
    """Rules for each procedure."""

    failover: FailoverPolicy = FailoverPolicy()


class Detection(Model):
    """How a dead region is recognised.

    Each vantage point probes every `interval`; after `failures` bad rounds in a row it calls the region
    unhealthy; when `quorum` vantage points outside the region agree, the region is down. `vantage` lists
    regions and `witness` (a worker outside all regions); empty means all of them.
    """

    interval: Seconds = 1.0
    failures: int = Field(default=3, ge=1, le=100)
    vantage: tuple[str, ...] = ()
    quorum: int | None = Field(default=None, ge=1)
    """None: a majority of the vantage points outside the suspected region."""


class ExtraStep(Model):
    """A step of the user's own, hung before or after every step of a verb."""

    name: Slug
    uses: str
    after: Verb | None = None
    before: Verb | None = None
    region: str = "target"
    """`source`, `target` or a region's name."""
    settings: dict[str, JsonValue] = {}


class Notice(Model):
    """Where people are told: each event of a run is handed to this `notify` technology."""

    uses: str
    settings: dict[str, JsonValue] = {}


class Runbook(Model):
    """One system: its regions, resources, objectives and policy."""

    evac: Literal[1]
    name: Slug
    description: str = ""
    owners: tuple[str, ...] = ()
    objectives: Objectives
    regions: Annotated[dict[Slug, Region], Field(min_length=2)]
    resources: Annotated[dict[Slug, Resource], Field(min_length=1)]
    checks: tuple[Check, ...] = ()
    detect: Detection = Detection()
    policy: Policy = Policy()
    steps: tuple[ExtraStep, ...] = ()
    notify: tuple[Notice, ...] = ()

    def vantages_for(self, region: str) -> tuple[str, ...]:
        """The vantage points whose word counts for the region: all but the region itself."""
        return tuple(vantage for vantage in self.vantages() if vantage != region)

    def vantages(self) -> tuple[str, ...]:
        """Where probes are sent from: as declared, else every region and the witness."""
        return self.detect.vantage or (*self.regions, WITNESS)

    def quorum_for(self, region: str) -> int:
        """How many of them must agree that the region is down: as declared, else a majority."""
        return self.detect.quorum or len(self.vantages_for(region)) // 2 + 1

    def settings_of(self, resource: str, region: str) -> dict[str, JsonValue]:
        """The resource's settings in the region: `common`, overlaid with the region's own."""
        declared = self.resources[resource]
        return {**declared.common, **declared.settings.get(region, {})}
