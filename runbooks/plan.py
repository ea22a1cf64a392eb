"""The plan: a printable, hashable value. Approving means approving its checksum; nothing else runs.

PlanError             the question makes no sense (unknown region, nothing to move)
+-- UnsafePlanError        the plan refuses itself; every reason is a sentence with numbers
"""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import JsonValue

from runbooks.models import Procedure, Runbook
from runbooks.steps import Preview, StepCall, Verb
from runbooks.values import Model, Seconds


class PlanError(ValueError):
    """No plan can be made; the message says why and what to do."""


class UnsafePlanError(PlanError):
    """The plan is not safe to run as asked. `refusals` has every reason that was not accepted by name."""

    def __init__(self, refusals: tuple["Refusal", ...]) -> None:
        self.refusals = refusals
        super().__init__("; ".join(refusal.sentence for refusal in refusals))


class Reversibility(StrEnum):
    """What can be done about a step after it was done."""

    REVERSIBLE = "reversible"
    """Its `undo` brings back exactly what was before (a fence is lifted, a name led back)."""
    COMPENSABLE = "compensable"
    """It changes nothing that hurts, or what it changes can be made up for: an abort leaves it as it is."""
    FINAL = "final"
    """It cannot be undone: the first promotion is the point of no return."""


class Step(Model):
    """One verb on one resource in one region. It starts when all of `needs` are done."""

    id: str
    verb: Verb
    uses: str
    resource: str
    region: str
    needs: tuple[str, ...] = ()
    settings: dict[str, JsonValue] = {}
    sentence: str
    reversibility: Reversibility = Reversibility.COMPENSABLE

    @property
    def final(self) -> bool:
        """Cannot be undone."""
        return self.reversibility is Reversibility.FINAL

    @property
    def undo(self) -> str | None:
        """The activity that undoes it, or None."""
        return f"{self.uses}.undo" if self.reversibility is Reversibility.REVERSIBLE else None

    @property
    def acceptance(self) -> str:
        """The name under which a person accepts that this step's effect is not proved."""
        if self.verb is Verb.SALVAGE:
            return f"orphans:{self.resource}"
        return f"unproved-{self.verb}:{self.resource}"

    def call(self, runbook: str, run: str, epoch: int) -> StepCall:
        """The step as its activity is asked."""
        return StepCall(
            runbook=runbook,
            run=run,
            step=self.id,
            uses=self.uses,
            resource=self.resource,
            region=self.region,
            epoch=epoch,
            settings=self.settings,
        )


class Loss(Model):
    """What would be lost of one data resource. None = could not be measured, never 'nothing'."""

    resource: str
    region: str
    seconds: Seconds | None = None
    bytes: int | None = None
    transactions: int | None = None
    """Write transactions, or messages, where the store counts them."""
    sentence: str


class Refusal(Model):
    """Why the plan refuses itself. `name` is what a person says to accept it; None = cannot be accepted."""

    name: str | None
    sentence: str


class Plan(Model):
    """The ordered steps of one procedure, and what they were derived from."""

    procedure: Procedure
    runbook: str
    runbook_checksum: str
    source: str
    target: str
    traffic_before: dict[str, int]
    traffic_after: dict[str, int]
    rto: Seconds
    rpo: Seconds
    steps: tuple[Step, ...]
    loss: tuple[Loss, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    accepted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What the approver should know: fallbacks taken, readings that were missing."""

    @property
    def checksum(self) -> str:
        """SHA-256 over the canonical JSON of the whole plan, in hex."""
        return checksum_of(self)

    def step(self, step_id: str) -> Step:
        """The step with that id; KeyError when there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def refused_for(self, more: tuple[Refusal, ...]) -> Self:
        """The same plan with more reasons against it (and so another checksum)."""
        return self.model_copy(update={"refusals": (*self.refusals, *more)}) if more else self

    def showing(self, previews: Mapping[str, Preview]) -> Self:
        """The same plan with what its steps would change, by their id: approving its checksum approves that."""
        if not previews:
            return self
        steps = tuple(
            step.model_copy(update={"settings": {**step.settings, "approved": previews[step.id].approved}})
            if step.id in previews
            else step
            for step in self.steps
        )
        lines = tuple(line for step in self.steps if step.id in previews for line in previews[step.id].lines)
        return self.model_copy(update={"steps": steps, "notes": (*self.notes, *lines)})

    def standing(self) -> tuple[Refusal, ...]:
        """Every reason why the plan refuses itself that was not accepted by its name."""
        return tuple(r for r in self.refusals if r.name is None or r.name not in self.accepted)

    def raise_if_unsafe(self) -> None:
        """Refuse the plan for every reason that stands. Raises UnsafePlanError."""
        standing = self.standing()
        if standing:
            raise UnsafePlanError(standing)


def checksum_of(model: Model) -> str:
    """SHA-256 of a model's canonical JSON (sorted keys, no white space), in hex."""
    return _digest(model.model_dump(mode="json"))


def declared_checksum(model: Model) -> str:
    """The same of what was declared: values that are their defaults are left out.

    So a field that a later release adds changes nothing of what nobody has edited.
    """
    return _digest(model.model_dump(mode="json", exclude_defaults=True))


def same_runbook(checksum: str, runbook: Runbook) -> bool:
    """Whether that is the runbook's checksum, in the form of today or of older releases (all defaults in it)."""
    return checksum in (declared_checksum(runbook), checksum_of(runbook))


def _digest(document: object) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
