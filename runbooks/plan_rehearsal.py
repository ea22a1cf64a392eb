"""The isolated drill of a region S: would the others carry it? Neither traffic nor any writer is touched.

scale the heirs ─> verify them from inside ─┬─> scale them back down
promote a copy of each standby, aside ──────┘
"""

from runbooks import heirs, safety, stages, traffic
from runbooks.candidates import Candidate
from runbooks.draft import Draft
from runbooks.plan import Refusal
from runbooks.probes import Probe
from runbooks.steps import Verb

_ALOOF = frozenset({"bedrock", "http", "inference", "sagemaker", "tcp"})
"""The technologies of checks that touch neither writers nor traffic."""


def plan_rehearsal(draft: Draft) -> None:
    """Derive the steps. Raises PlanError when a failover of the region would move nothing."""
    data = heirs.moving(draft)
    takers = heirs.settle(draft, data)
    then, draft.after = draft.after, dict(draft.before)
    draft.own_steps = False
    if draft.runbook.steps:
        names = ", ".join(step.name for step in draft.runbook.steps)
        draft.notes.append(f"{names}: not run, since a rehearsal must touch nothing but what it makes itself")
    sizes = stages.sizes_to_take_over(draft, then)
    stages.scale(draft, sizes)
    gaining = [region for region, share in then.items() if share > draft.before[region]]
    stages.verify_inside(draft, gaining or [draft.target], only=_touches_nothing)
    for name in data:
        _rehearse(draft, name, heirs.best_of(draft, name, takers))
    _shrink(draft, sizes)


def _touches_nothing(probe: Probe) -> bool:
    return probe.technology in _ALOOF


def _rehearse(draft: Draft, name: str, chosen: Candidate) -> None:
    region = chosen.region
    if chosen.unreadable is not None:
        draft.refusals.append(Refusal(name=None, sentence=f"{name} in {region} cannot be read: {chosen.unreadable}"))
    draft.notes.append(f"if {draft.source} failed now: {safety.loss(name, chosen).sentence}")
    if not draft.can(name, Verb.REHEARSE):
        draft.notes.append(f"{name} is not rehearsed: kind {draft.kind(name).name} cannot promote a copy aside")
        return
    sentence = f"Rehearse the promotion of {name} in {region}, on a copy"
    draft.add(Verb.REHEARSE, name, region, sentence)


def _shrink(draft: Draft, sizes: stages.Sizes) -> None:
    """Back to the size that was seen before; what was not seen, to its declared one."""
    back: dict[str, dict[str, int]] = {}
    for name, wanted in sizes.items():
        declared = draft.runbook.resources[name].replicas
        for region, count in wanted.items():
            seen = traffic.size(draft.facts, name, region)
            was = declared.get(region, 0) if seen is None else seen
            if was < count:
                back.setdefault(name, {})[region] = was
    stages.scale_down(draft, back, [step.id for step in draft.steps])
