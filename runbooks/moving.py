"""The planned move that a switchover and a failback share: nothing is lost, and writes stop as shortly as possible.

scale ─> look from inside ─> near enough? ─┬─> fence ─> has everything? ─> promote ─┬─> a row is written ─> cut over
         (before writes stop)              └─> (each data store by itself)          ┘
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Unpack

from runbooks import safety_planned, stages
from runbooks.candidates import values
from runbooks.draft import Draft, Parts
from runbooks.probes import WRITES, Probe
from runbooks.steps import Verb


@dataclass(frozen=True)
class Move:
    """A data resource's writer goes from one region to another, once `needs` are done."""

    source: str
    target: str
    needs: tuple[str, ...] = ()


def move(draft: Draft, moves: Mapping[str, Move], sizes: stages.Sizes, ready: Mapping[str, Collection[str]]) -> None:
    """All steps from the first scaling to the last look through the public name. `ready`: what a region waits for."""
    stages.scale(draft, sizes, ready)
    gaining = [region for region in draft.after if draft.after[region] > draft.before[region]]
    places = dict.fromkeys([*gaining, *(one.target for one in moves.values())])
    for region in places or {draft.target: None}:
        stages.verify_inside(draft, [region], ready.get(region, ()), only=_leaves_data_alone)
    large = [step for region in places for step in stages.scales_waited_for(draft, region)]
    gate = [*draft.ids(Verb.VERIFY), *large]
    gate += [_near(draft, name, one, gate) for name, one in moves.items()]
    for name, one in moves.items():
        _hand_over(draft, name, one, gate)
    promotes = draft.ids(Verb.PROMOTE)
    if promotes:
        stages.verify_inside(draft, places, promotes, only=lambda probe: probe.technology in WRITES)
    stages.cut_over(draft, (*gate, *promotes, *draft.ids(Verb.VERIFY)))


def _leaves_data_alone(probe: Probe) -> bool:
    return probe.technology not in WRITES


def _near(draft: Draft, name: str, one: Move, gate: Collection[str]) -> str:
    """Writes are not stopped for long: what is still missing then is little."""
    return catch_up(draft, name, one.target, upstream=one.source, needs=(*one.needs, *gate), suffix="near")


def catch_up(draft: Draft, name: str, region: str, **parts: Unpack[Parts]) -> str:
    """Wait until the region is nearly as far as its upstream, which goes on."""
    near = safety_planned.NEAR_BYTES
    sentence = f"Wait until {name} in {region} is hardly behind {parts['upstream']}"
    parts["settings"] = {"within_bytes": near}
    return draft.add(Verb.CATCH_UP, name, region, sentence, **parts)


def _hand_over(draft: Draft, name: str, one: Move, gate: Collection[str]) -> None:
    """The only part in which nobody takes writes."""
    source, target = one.source, one.target
    fence = draft.add(Verb.FENCE, name, source, f"Fence {name} in {source}: writes stop", needs=gate)
    caught_up = draft.add(
        Verb.CATCH_UP,
        name,
        target,
        f"Wait until {name} in {target} has everything that {source} has",
        settings={"exact": True},
        upstream=source,
        needs=(fence,),
    )
    sentence = f"Promote {name} in {target} to primary"
    draft.add(Verb.PROMOTE, name, target, sentence, upstream=source, needs=(fence, caught_up))
    draft.writers[name] = target
    draft.loss.append(safety_planned.nothing_lost(name, source, target))


def follow(draft: Draft, moves: Mapping[str, Move], spared: Collection[str] = ()) -> None:
    """Off the critical path: every server becomes a standby of the new primary, but for those in `spared` regions."""
    last = draft.ids(Verb.CUT_OVER)
    done = (*(step.id for step in draft.steps if step.verb == Verb.VERIFY and set(step.needs) & set(last)), *last)
    for name, one in moves.items():
        needs = (*draft.ids(Verb.PROMOTE, [name]), *done)
        for region in draft.runbook.regions:
            if region != one.target and region not in spared:
                _follow(draft, name, region, one, needs)


def _follow(draft: Draft, name: str, region: str, one: Move, needs: Collection[str]) -> None:
    seen = values(draft.facts.fresh(name, region))
    if not draft.can(name, Verb.RESEED):
        kind = draft.kind(name).name
        draft.notes.append(f"{name} in {region} is left as it is: kind {kind} cannot be made a standby by Evac")
    elif region != one.source and seen is None:
        draft.notes.append(f"{name} in {region} is left as it is: it cannot be read")
    elif region != one.source and seen is not None and seen.role != "standby":
        draft.notes.append(f"{name} in {region} is left as it is: a failback saves first what only it may have")
    else:
        rebuild(draft, name, region, upstream=one.target, needs=needs)


def rebuild(draft: Draft, name: str, region: str, **parts: Unpack[Parts]) -> str:
    """Make the region's server a standby of its upstream, and wait until it is hardly behind."""
    upstream = parts["upstream"]
    sentence = f"Rebuild {name} in {region} as a standby of {upstream}"
    seeded = draft.add(Verb.RESEED, name, region, sentence, **parts)
    return catch_up(draft, name, region, upstream=upstream, needs=(seeded,), suffix="rebuilt")
