"""Every technology, under the one string that names it everywhere: plan, activity, file and test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio import activity

from activities.contract import Technology
from activities.rows import (
    aws_checks,
    aws_data,
    aws_runs,
    aws_scaling,
    aws_traffic,
    azure_checks,
    azure_data,
    azure_runs,
    azure_scaling,
    azure_traffic,
    core,
    kubernetes,
    terraform,
)
from runbooks.steps import StepCall, StepResult, Verb

Perform = Callable[[StepCall], Awaitable[StepResult]]


@dataclass(frozen=True)
class Row:
    """One technology and what is declared of it."""

    technology: type[Technology[Any]]  # each has settings of its own

    @property
    def uses(self) -> str:
        """`promote.postgres`."""
        return self.technology.uses

    @property
    def verb(self) -> Verb:
        """`promote`."""
        return Verb(self.uses.partition(".")[0])

    @property
    def names(self) -> tuple[str, ...]:
        """Its activities: it acts, `.check` only looks, and `.undo`, where there is one, takes back."""
        twins = (".check", ".undo") if self.technology.undoable else (".check",)
        return (self.uses, *(f"{self.uses}{twin}" for twin in twins))

    @property
    def tested_against(self) -> str:
        """What its tests run it on; empty when nobody has said it."""
        return self.technology.tested_against or core.TESTED_AGAINST.get(self.uses.partition(".")[2], "")

    @property
    def permissions(self) -> tuple[str, ...]:
        """What its credentials must be allowed to do."""
        return self.technology.permissions


CATALOG: dict[str, Row] = {
    technology.uses: Row(technology)
    for technology in (
        *core.TECHNOLOGIES,
        *aws_scaling.TECHNOLOGIES,
        *aws_checks.TECHNOLOGIES,
        *aws_data.TECHNOLOGIES,
        *aws_traffic.TECHNOLOGIES,
        *aws_runs.TECHNOLOGIES,
        *azure_checks.TECHNOLOGIES,
        *azure_runs.TECHNOLOGIES,
        *azure_scaling.TECHNOLOGIES,
        *azure_data.TECHNOLOGIES,
        *azure_traffic.TECHNOLOGIES,
        *kubernetes.TECHNOLOGIES,
        *terraform.TECHNOLOGIES,
    )
}


def technology(uses: str, home: Path = Path(".evac")) -> Technology[Any]:
    """The technology of that name; KeyError when there is none. What only looks needs no `home`."""
    return CATALOG[uses].technology(home)


def activities(home: Path) -> list[Perform]:
    """The Temporal activities of every row, in the order of its `names`."""
    return [perform for row in CATALOG.values() for perform in activities_of(row, home)]


def activities_of(row: Row, home: Path) -> list[Perform]:
    """Those of one technology."""
    made = technology(row.uses, home)
    return [_named(name, do) for name, do in zip(row.names, (made.run, made.check, made.undo), strict=False)]


def _named(name: str, method: Perform) -> Perform:
    async def perform(call: StepCall) -> StepResult:
        return await method(call)

    return activity.defn(name=name)(perform)
