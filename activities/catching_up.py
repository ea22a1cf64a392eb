"""The shape of a wait for a replica whose lag a cloud's metric tells: look until it is near enough, or has everything.

Nearness    what such a step's settings say besides
Replica     what is seen of both ends: the replica, and its lag
CatchUp     Wait over a Replica
"""

from typing import Generic, Protocol, TypeVar

from pydantic import Field, JsonValue

from activities.awaiting import Wait
from activities.contract import Job
from activities.lagging import Lag
from runbooks.values import Model, Seconds


class Nearness(Model):
    """How near is near enough: `exact` is everything."""

    near: Seconds = Field(default=60.0, gt=0)
    exact: bool = False
    within_bytes: int = 0
    """Not told by a cloud: `near` counts instead."""


class Replica(Protocol):
    """Both ends, at one look."""

    @property
    def name(self) -> str:
        """The replica's."""
        ...

    @property
    def lag(self) -> Lag:
        """How far it is behind."""
        ...

    def evidence(self) -> dict[str, JsonValue]: ...  # noqa: D102


S = TypeVar("S", bound=Nearness)
V = TypeVar("V", bound=Replica)


class CatchUp(Wait[S, V], Generic[S, V]):
    """Must give `_observe`, which says by an error why it will never be there, and `_settled`."""

    def _told(self, seen: V) -> str:
        return f"{seen.name} is {seen.lag.said}"

    def _late(self, job: Job[S], now: V) -> str:
        wanted = "everything from before the fence" if job.settings.exact else f"all but {job.settings.near:g} s"
        return f"{now.name} is {now.lag.said}, and should have {wanted}: look at its replication."
