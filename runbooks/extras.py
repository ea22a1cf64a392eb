"""What a runbook adds to the derived steps: the order among resources, and the user's own steps."""

import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from runbooks.kinds import STEP_SETTINGS
from runbooks.models import ExtraStep, Runbook
from runbooks.plan import Step
from runbooks.steps import Verb

_TEXT = re.compile(r"\{(\w+)\}")
_ORDERED = frozenset({Verb.FENCE, Verb.SCALE, Verb.PROMOTE, Verb.CUT_OVER})


def hang_extras(runbook: Runbook, steps: Sequence[Step], source: str, target: str) -> list[Step]:
    """The derived steps with `resources.*.needs` and the runbook's own `steps` worked in."""
    hung = [_after_its_resources(runbook, step, steps) for step in steps]
    for extra in runbook.steps:
        hung = _hang(runbook, extra, hung, source, target)
    return hung


def _after_its_resources(runbook: Runbook, step: Step, steps: Sequence[Step]) -> Step:
    """A step waits for its like (`scale` is not `scale_down`) on every resource that its own resource needs."""
    if _word(step) not in _ORDERED or step.resource not in runbook.resources:
        return step
    needed = set(runbook.resources[step.resource].needs)
    ids = tuple(other.id for other in steps if _word(other) == _word(step) and other.resource in needed)
    return _needing(step, ids)


def _word(step: Step) -> str:
    """What the step's id begins with: its verb, or another word where the verb is used for something else."""
    return step.id.partition(".")[0]


def unhung(runbook: Runbook, steps: Sequence[Step]) -> list[str]:
    """A sentence for each of the runbook's own steps that has no place in this plan: it is left out, not run early."""
    words = {_word(step) for step in steps}
    left = [extra for extra in runbook.steps if (extra.after or extra.before) not in words]
    return [f"{extra.name} is not run: this plan has no {extra.after or extra.before} step" for extra in left]


def _hang(runbook: Runbook, extra: ExtraStep, steps: list[Step], source: str, target: str) -> list[Step]:
    """`after: v` waits for every step of v and gates what comes behind the last; `before: v` gates every step of v.

    Steps of one verb may stand on both sides of another step (a cut-over between two verifications): what the
    anchors wait for is never gated by them, and what waits for the anchors is never waited for.
    """
    verb = extra.after or extra.before
    anchors = [step for step in steps if _word(step) == verb]
    if not anchors:
        return steps
    ids = {step.id for step in anchors}
    if extra.after is not None:
        needs = tuple(step.id for step in anchors)
        ahead = _reachable(ids, {step.id: step.needs for step in steps})
        gated = {step.id for step in steps if step.id not in ids | ahead and ids & set(step.needs)}
    else:
        behind = _reachable(ids, _followers(steps))
        needs = tuple(dict.fromkeys(need for step in anchors for need in step.needs if need not in ids | behind))
        gated = ids
    own = _own_step(runbook, extra, needs, {"source": source, "target": target})
    return [*(_needing(step, (own.id,)) if step.id in gated else step for step in steps), own]


def _own_step(runbook: Runbook, extra: ExtraStep, needs: tuple[str, ...], ends: Mapping[str, str]) -> Step:
    verb = extra.uses.partition(".")[0]
    region = ends.get(extra.region, extra.region)
    texts = {**runbook.regions[region].vars, **ends, "region": region}
    return Step(
        id=f"{verb}.{extra.name}",
        verb=Verb(verb),
        uses=extra.uses,
        resource=extra.name,
        region=region,
        needs=needs,
        settings={key: _filled(value, texts) for key, value in extra.settings.items()}
        if extra.uses in STEP_SETTINGS
        else dict(extra.settings),
        sentence=f"Run {extra.name} ({extra.uses}) for {region}",
    )


def _filled(value: JsonValue, texts: Mapping[str, str]) -> JsonValue:
    """`{region}`, `{source}`, `{target}` and the region's own texts put in; other braces stay as they are."""
    if isinstance(value, str):
        return _TEXT.sub(lambda found: texts.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [_filled(item, texts) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, texts) for key, item in value.items()}
    return value


def _followers(steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    return {step.id: tuple(other.id for other in steps if step.id in other.needs) for step in steps}


def _reachable(start: set[str], edges: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Every step that can be reached from `start` along the edges."""
    found: set[str] = set()
    left = list(start)
    while left:
        for following in edges[left.pop()]:
            if following not in found:
                found.add(following)
                left.append(following)
    return found


def _needing(step: Step, ids: tuple[str, ...]) -> Step:
    if not ids:
        return step
    return step.model_copy(update={"needs": tuple(dict.fromkeys((*step.needs, *ids)))})
