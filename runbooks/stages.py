"""What several procedures share: growing the heirs, looking from inside, leading clients there, shrinking again."""

from collections.abc import Callable, Collection, Iterable, Mapping

from pydantic import JsonValue

from runbooks import safety, traffic
from runbooks.draft import Draft
from runbooks.matching import match_of, words_of
from runbooks.plan import Step
from runbooks.probes import PUBLIC, WRITES, Probe, checks, cut_over_settings
from runbooks.steps import Verb

Sizes = Mapping[str, Mapping[str, int]]
"""How many replicas each resource must have, by region."""


def sizes_to_take_over(draft: Draft, after: Mapping[str, int]) -> Sizes:
    """Each heir carries its own share and its part of the source's."""
    return {
        name: traffic.replicas_needed(resource.replicas, draft.before, after, draft.source)
        for name, resource in draft.runbook.resources.items()
        if draft.can(name, Verb.SCALE)
    }


def scale(draft: Draft, sizes: Sizes, needs: Mapping[str, Collection[str]] | None = None) -> None:
    """Grow each group to its size; `needs` gives, by region, what must be done there before."""
    for name, wanted in sizes.items():
        for region, count in wanted.items():
            draft.refusals.extend(safety.capacity_refusals(name, region, count, draft.facts))
            draft.add(
                Verb.SCALE,
                name,
                region,
                f"Scale {name} in {region} to {count} replicas{_or_more(draft, name, region)}",
                settings={"replicas": count, **_matched(draft, name, region)},
                needs=(needs or {}).get(region, ()),
            )


def _matched(draft: Draft, name: str, region: str) -> dict[str, JsonValue]:
    """Where a group is sized by what the source runs: the source's settings, so that it can be asked."""
    measured = match_of(draft.settings(name, region)) is not None and region != draft.source
    return {"upstream": draft.settings(name, draft.source)} if measured else {}


def _or_more(draft: Draft, name: str, region: str) -> str:
    match = match_of(draft.settings(name, region))
    return f", or {words_of(match, draft.source)} if that is more" if match and region != draft.source else ""


def scales_waited_for(draft: Draft, region: str) -> tuple[str, ...]:
    """The region's scale steps that the cut-over waits for: all, or only those of groups that serve nothing yet."""
    steps = [s for s in draft.steps if s.verb == Verb.SCALE and s.region == region]
    if draft.policy.cut_over == "while-scaling":
        steps = [s for s in steps if not traffic.serves(draft.facts, s.resource, region)]
    return tuple(step.id for step in steps)


def scale_down(draft: Draft, sizes: Sizes, needs: Collection[str]) -> None:
    """Shrink each group to its size."""
    for name, wanted in sizes.items():
        for region, count in wanted.items():
            draft.add(
                Verb.SCALE,
                name,
                region,
                f"Scale {name} in {region} down to {count} replicas",
                settings={"replicas": count, "down": True},
                needs=needs,
                word="scale_down",
            )


def verify_inside(
    draft: Draft, places: Iterable[str], needs: Collection[str] = (), *, only: Callable[[Probe], bool] = lambda _: True
) -> None:
    """Check each place from inside, once its groups are large enough. A row is written only where the writer is."""
    for region in places:
        waited = (*needs, *scales_waited_for(draft, region))
        for probe in checks(draft.runbook, region, "verify"):
            elsewhere = probe.technology in WRITES and draft.writers.get(probe.resource, region) != region
            if only(probe) and not elsewhere:
                _verify(draft, probe, region, waited, f"Verify {probe.name} in {region}, from inside")


def cut_over(draft: Draft, needs: Collection[str]) -> None:
    """Lead the public names to where the traffic is to be, and look through them as a client does."""
    if draft.after == draft.before:
        return
    draft.refusals.extend(safety.cut_over_refusals(draft.runbook, draft.facts))
    leads = " and ".join(region for region, share in draft.after.items() if share)
    gone = draft.before[draft.source] > draft.after[draft.source] == 0
    left = f" from {draft.source}" if gone else ""
    for name in traffic.public_names(draft.runbook):
        _cut_over(draft, name, f"Cut {name} over{left} to {leads}", needs)
    done = draft.ids(Verb.CUT_OVER)
    for probe in checks(draft.runbook, draft.target, "verify", through=PUBLIC):
        settings = probe.settings
        if probe.resource in traffic.public_names(draft.runbook):
            settings = cut_over_settings(draft.runbook, probe.resource, draft.after, None)
        public = probe.model_copy(update={"settings": settings})
        _verify(draft, public, PUBLIC, done, f"Verify {probe.name} through the public name")


def _cut_over(draft: Draft, name: str, sentence: str, needs: Collection[str]) -> None:
    """Lead one public name there: at once, or in the stages that it declares, each after the one before."""
    given = draft.runbook.resources[name].common.get("stages")
    parts = [part for part in given if isinstance(part, int)] if isinstance(given, list) else []
    led, shares, waited = traffic.led_to(draft.facts, name), draft.before, tuple(dict.fromkeys(needs))
    for weights in traffic.staged(draft.before, draft.after, parts):
        last = weights == draft.after
        settings = cut_over_settings(draft.runbook, name, weights, led, shares)
        told = ", ".join(f"{region} {share} %" for region, share in weights.items() if share)
        step = Step(
            id=f"cut_over.{name}",
            verb=Verb.CUT_OVER,
            uses=f"cut_over.{draft.kind(name).name}",
            resource=name,
            region=draft.target,
            needs=waited,
            settings={**settings, "pause": 0.0} if last and "pause" in settings else settings,
            sentence=sentence if last else f"Shift a part of {name}: {told}",
            reversibility=draft.reversibility(name, Verb.CUT_OVER),
        )
        waited = (draft.write(step),)
        led, shares = tuple(region for region, share in weights.items() if share), weights


def _verify(draft: Draft, probe: Probe, place: str, needs: tuple[str, ...], sentence: str) -> None:
    draft.write(
        Step(
            id=f"verify.{probe.name}.{place}",
            verb=Verb.VERIFY,
            uses=f"verify.{probe.technology}",
            resource=probe.resource,
            region=probe.region,
            needs=tuple(dict.fromkeys(needs)),
            settings=probe.settings,
            sentence=sentence,
        )
    )
