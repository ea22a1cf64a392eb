"""What a lab consists of: frozen values, kept in `HOME/lab.json`. Every part of the lab reads its addresses here."""

import json
import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field

from lab.errors import LabExistsError, NoLabError, NoRegionError
from runbooks.models import Role
from runbooks.values import Model, Port, Slug

REGION_NAMES = ("us-east-1", "eu-west-1", "ap-southeast-1")
"""The first is active in the beginning, the others stand by."""

DATABASE = "vector-db"
CACHE = "cache"
SERVICE = "llm"
QUEUE = "queue"
EDGE = "edge"
VANTAGE = "evac-worker"
STREAM = "events"
SUBJECTS = ("events.>",)
ROW_EVENTS = "events.rows"
PROBE = "events.evac.probe"
PUBLIC_NAME = "public-name"
PUBLIC_TTL = 1
"""The runbook's names of the resources; processes and the power controller's servers are named after them."""

OUTSIDE = "outside"
"""The place of what no region holds: name server, power controller, detectors' witness."""

LAB_FILE = "lab.json"
DBNAME = "llm"
ADMIN = "evac_admin"
APP = "app"
REPLICATOR = "replicator"
QUEUE_ADMIN = "queue-admin"
QUEUE_APP = "queue-app"
QUEUE_LINK = "queue-link"
"""Users of the message queue: Evac's, the application's, and that of the links between regions."""

Part = Literal["postgres", "queue", "cache", "power", "agents", "dns", "inference", "edges"]
ALL_PARTS: frozenset[Part] = frozenset({"postgres", "queue", "cache", "power", "agents", "dns", "inference", "edges"})


Topology = Literal["active-passive", "active-active"]


class LabSpec(Model):
    """What is asked of `up`."""

    name: Slug = "lab"
    home: Path | None = None
    """The lab's one state folder; default `./.evac/lab/NAME`."""
    regions: int = Field(default=2, ge=2, le=len(REGION_NAMES))
    topology: Topology = "active-passive"
    """`active-active`: the first two regions share the traffic, and writes go to where the writer is."""
    mode: Literal["synchronous", "asynchronous"] = "synchronous"
    dns: Literal["dnspython", "bind"] = "dnspython"
    model: bool = True
    """False: the inference service answers with the nearest passage, and loads no language model."""
    approvals: int = Field(default=0, ge=0)
    """How many people a failover of the lab's runbook asks first."""
    parts: frozenset[Part] = ALL_PARTS
    """What to start; tests leave out what they do not need."""

    def where(self) -> Path:
        """The lab's home, absolute."""
        return (self.home or Path(".evac") / "lab" / self.name).absolute()


class LabRegion(Model):
    """One region: everything in it listens on its inner address, and dies with it.

    From outside the region it is reached through its edge only, at the same ports of the outer address.
    """

    name: Slug
    role: Role
    """Its part in normal operation; who is primary *now* is for the database to say."""
    traffic: int
    """Its share in normal operation, in percent."""
    address: str
    edge: str
    """The outer address; the same as the inner one in a lab without edges."""
    replicas: int
    """Inference replicas in normal operation."""
    postgres_port: Port
    cache_port: Port
    agent_port: Port
    queue_port: Port
    link_port: Port
    """Where other regions' queues link themselves to this region's."""
    database_agent_port: Port

    @property
    def agent(self) -> str:
        """Base URL of the agent that sizes this region's group of inference replicas."""
        return f"http://{self.edge}:{self.agent_port}"

    @property
    def database_agent(self) -> str:
        """Base URL of the agent that rebuilds, copies and restores this region's database."""
        return f"http://{self.edge}:{self.database_agent_port}"

    @property
    def ports(self) -> tuple[int, ...]:
        """Where its servers listen, but for the public port."""
        return tuple(getattr(self, name) for name in type(self).model_fields if name.endswith("_port"))

    @property
    def database(self) -> str:
        """The server's name: application_name, cluster_name, and what the power controller calls it."""
        return f"{DATABASE}.{self.name}"

    @property
    def queue(self) -> str:
        """The queue server's name, also for the power controller."""
        return f"{QUEUE}.{self.name}"

    @property
    def cache(self) -> str:
        """The cache's name, as the power controller calls it."""
        return f"{CACHE}.{self.name}"


class PoweredServer(Model):
    """A server that the power controller can switch off: a process of a place, and the folder that it works in."""

    place: str
    process: str
    folder: Path


class Lab(Model):
    """A lab, as it was brought up."""

    name: Slug
    home: Path
    data: Path
    """Where the databases are: in `home`, or elsewhere when the databases' user cannot enter `home`."""
    binaries: Path
    """PostgreSQL's programs."""
    postgres_user: str | None
    """The unprivileged user PostgreSQL runs as when the lab is root's; None: the lab's own user."""
    topology: Topology = "active-passive"
    mode: Literal["synchronous", "asynchronous"]
    dns: Literal["dnspython", "bind"]
    model: bool
    approvals: int
    parts: frozenset[Part]
    zone: str = "lab.example."
    public_name: str = "llm.lab.example."
    public_port: Port
    dns_address: str = "127.0.0.1"
    dns_port: Port
    tsig_key: str = "evac-lab."
    power_address: str = "127.0.0.1"
    power_port: Port
    regions: tuple[LabRegion, ...]

    @property
    def power(self) -> str:
        """Base URL of the power controller."""
        return f"http://{self.power_address}:{self.power_port}"

    @property
    def public_url(self) -> str:
        """Where clients find the service; only the lab's own name server knows the name."""
        return f"http://{self.public_name.rstrip('.')}:{self.public_port}"

    @property
    def runbook(self) -> Path:
        """The runbook of this lab."""
        return self.home / "runbook.yaml"

    @property
    def runbook_name(self) -> str:
        """What its runbook is called, and so its workflows: labs side by side must not share one."""
        return "lab-llm" if self.name == "lab" else f"lab-llm-{self.name}"

    @property
    def active(self) -> LabRegion:
        """The region that holds the writers in normal operation; it is active, perhaps with others."""
        return self.regions[0]

    @property
    def serving(self) -> tuple[LabRegion, ...]:
        """The regions that the public name leads to in normal operation."""
        return tuple(region for region in self.regions if region.traffic)

    def region(self, name: str) -> LabRegion:
        """The region of that name. Raises NoRegionError."""
        for region in self.regions:
            if region.name == name:
                return region
        raise NoRegionError(name, (region.name for region in self.regions))

    def secret(self, name: str) -> Path:
        """A secret's file: a role's or the caches' password, the tokens of `power`, `agent`, `database`; `tsig.key`."""
        return self.home / "secrets" / name

    def password(self, role: str) -> str:
        """A database role's password."""
        return self.secret(f"{role}.password").read_text().strip()

    def dsn(self, region: str, role: str = ADMIN, dbname: str = DBNAME) -> str:
        """How to connect to the region's database, as libpq takes it (with the password: not for logs)."""
        place = self.region(region)
        return (
            f"host={place.address} port={place.postgres_port} dbname={dbname} user={role} "
            f"password={self.password(role)} connect_timeout=2"
        )

    def pgdata(self, region: str) -> Path:
        """The data directory of the region's database."""
        return self.data / region / "pgdata"

    def queue_store(self, region: str) -> Path:
        """Where the region's JetStream keeps its streams."""
        return self.home / "queue" / region

    def cache_folder(self, region: str) -> Path:
        """Where the region's cache keeps its configuration and its data."""
        return self.home / CACHE / region

    @property
    def servers(self) -> dict[str, PoweredServer]:
        """What the power controller switches, by name."""
        found = {}
        for region in self.regions:
            place = region.name
            found[region.database] = PoweredServer(place=place, process=DATABASE, folder=self.data / place)
            found[region.queue] = PoweredServer(place=place, process=QUEUE, folder=self.queue_store(place))
            found[region.cache] = PoweredServer(place=place, process=CACHE, folder=self.cache_folder(place))
        return found

    @property
    def backups(self) -> Path:
        """Where base backups are kept: outside every region, so that they outlive each of them."""
        return self.data / "backups"

    def log(self, place: str, name: str) -> Path:
        """Where the output of a process goes."""
        return self.home / "log" / place / f"{name}.log"

    def save_new(self) -> None:
        """Write `lab.json`, all of it or nothing. Raises LabExistsError when there is one."""
        draft = self.home / f".{LAB_FILE}.{os.getpid()}"
        draft.write_text(self.model_dump_json(indent=2) + "\n")
        try:
            (self.home / LAB_FILE).hardlink_to(draft)
        except FileExistsError:
            raise LabExistsError(self.name, self.home) from None
        finally:
            draft.unlink()

    @classmethod
    def load(cls, home: Path) -> Self:
        """The lab of that home. Raises NoLabError."""
        try:
            text = (home.absolute() / LAB_FILE).read_text()
        except (FileNotFoundError, NotADirectoryError):
            raise NoLabError(home) from None
        return cls.model_validate(json.loads(text))


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file so that a reader sees the old text or the new, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
