"""What was seen of the resources, typed for the planner. `Reading.values` of each kind is one of these."""

from pydantic import Field

from runbooks.steps import Reading
from runbooks.values import Model, Seconds, UnixTime


class StandbyValues(Model):
    """One standby as its primary sees it (such as `pg_stat_replication`)."""

    state: str
    sync_state: str
    lag_bytes: int | None = None
    """None: the primary counts no bytes."""
    lag_seconds: Seconds | None = None
    """What it lacked at that time was written in so many seconds before, where the primary tells it so."""


class DataValues(Model):
    """A data store's role and how far it is behind: the same for every kind of store.

    `lag_*` and `streaming` are seen on a standby; `standbys` on a primary. `last_commit_at` is the commit
    time of the newest transaction replayed, `position` the place in the log received (standby) or written
    (primary): PostgreSQL's LSN, Valkey's replication offset, a stream's last sequence; 0 where the store tells none.
    """

    role: str  # "primary" or "standby"
    timeline: int = 0
    position: int = 0
    streaming: bool = False
    lag_bytes: int | None = None
    lag_seconds: Seconds | None = None
    last_commit_at: UnixTime | None = None
    read_only: bool = False
    """It takes no writes of clients although it may be a primary (fenced)."""
    transactions: int | None = None
    """How many write transactions (or messages) it has seen in all, where the store counts them."""
    epoch: int | None = None
    """The newest decision that this store has kept, where it can keep one."""
    synchronous: bool = False
    """On a primary: commits wait for a standby. On a standby: unknown, always False."""
    standbys: dict[str, StandbyValues] = Field(default_factory=dict)
    """On a primary: its standbys by the name it knows them by (`kinds.known_as`)."""

    @property
    def writable(self) -> bool:
        """It takes writes of clients: the single-writer probe counts these."""
        return self.role == "primary" and not self.read_only


class ProcessValues(Model):
    """A service group's size."""

    desired: int
    ready: int


class DnsValues(Model):
    """Which regions the public name leads to now."""

    regions: tuple[str, ...]
    addresses: tuple[str, ...]
    ttl: int
    serial: int = 0
    weights: dict[str, int] = Field(default_factory=dict)
    """Each of these regions' part of the answers, where the name can weigh; empty: equal parts, or not known."""


class Facts(Model):
    """Everything seen just before planning; `at` is when the planner was asked.

    `history` holds the last good readings of the source, taken before it failed; they say how far the
    standby was behind then, and are never used as the present state.
    """

    at: UnixTime
    readings: tuple[Reading, ...] = ()
    history: tuple[Reading, ...] = ()
    fault_at: UnixTime | None = None
    """When the source was first seen to fail, if a detector saw it."""
    max_age: Seconds = 15.0

    def fresh(self, resource: str, region: str) -> Reading | None:
        """The newest reading of the resource in the region that is young enough to act on, or None.

        One from further in the future than that has a wrong clock, and would stay young for ever.
        """
        found = [r for r in self.readings if (r.resource, r.region) == (resource, region)]
        young = [reading for reading in found if abs(self.at - reading.observed_at) <= self.max_age]
        return max(young, key=lambda reading: reading.observed_at, default=None)
