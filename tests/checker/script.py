"""What goes wrong in one run, and where: disturbances at borders. Small values that print as what reproduces them."""

from dataclasses import dataclass
from typing import Self

CALLS = ("fail", "fail-final", "hang", "twice", "slow", "crash")
"""What can happen to one call. At its start: before the effect; at its end: after it, so that the answer is lost."""

WORLD = ("isolate", "cut-link", "heal", "die", "newer", "kill-switch")
"""What can happen to the world: the source is cut off from all, or only from the target; ..."""

SAYINGS = (
    "approve",
    "approve-by-a-stranger",
    "approve-oneself",
    "approve-another-plan",
    "approve-twice",
    "reject",
    "hold",
    "hold-twice",
    "resume",
    "retry",
    "skip",
    "skip-without-a-reason",
    "abort",
    "abort-twice",
    "accept",
    "accept-nothing",
    "veto",
    "confirm",
    "join",
    "failover",
)
"""What people can say. `join` and `failover` are triggers, the others decisions."""

MUST_BE_REFUSED = frozenset(
    {"approve-by-a-stranger", "approve-oneself", "approve-another-plan", "skip-without-a-reason", "accept-nothing"}
)


@dataclass(frozen=True, order=True)
class Border:
    """The start or the end of the `nth` execution of one activity; `key` is its step, or its name and place."""

    key: str
    nth: int
    edge: str

    def __str__(self) -> str:
        return f"{self.edge}:{self.key}#{self.nth}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """As printed."""
        edge, _, rest = text.partition(":")
        key, _, nth = rest.rpartition("#")
        return cls(key, int(nth), edge)


@dataclass(frozen=True, order=True)
class Disturbance:
    """One thing that happens at one border."""

    kind: str
    at: Border

    def __str__(self) -> str:
        return f"{self.kind}@{self.at}"

    @property
    def family(self) -> str:
        """The column of the coverage table."""
        if self.kind in CALLS:
            return f"{self.kind} {'before' if self.at.edge == 'start' else 'after'}"
        return self.kind

    @classmethod
    def parse(cls, text: str) -> Self:
        """As printed."""
        kind, _, border = text.partition("@")
        return cls(kind, Border.parse(border))


@dataclass(frozen=True)
class Case:
    """One run: of which runbook and procedure, in which scene, and what happens to it."""

    book: str
    procedure: str
    scene: str
    disturbances: tuple[Disturbance, ...] = ()
    seed: int = 0

    @property
    def title(self) -> str:
        """The row of the coverage table."""
        return f"{self.book} {self.procedure} ({self.scene})"

    def command(self) -> str:
        """How to run this one again."""
        only = "".join(f" --only '{one}'" for one in self.disturbances)
        return (
            f"python -m tests.checker --book {self.book} --procedure {self.procedure} --scene {self.scene}"
            f" --seed {self.seed}{only}"
        )
