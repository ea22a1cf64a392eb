"""The planner: a runbook, a question and readings in; one plan out. Pure: the same input gives the same checksum.

A failover of any region S of N, for active-passive and active-active alike:

    fence S's writers ─┐
                       ├─> promote where the lag is least ─> verify each heir from inside ─> cut over ─> verify publicly
    scale the heirs ───┘ (scale and fence run together; scale is needed by the verify of its region)
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from runbooks import candidates, safety, traffic
from runbooks.extras import hang_extras, unhung
from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Procedure, Role, Runbook
from runbooks.order import in_order
from runbooks.plan import Loss, Plan, PlanError, Refusal, Reversibility, Step, checksum_of
from runbooks.probes import PUBLIC, Probe, checks, cut_over_settings
from runbooks.steps import Verb
from runbooks.values import Model

_WRITING = ("sql", "nats")
"""The checks that write."""


class Request(Model):
    """What is asked: move everything out of `source`, to `target` or to where it is best."""

    source: str
    target: str | None = None
    accept: tuple[str, ...] = ()


def check_request(runbook: Runbook, request: Request) -> None:
    """Refuse a question that makes no sense, before anything is looked at. Raises PlanError."""
    known = ", ".join(runbook.regions)
    for region in filter(None, (request.source, request.target)):
        if region not in runbook.regions:
            message = f"{runbook.name} has no region {region!r}; it has {known}"
            raise PlanError(message)
    if request.source == request.target:
        message = f"source and target are both {request.source}; the target must be another region of {known}"
        raise PlanError(message)


def plan_failover(runbook: Runbook, request: Request, facts: Facts) -> Plan:
    """The failover plan. Raises PlanError when the question makes no sense; the plan itself may refuse to be run."""
    check_request(runbook, request)
    draft = _Draft(runbook, request.source, request.target, facts)
    draft.derive()
    steps = in_order(hang_extras(runbook, draft.steps, request.source, draft.target))
    return Plan(
        procedure=Procedure.FAILOVER,
        runbook=runbook.name,
        runbook_checksum=checksum_of(runbook),
        source=request.source,
        target=draft.target,
        traffic_before=draft.before,
        traffic_after=draft.after,
        rto=runbook.objectives.rto,
        rpo=runbook.objectives.rpo,
        steps=steps,
        loss=tuple(draft.loss),
        refusals=tuple(draft.refusals),
        accepted=tuple(sorted({*request.accept, *runbook.policy.failover.accept})),
        notes=(*draft.notes, *unhung(runbook, draft.steps)),
    )


@dataclass
class _Draft:
    """The plan as it grows, phase by phase."""

    runbook: Runbook
    source: str
    wanted: str | None
    facts: Facts
    steps: list[Step] = field(default_factory=list)
    loss: list[Loss] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stays: dict[str, str] = field(default_factory=dict)
    """Where the writer of a resource is that need not move."""
    target: str = ""
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)

    def derive(self) -> None:
        self.before = traffic.before(self.runbook, self.facts)
        data = [name for name in self.runbook.resources if self._has(name, Verb.PROMOTE)]
        moving = [name for name in data if self._must_move(name)]
        heirs = self._heirs(moving)
        self.target = self.wanted or heirs[0]
        self.after = self._shares(traffic.after(self.before, self.source, heirs))
        if not moving and not self.before[self.source]:
            message = f"{self.source} carries no traffic and holds no writer: there is nothing to move out of it"
            raise PlanError(message)
        self._scale()
        for name in moving:
            self._promote(name, heirs)
        self._verify()
        self._cut_over()

    def _has(self, resource: str, verb: Verb) -> bool:
        return verb in KINDS[self.runbook.resources[resource].kind].verbs

    def _must_move(self, resource: str) -> bool:
        """The source holds the writer, or may: no other region is seen to hold it."""
        found = candidates.writers(self.runbook, resource, self.facts)
        self.refusals.extend(safety.writer_refusals(resource, found))
        if found and self.source not in found:
            self.notes.append(f"{resource}: {found[0]} holds the writer; it stays there")
            self.stays[resource] = found[0]
            return False
        return True

    def _heirs(self, moving: list[str]) -> list[str]:
        """The regions that take over the source's share: the one asked for, the survivors, or the best standby."""
        if self.wanted is not None:
            return [self.wanted]
        alive = list(traffic.survivors(self.before, self.source))
        if alive:
            return alive
        standbys = [n for n, r in self.runbook.regions.items() if n != self.source and r.role == Role.STANDBY]
        others = standbys or [name for name in self.runbook.regions if name != self.source]
        return [min(others, key=lambda region: self._drawbacks(region, moving))]

    def _shares(self, wanted: dict[str, int]) -> dict[str, int]:
        """The shares as the public names can give them: one that cannot weigh leads to all its regions equally."""
        kinds = [KINDS[self.runbook.resources[name].kind] for name in traffic.public_names(self.runbook)]
        unable = sorted({kind.name for kind in kinds if "weights" not in kind.abilities})
        if not unable or not self.before[self.source]:
            return wanted
        equal = traffic.equally(wanted)
        if equal != wanted:
            leads = " and ".join(region for region, share in equal.items() if share)
            self.notes.append(f"{' and '.join(unable)} cannot weigh; {leads} will share the traffic equally")
        return equal

    def _judged(self, name: str) -> dict[str, candidates.Candidate]:
        """The data resource's standby in every region but the source."""
        regions = (region for region in self.runbook.regions if region != self.source)
        return {r: candidates.candidate(self.runbook, name, r, self.source, self.facts) for r in regions}

    def _drawbacks(self, region: str, moving: list[str]) -> tuple[int, int, float]:
        """What is against the region, heaviest first. Who has more of the log loses less, whatever was said before."""
        unreadable, behind, losses = 0, 0, [0.0]
        for name in moving:
            judged = self._judged(name)
            own = judged[region]
            unreadable += own.unreadable is not None
            behind += any(safety.is_ahead(rival, own) for rival in judged.values())
            losses.append(float("inf") if own.loss_seconds is None else own.loss_seconds)
        return unreadable, behind, max(losses)

    def _add(self, step: Step) -> None:
        self.steps.append(step)

    def _ids(self, verb: Verb, resources: Iterable[str] | None = None) -> tuple[str, ...]:
        wanted = None if resources is None else set(resources)
        return tuple(s.id for s in self.steps if s.verb == verb and (wanted is None or s.resource in wanted))

    def _scale(self) -> None:
        for name, resource in self.runbook.resources.items():
            if not self._has(name, Verb.SCALE):
                continue
            needed = traffic.replicas_needed(resource.replicas, self.before, self.after, self.source)
            for region, count in needed.items():
                self.refusals.extend(safety.capacity_refusals(name, region, count, self.facts))
                self._add(
                    Step(
                        id=f"scale.{name}.{region}",
                        verb=Verb.SCALE,
                        uses=f"scale.{resource.kind}",
                        resource=name,
                        region=region,
                        needs=(),
                        settings={**self.runbook.settings_of(name, region), "replicas": count},
                        sentence=f"Scale {name} in {region} to {count} replicas",
                    )
                )

    def _promote(self, name: str, heirs: list[str]) -> None:
        kind = self.runbook.resources[name].kind
        judged = self._judged(name)
        chosen = candidates.best(tuple(judged[region] for region in heirs))
        if any(safety.is_ahead(rival, chosen) for rival in judged.values()):
            # Somebody has more: whatever the primary said before it died, this one has not everything.
            chosen = chosen.model_copy(update={"loss_seconds": None})
        self.refusals.extend(safety.promotion_refusals(self.runbook, name, chosen, tuple(judged.values())))
        self.refusals.extend(safety.unseen_writer_refusals(self.runbook, name, self.source, self.facts))
        self.refusals.extend(safety.fence_refusals(self.runbook, name, self.source, self.facts))
        self.loss.append(safety.loss(name, chosen))
        fence = Step(
            id=f"fence.{name}.{self.source}",
            verb=Verb.FENCE,
            uses=f"fence.{kind}",
            resource=name,
            region=self.source,
            settings=self.runbook.settings_of(name, self.source),
            sentence=f"Fence {name} in {self.source}",
        )
        self._add(fence)
        self._add(
            Step(
                id=f"promote.{name}.{chosen.region}",
                verb=Verb.PROMOTE,
                uses=f"promote.{kind}",
                resource=name,
                region=chosen.region,
                needs=(fence.id,),
                settings=self.runbook.settings_of(name, chosen.region),
                sentence=f"Promote {name} in {chosen.region} to primary",
                reversibility=Reversibility.FINAL,
            )
        )

    def _verify(self) -> None:
        promoted = {s.resource: s.region for s in self.steps if s.verb == Verb.PROMOTE}
        writer = {**self.stays, **promoted}
        places = [r for r in self.after if self.after[r] > self.before[r] or r in promoted.values()]
        for region in places or [self.target]:
            needs = (*self._ids(Verb.PROMOTE), *self._scales_waited_for(region))
            for probe in checks(self.runbook, region, "verify"):
                if probe.technology in _WRITING and writer.get(probe.resource, region) != region:
                    continue  # a row or message can be written only where the writer is
                self._add_verify(probe, region, needs, f"Verify {probe.name} in {region}, from inside")

    def _cut_over(self) -> None:
        if not self.before[self.source]:
            return
        scales = (id_ for region in self.after for id_ in self._scales_waited_for(region))
        needs = (*self._ids(Verb.PROMOTE), *scales, *self._ids(Verb.VERIFY))
        leads = " and ".join(region for region, share in self.after.items() if share)
        self.refusals.extend(safety.cut_over_refusals(self.runbook, self.facts))
        for name in traffic.public_names(self.runbook):
            kind = KINDS[self.runbook.resources[name].kind]
            seen = traffic.led_to(self.facts, name)
            self._add(
                Step(
                    id=f"cut_over.{name}",
                    verb=Verb.CUT_OVER,
                    uses=f"cut_over.{kind.name}",
                    resource=name,
                    region=self.target,
                    needs=needs,
                    settings=cut_over_settings(self.runbook, name, self.after, seen),
                    sentence=f"Cut {name} over from {self.source} to {leads}",
                )
            )
        done = self._ids(Verb.CUT_OVER)
        for probe in checks(self.runbook, self.target, "verify", through=PUBLIC):
            settings = probe.settings
            if probe.technology == "dns":
                settings = cut_over_settings(self.runbook, probe.resource, self.after, None)
            public = probe.model_copy(update={"settings": settings})
            self._add_verify(public, PUBLIC, done, f"Verify {probe.name} through the public name")

    def _scales_waited_for(self, region: str) -> tuple[str, ...]:
        """The region's scale steps that the cut-over waits for: all, or only those of groups that serve nothing yet."""
        steps = [s for s in self.steps if s.verb == Verb.SCALE and s.region == region]
        if self.runbook.policy.failover.cut_over == "while-scaling":
            steps = [s for s in steps if not traffic.serves(self.facts, s.resource, region)]
        return tuple(step.id for step in steps)

    def _add_verify(self, probe: Probe, place: str, needs: tuple[str, ...], sentence: str) -> None:
        wanted = f"verify.{probe.name}.{place}"
        taken = sum(step.id == wanted or step.id.startswith(f"{wanted}-") for step in self.steps)
        self._add(
            Step(
                id=f"{wanted}-{taken + 1}" if taken else wanted,
                verb=Verb.VERIFY,
                uses=f"verify.{probe.technology}",
                resource=probe.resource,
                region=probe.region,
                needs=needs,
                settings=probe.settings,
                sentence=sentence,
            )
        )
