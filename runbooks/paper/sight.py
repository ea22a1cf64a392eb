"""A system as it should be, and as it would be after a plan: the facts that a document's plans are derived from.

Everything answers, every standby has everything that its primary has, every group has its declared size. What a plan
refuses or leaves out then is a limit of what was built, not of the moment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from runbooks.candidates import standby_name
from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.plan import Plan
from runbooks.probes import PUBLIC, observations
from runbooks.steps import Reading, Verb

_NOW = 1_000_000.0
_FAULT = _NOW - 3.0
_SEEN = _FAULT - 0.5
_POSITION = 1_000_000


@dataclass(frozen=True)
class Sight:
    """Where each writer is, which servers follow nobody, how large each group is, and where the public names lead."""

    writers: Mapping[str, str]
    stray: frozenset[tuple[str, str]]
    """Former primaries, fenced, by store and region."""
    sizes: Mapping[tuple[str, str], int]
    led: tuple[str, ...]


def well(book: Runbook) -> Sight:
    """All is as it is declared."""
    stores = [name for name, resource in book.resources.items() if KINDS[resource.kind].holds_data]
    return Sight(
        writers={name: book.home_of(name) for name in stores},
        stray=frozenset(),
        sizes={
            (name, r): resource.replicas.get(r, 0) for name, resource in book.resources.items() for r in book.regions
        },
        led=tuple(name for name, region in book.regions.items() if region.traffic),
    )


def afterwards(sight: Sight, plan: Plan) -> Sight:
    """When every step of the plan has been done."""
    for step in plan.steps:
        if step.verb is Verb.PROMOTE:
            old = (step.resource, sight.writers[step.resource])
            sight = replace(
                sight,
                writers={**sight.writers, step.resource: step.region},
                stray=(sight.stray | {old}) - {(step.resource, step.region)},
            )
        elif step.verb is Verb.RESEED:
            sight = replace(sight, stray=sight.stray - {(step.resource, step.region)})
        elif step.verb is Verb.SCALE and isinstance(count := step.settings.get("replicas"), int):
            sight = replace(sight, sizes={**sight.sizes, (step.resource, step.region): count})
        elif step.verb is Verb.CUT_OVER:
            sight = replace(sight, led=tuple(region for region, share in plan.traffic_after.items() if share))
    return sight


def facts(book: Runbook, sight: Sight, dark: str | None = None) -> Facts:
    """What would be seen of it; of the dark region nothing but what was seen before it failed."""
    seen = tuple(_readings(book, sight))
    return Facts(
        at=_NOW,
        readings=tuple(_silent(reading) if reading.region == dark else reading for reading in seen),
        history=tuple(reading.model_copy(update={"observed_at": _SEEN}) for reading in seen if reading.region == dark),
        fault_at=None if dark is None else _FAULT,
    )


def _silent(reading: Reading) -> Reading:
    return reading.model_copy(update={"state": "unknown", "reason": "it does not answer", "values": {}})


def _readings(book: Runbook, sight: Sight) -> Iterator[Reading]:
    for probe in observations(book):
        verbs = KINDS[book.resources[probe.name].kind].verbs
        if probe.region == PUBLIC:
            values: dict[str, JsonValue] = {"regions": list(sight.led), "addresses": [], "ttl": 0}
        elif probe.name in sight.writers:
            values = _store(book, sight, probe.name, probe.region)
        elif Verb.SCALE in verbs:
            size = sight.sizes[probe.name, probe.region]
            values = {"desired": size, "ready": size}
        else:
            values = {}
        yield Reading(
            resource=probe.name, region=probe.region, state="healthy", reason="well", values=values, observed_at=_NOW
        )


def _store(book: Runbook, sight: Sight, name: str, region: str) -> dict[str, JsonValue]:
    if region == sight.writers[name]:
        return {
            "role": "primary",
            "timeline": 1,
            "position": _POSITION,
            "synchronous": book.settings_of(name, region).get("synchronous") is True,
            "standbys": {
                standby_name(book, name, other): {"state": "streaming", "sync_state": "sync", "lag_bytes": 0}
                for other in book.regions
                if other != region and (name, other) not in sight.stray
            },
        }
    if (name, region) in sight.stray:
        return {"role": "primary", "timeline": 1, "position": _POSITION, "read_only": True}
    return {
        "role": "standby",
        "timeline": 1,
        "position": _POSITION,
        "streaming": True,
        "lag_bytes": 0,
        "lag_seconds": 0.0,
        "last_commit_at": _SEEN,
    }
