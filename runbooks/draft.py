"""A plan as it grows: what every procedure's planner has in hand, and how a step is written down."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, count
from typing import TypedDict, Unpack

from pydantic import JsonValue

from runbooks import traffic
from runbooks.extras import hang_extras, unhung
from runbooks.facts import Facts
from runbooks.kind import Kind
from runbooks.kinds import KINDS
from runbooks.models import Procedure, ProcedurePolicy, Runbook
from runbooks.order import in_order
from runbooks.plan import Loss, Plan, Refusal, Reversibility, Step, declared_checksum
from runbooks.request import Request
from runbooks.steps import Verb

_FINAL = frozenset({Verb.PROMOTE, Verb.RESEED})
"""After a promotion others write to the new primary; a reseed overwrites what was there."""


class Parts(TypedDict, total=False):
    """What a step may have besides: its id is made of the verb (or `word`), resource, region, and perhaps `suffix`."""

    settings: Mapping[str, JsonValue]
    """Laid over the resource's own in the region."""
    upstream: str
    """The region of the server that this one is to follow, or is compared with."""
    needs: Collection[str]
    word: str
    suffix: str
    reversibility: Reversibility
    """Other than the kind's own."""


@dataclass
class Draft:
    """What is known, and what has been decided so far. `target` and `after` must be set by the planner."""

    runbook: Runbook
    procedure: Procedure
    request: Request
    facts: Facts
    steps: list[Step] = field(default_factory=list)
    loss: list[Loss] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    writers: dict[str, str] = field(default_factory=dict)
    """Where the writer of each data resource is when everything is done; unknown ones are left out."""
    target: str = ""
    after: dict[str, int] = field(default_factory=dict)
    own_steps: bool = True
    """The runbook's own steps are worked in."""

    @cached_property
    def before(self) -> dict[str, int]:
        """Each region's share of the traffic now."""
        return traffic.before(self.runbook, self.facts)

    @property
    def source(self) -> str:
        """The region that is left."""
        return self.request.source

    @property
    def policy(self) -> ProcedurePolicy:
        """The rules of this procedure."""
        return self.runbook.policy.of(self.procedure)

    @property
    def data(self) -> list[str]:
        """The resources that have a writer."""
        return [name for name in self.runbook.resources if self.kind(name).holds_data]

    def kind(self, resource: str) -> Kind:
        """The resource's kind."""
        return KINDS[self.runbook.resources[resource].kind]

    def can(self, resource: str, verb: Verb) -> bool:
        """Its kind has the verb."""
        return verb in self.kind(resource).verbs

    def settings(self, resource: str, region: str, upstream: str | None = None) -> dict[str, JsonValue]:
        """The resource's settings in the region; with those of the server in `upstream` that it is to follow."""
        own = self.runbook.settings_of(resource, region)
        return own if upstream is None else {**own, "upstream": self.runbook.settings_of(resource, upstream)}

    def add(self, verb: Verb, resource: str, region: str, sentence: str, **parts: Unpack[Parts]) -> str:
        """Write a step down; its id."""
        own = self.settings(resource, region, parts.get("upstream"))
        names = (parts.get("word", str(verb)), resource, region, parts.get("suffix", ""))
        return self.write(
            Step(
                id=".".join(filter(None, names)),
                verb=verb,
                uses=f"{verb}.{self.runbook.kind_of(resource, region)}",
                resource=resource,
                region=region,
                needs=tuple(dict.fromkeys(parts.get("needs", ()))),
                settings={**own, **parts.get("settings", {})},
                sentence=sentence,
                reversibility=parts.get("reversibility", self.reversibility(resource, verb)),
            )
        )

    def write(self, step: Step) -> str:
        """Write the step down under its id, or the next one that is free."""
        taken = {other.id for other in self.steps}
        free = chain([step.id], (f"{step.id}-{number}" for number in count(2)))
        step = step.model_copy(update={"id": next(name for name in free if name not in taken)})
        self.steps.append(step)
        return step.id

    def ids(self, verb: Verb, resources: Iterable[str] | None = None) -> tuple[str, ...]:
        """The steps of that verb so far, of all resources or of these."""
        wanted = None if resources is None else set(resources)
        return tuple(s.id for s in self.steps if s.verb == verb and (wanted is None or s.resource in wanted))

    def reversibility(self, resource: str, verb: Verb) -> Reversibility:
        """What can be done about that verb's step on the resource afterwards."""
        if verb in _FINAL:
            return Reversibility.FINAL
        return Reversibility.REVERSIBLE if verb in self.kind(resource).undoes else Reversibility.COMPENSABLE

    def finished(self) -> Plan:
        """The plan. Raises PlanError when its steps wait for one another."""
        steps: list[Step] = self.steps
        notes = list(self.notes)
        if self.own_steps:
            steps = hang_extras(self.runbook, self.steps, self.source, self.target)
            notes += unhung(self.runbook, self.steps)
        return Plan(
            procedure=self.procedure,
            runbook=self.runbook.name,
            runbook_checksum=declared_checksum(self.runbook),
            source=self.source,
            target=self.target,
            traffic_before=self.before,
            traffic_after=self.after,
            rto=self.runbook.objectives.rto,
            rpo=self.runbook.objectives.rpo,
            steps=in_order(steps),
            loss=tuple(self.loss),
            refusals=tuple(self.refusals),
            accepted=tuple(sorted({*self.request.accept, *self.policy.accept})),
            notes=tuple(notes),
        )
