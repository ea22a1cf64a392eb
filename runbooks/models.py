"""The runbook: what a team declares. Procedures are derived from it by `planner.py`."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from runbooks.alert_rules import AlertRule
from runbooks.checks import Check, HttpCheck
from runbooks.steps import Verb
from runbooks.values import Model, Seconds, Slug

WITNESS = "witness"
"""The vantage point outside every region: the worker that also runs the procedures."""

Percent = Annotated[int, Field(ge=0, le=100)]


class Procedure(StrEnum):
    """What can be run. `TRAFFIC` are those that run a plan: workflow id `evac/<runbook>`, one at a time."""

    FAILOVER = "failover"
    """The source is presumed dead: everything moves out of it, and what could not be copied is lost."""
    SWITCHOVER = "switchover"
    """The source is alive: writes stop, the standby gets everything, and takes over. Nothing is lost."""
    FAILBACK = "failback"
    """The former primary is rebuilt as a standby, proved equal, and everything moves home to it."""
    DRILL = "drill"
    """A switchover and the way home, or an isolated rehearsal, with a verdict against the objectives."""
    RESTORE_TEST = "restore-test"
    READINESS = "readiness"
    EVACUATE = "evacuate"


PLANNED = frozenset({Procedure.SWITCHOVER, Procedure.FAILBACK, Procedure.DRILL})
"""What people choose the time of: a real failover takes precedence over it."""


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


class Query(Model):
    """A question to a restored store, and the answer that proves it good: the first value of the first row."""

    sql: str
    expect: str | None = None
    """The exact answer, as text; None: `at_least`, or any answer at all."""
    at_least: float | None = None


class Backup(Model):
    """What is demanded of a resource's backups: how old the newest may be, and what it must answer once restored."""

    max_age: Seconds = 86400.0
    queries: tuple[Query, ...] = ()


class Resource(Model):
    """Something that must follow the move.

    A region's settings are `common` overlaid with `settings[region]`; `kinds.py` says what a kind takes.
    `replicas` is the normal size in each region (kinds that scale). `needs` orders steps of the same verb.
    """

    kind: str
    kinds: dict[str, str] = {}
    """What only scales may be of another kind in some regions, such as those of another cloud."""
    replicas: dict[str, Annotated[int, Field(ge=0)]] = {}
    common: dict[str, JsonValue] = {}
    settings: dict[str, dict[str, JsonValue]] = {}
    needs: tuple[str, ...] = ()
    home: Slug | None = None
    """The region where the writer of a data store lives normally; None: the active region with the largest share."""
    shared: Slug | None = None
    """The name of what this and other runbooks share: only one run at a time may act on it (a global lock)."""
    backup: Backup | None = None


class Approval(Model):
    """Who must say yes: `count` people of `by` (names or roles; anyone when empty) within `timeout`.

    `count: 0` runs unasked. `on_timeout: proceed` goes on unless somebody vetoes within the time.
    """

    by: tuple[str, ...] = ()
    count: int = Field(default=1, ge=0, le=10)
    timeout: Seconds = 600.0
    on_timeout: Literal["abort", "proceed"] = "abort"
    allow_self: bool = False
    """Whoever asked for the run may approve it, too."""


class ProcedurePolicy(Model):
    """How a procedure is decided. `accept` names what is accepted beforehand, such as `unproved-fence:vector-db`."""

    approval: Approval = Approval()
    accept: tuple[str, ...] = ()
    cut_over: Literal["when-scaled", "while-scaling"] = "when-scaled"
    """`while-scaling`: a region that serves already gets the traffic while it still grows."""
    commit_within: Seconds | None = None
    """After the cut-over a person must confirm within this time, or everything goes back. Not for failovers."""


class DrillPolicy(ProcedurePolicy):
    """How drills are run."""

    mode: Literal["full", "isolated"] = "full"
    """`isolated`: copies of the standbys are promoted aside; neither traffic nor writers are touched."""
    soak: Seconds = 60.0
    """How long the system serves from the other region before it goes home."""
    max_age: Seconds = 90 * 86400.0
    """How long a good drill counts for the readiness."""


class Policy(Model):
    """Rules for each procedure."""

    failover: ProcedurePolicy = ProcedurePolicy()
    switchover: ProcedurePolicy = ProcedurePolicy()
    failback: ProcedurePolicy = ProcedurePolicy()
    drill: DrillPolicy = DrillPolicy()
    cool_down: Seconds = 600.0
    """After a run that changed something, no automatic failover begins for so long; a person may ask for one."""

    def of(self, procedure: Procedure) -> ProcedurePolicy:
        """The rules of that procedure; those of a failover where it has none of its own."""
        named = {
            Procedure.SWITCHOVER: self.switchover,
            Procedure.FAILBACK: self.failback,
            Procedure.DRILL: self.drill,
        }
        return named.get(procedure, self.failover)


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Window(Model):
    """A maintenance window: while it is open the detector starts nothing. May go past midnight."""

    days: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    start: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    end: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    timezone: str = "UTC"
    reason: str = ""


Veto = Literal["same-symptom", "deploy", "one-vantage", "broken-probe", "maintenance", "cool-down"]


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
    successes: int = Field(default=1, ge=1, le=100)
    """So many good rounds in a row make an unhealthy region healthy again (hysteresis)."""
    dwell: Seconds = 0.0
    """So long the quorum must stand before anything is started."""
    vetoes: tuple[Veto, ...] = ("same-symptom", "deploy", "one-vantage", "broken-probe", "maintenance", "cool-down")
    """What keeps the detector from starting a failover; each is kept with its reason."""
    deploying: HttpCheck | None = None
    """Good while a deployment is in progress: then a fault is most likely its own (veto `deploy`)."""


class ExtraStep(Model):
    """A step of the user's own, hung before or after every step of a verb."""

    name: Slug
    uses: str
    after: Verb | None = None
    before: Verb | None = None
    region: str = "target"
    """`source`, `target` or a region's name."""
    settings: dict[str, JsonValue] = {}


class ScheduleRule(Model):
    """One procedure at its times: every so often, or as a cron line says (in `timezone`); `timetable.py` judges it.

    What else it takes depends on the procedure: a drill as `evac drill`, a restore test as `evac restore-test`.
    """

    run: Literal["drill", "readiness", "restore-test"]
    every: Seconds | None = None
    cron: str | None = None
    timezone: str = "UTC"
    jitter: Seconds = 0.0
    """Each time comes later by a random part of this, so that not everything begins at once."""
    mode: Literal["full", "isolated"] | None = None
    soak: Seconds | None = None
    source: Slug | None = None
    target: Slug | None = None
    accept: tuple[str, ...] = ()
    region: Slug | None = None
    resource: Slug | None = None

    @property
    def procedure(self) -> Procedure:
        """What it runs."""
        return Procedure(self.run)


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
    roles: dict[Slug, tuple[str, ...]] = {}
    """People by role: `approval.by` may name roles. A member may be a group, such as `slack-group:S0123`: a door that
    proves who somebody is says which groups they are in."""
    depends_on: tuple[Slug, ...] = ()
    """Runbooks that must have been evacuated before this one."""
    priority: int = Field(default=100, ge=0, le=1000)
    """In an evacuation the smaller number goes first."""
    objectives: Objectives
    regions: Annotated[dict[Slug, Region], Field(min_length=2)]
    resources: Annotated[dict[Slug, Resource], Field(min_length=1)]
    checks: tuple[Check, ...] = ()
    detect: Detection = Detection()
    policy: Policy = Policy()
    steps: tuple[ExtraStep, ...] = ()
    notify: tuple[Notice, ...] = ()
    maintenance: tuple[Window, ...] = ()
    triggers: tuple[AlertRule, ...] = ()
    """Which alerts start what."""
    schedules: tuple[ScheduleRule, ...] = ()
    """What `evac schedule sync` puts on Temporal's schedules."""

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

    def kind_of(self, resource: str, region: str) -> str:
        """The resource's kind in the region."""
        declared = self.resources[resource]
        return declared.kinds.get(region, declared.kind)

    def home_of(self, resource: str) -> str:
        """Where the resource's writer lives normally: as declared, else in the active region with the largest share."""
        largest = max(self.regions, key=lambda region: self.regions[region].traffic)
        return self.resources[resource].home or largest

    def approvers(self, approval: Approval) -> frozenset[str]:
        """The people that `by` names, itself or by their role; empty: anyone."""
        return frozenset(person for name in approval.by for person in self.roles.get(name, (name,)))
