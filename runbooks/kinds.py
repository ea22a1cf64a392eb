"""The kinds of resource: which verbs each has, and which settings it takes in each region.

The name of a kind is the technology's name everywhere: `kind: postgres` -> `promote.postgres` ->
`activities/promote/postgres.py`.
"""

from typing import Literal

from pydantic import Field

from runbooks import kubernetes, postgres_logical, terraform
from runbooks.aws import data, runs, scaling, traffic
from runbooks.azure import databases as azure_databases
from runbooks.azure import deployments as azure_deployments
from runbooks.azure import runs as azure_runs
from runbooks.azure import scaling as azure_scaling
from runbooks.azure import traffic as azure_traffic
from runbooks.kind import Kind
from runbooks.notices import NOTICES
from runbooks.postgres_server import PostgresServer
from runbooks.steps import Verb
from runbooks.values import Model, Port, Seconds, SecretRef


class PoweredSettings(Model):
    """A server that a power controller can switch off when it does not answer: its proof of fence."""

    power: str | None = None
    """Base URL of the power controller; it knows the server as `power_name`."""
    power_token: SecretRef | None = None

    @property
    def power_name(self) -> str:
        """What the power controller calls the server."""
        raise NotImplementedError


class PostgresSettings(PoweredSettings, PostgresServer):
    """A PostgreSQL server in one region, as an administrator reaches it."""

    application_name: str = ""
    """The name under which this server's standby connects to its primary (`synchronous_standby_names` uses it)."""
    agent: str | None = None
    """Base URL of the region's database agent, which can rebuild, copy and restore this server."""
    agent_token: SecretRef | None = None
    synchronous: bool = False
    """A primary's commits wait for a standby: a reseed sees to it, as soon as the standby streams."""

    @property
    def power_name(self) -> str:
        """As `application_name`."""
        return self.application_name


class NatsSettings(PoweredSettings):
    """One JetStream stream in one region: written in the active region, mirrored in each other one."""

    host: str
    port: Port = 4222
    domain: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    """The JetStream domain of this region's server: mirrors in other regions follow it by this name."""
    stream: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    subjects: tuple[str, ...] = Field(min_length=1)
    """What the stream takes while it is the primary; a mirror takes nothing."""
    user: str | None = None
    password: SecretRef | None = None
    connect_timeout: Seconds = 1.0
    domains: tuple[str, ...] = ()
    """The domains of all regions: a primary is asked, through its links, how far each of them follows it."""
    probe: str = ""
    """A subject of the stream to which verifications publish; without it they publish nothing that is kept."""
    server: str = ""
    """What the power controller calls the server."""

    @property
    def power_name(self) -> str:
        """As `server`."""
        return self.server


class ValkeySettings(PoweredSettings):
    """A Valkey server in one region, as an administrator reaches it: primary or replica, not in cluster mode.

    A primary knows its replicas by `host:port`, as they announce it (`replica-announce-ip`, `replica-announce-port`).
    """

    host: str
    port: Port = 6379
    user: str | None = None
    """None: the default user."""
    password: SecretRef | None = None
    connect_timeout: Seconds = 1.0
    name: str = ""
    """What the power controller calls it."""

    @property
    def power_name(self) -> str:
        """As `name`."""
        return self.name

    @property
    def where(self) -> str:
        """`host:port`, by which its primary knows it."""
        return f"{self.host}:{self.port}"


class ProcessSettings(Model):
    """A group of service processes in one region, behind its agent's HTTP interface."""

    agent: str
    token: SecretRef | None = None
    timeout: Seconds = 1.0


class Rfc2136Settings(Model):
    """A public name in a zone that takes signed dynamic updates (RFC 2136, TSIG RFC 8945)."""

    zone: str
    name: str
    address: str
    servers: tuple[str, ...] = Field(min_length=1)
    """Every authoritative server, `host:port`; the first one takes the updates."""
    ttl: int = Field(default=5, ge=0, le=86400)
    key_name: str
    key_algorithm: Literal["hmac-sha256", "hmac-sha384", "hmac-sha512"] = "hmac-sha256"
    key_secret: SecretRef
    timeout: Seconds = 1.0


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "postgres",
            frozenset(
                {
                    Verb.DETECT,
                    Verb.FENCE,
                    Verb.CATCH_UP,
                    Verb.PROMOTE,
                    Verb.SALVAGE,
                    Verb.RESEED,
                    Verb.COMPARE,
                    Verb.RESTORE,
                    Verb.REHEARSE,
                }
            ),
            PostgresSettings,
            identity=("host", "port"),
            wants={Verb.RESEED: "agent", Verb.RESTORE: "agent", Verb.REHEARSE: "agent"},
            name_of=("application_name",),
            undoes=frozenset({Verb.FENCE}),
        ),
        Kind(
            "nats",
            frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.SALVAGE, Verb.RESEED, Verb.COMPARE}),
            NatsSettings,
            identity=("host", "port"),
            undoes=frozenset({Verb.FENCE}),
            name_of=("domain",),
        ),
        Kind(
            "valkey",
            frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED, Verb.COMPARE}),
            ValkeySettings,
            identity=("host", "port"),
            undoes=frozenset({Verb.FENCE}),
            name_of=("host", "port"),
        ),
        Kind(
            "process",
            frozenset({Verb.DETECT, Verb.SCALE}),
            ProcessSettings,
            identity=("agent",),
            undoes=frozenset({Verb.SCALE}),
        ),
        Kind(
            "rfc2136",
            frozenset({Verb.DETECT, Verb.CUT_OVER}),
            Rfc2136Settings,
            regional=frozenset({"address"}),
            identity=("address",),
            undoes=frozenset({Verb.CUT_OVER}),
        ),
        *postgres_logical.KINDS,
        *scaling.KINDS,
        *data.KINDS,
        *traffic.KINDS,
        *azure_scaling.KINDS,
        *azure_deployments.KINDS,
        *azure_databases.KINDS,
        *azure_traffic.KINDS,
        *kubernetes.KINDS,
        *terraform.KINDS,
    )
}


STEP_SETTINGS: dict[str, type[Model]] = {
    **runs.STEPS,
    **azure_runs.STEPS,
    **terraform.STEPS,
    **azure_deployments.STEPS,
}
"""What the settings of a runbook's own steps are, by technology; notices and `run.command` have rules of their own."""

PREVIEWED = terraform.PREVIEWED | azure_deployments.PREVIEWED
"""What these would change is found before the approval, and is a part of the plan that is approved."""

EXTRA_STEPS = ("run.command", *STEP_SETTINGS, *NOTICES)
"""The technologies that a runbook's own `steps` (and, of the verb notify, its `notify`) may use."""
