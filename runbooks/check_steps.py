"""Rules for a runbook's own steps and notices: each can be run, and has a place in a plan."""

import re
from collections.abc import Iterator

from pydantic import JsonValue

from runbooks.faults import DocumentPath, Finding, did_you_mean, plain
from runbooks.kinds import EXTRA_STEPS, KINDS, STEP_SETTINGS
from runbooks.models import ExtraStep, Runbook
from runbooks.notices import NOTICES, Sentence
from runbooks.shape import fit
from runbooks.steps import Verb

_NAME = re.compile(r"\{(\w+)\}")
_PLANNED = (
    Verb.SALVAGE,
    Verb.RESEED,
    Verb.COMPARE,
    Verb.SCALE,
    Verb.CATCH_UP,
    Verb.FENCE,
    Verb.PROMOTE,
    Verb.VERIFY,
    Verb.CUT_OVER,
)
"""What a step can hang at, in the order of the longest plan. A rehearsal runs no steps of the runbook's own."""


def places(runbook: Runbook) -> Iterator[Finding]:
    """A step hangs at one verb, and a plan can have steps of that verb: else it would silently never run."""
    possible = _possible(runbook)
    for number, step in enumerate(runbook.steps):
        path: DocumentPath = ("steps", number)
        if (step.after is None) == (step.before is None):
            yield Finding(path, f"the step {step.name} must have exactly one of `after` and `before`")
            continue
        key = "before" if step.after is None else "after"
        verb = step.after or step.before
        if verb is not None and verb not in possible:
            sentence = f"no plan of this runbook has a {verb} step; use one of {', '.join(possible)}"
            yield Finding((*path, key), sentence, reads=(("resources",), ("checks",)))


def _possible(runbook: Runbook) -> tuple[Verb, ...]:
    verbs = {
        verb for resource in runbook.resources.values() if resource.kind in KINDS for verb in _verbs(resource.kind)
    }
    if any(resource.kind not in KINDS for resource in runbook.resources.values()):
        return _PLANNED  # what the unknown kind could do is unknown too
    if any("verify" in check.use for check in runbook.checks):
        verbs.add(Verb.VERIFY)
    return tuple(verb for verb in _PLANNED if verb in verbs)


def _verbs(kind: str) -> frozenset[Verb]:
    return KINDS[kind].verbs


def technologies(runbook: Runbook) -> Iterator[Finding]:
    """What steps and notices use exists."""
    for number, step in enumerate(runbook.steps):
        yield from _known(("steps", number, "uses"), step.uses, EXTRA_STEPS)
    for number, notice in enumerate(runbook.notify):
        yield from _known(("notify", number, "uses"), notice.uses, tuple(NOTICES))


def told(runbook: Runbook) -> Iterator[Finding]:
    """Notices and steps have the settings of their technology; a step that tells people has its sentence besides."""
    for number, notice in enumerate(runbook.notify):
        if notice.uses in NOTICES:
            yield from fit(NOTICES[notice.uses], notice.settings, ("notify", number, "settings"))[1]
    for number, step in enumerate(runbook.steps):
        if step.uses in STEP_SETTINGS:
            yield from fit(STEP_SETTINGS[step.uses], step.settings, ("steps", number, "settings"))[1]
            yield from _texts(runbook, step.settings, ("steps", number, "settings"))
        if step.uses not in NOTICES:
            continue
        path: DocumentPath = ("steps", number, "settings")
        text = {key: value for key, value in step.settings.items() if key == "text"}
        rest = {key: value for key, value in step.settings.items() if key != "text"}
        yield from fit(Sentence, text, path)[1]
        yield from fit(NOTICES[step.uses], rest, path)[1]


def _texts(runbook: Runbook, value: JsonValue, path: DocumentPath) -> Iterator[Finding]:
    """A text that is a name in braces, and nothing else, must stand for something in every region."""
    if isinstance(value, str) and (found := _NAME.fullmatch(value)) is not None:
        own = [set(region.vars) for region in runbook.regions.values()]
        known = tuple(sorted({"region", "source", "target"} | (set.intersection(*own) if own else set())))
        if found[1] not in known:
            sentence = f"`{plain(value)}` stands for nothing here{did_you_mean(found[1], known)}"
            yield Finding(path, sentence, reads=(("regions",),))
    for key, inner in _inside(value):
        yield from _texts(runbook, inner, (*path, key))


def _inside(value: JsonValue) -> Iterator[tuple[str | int, JsonValue]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _known(path: DocumentPath, uses: str, known: tuple[str, ...]) -> Iterator[Finding]:
    if uses not in known:
        yield Finding(path, f"`{plain(uses)}` cannot be used here{did_you_mean(uses, known)}")


def regions(runbook: Runbook) -> Iterator[Finding]:
    """A step's region is one, or one end of the move."""
    known = ("source", "target", *runbook.regions)
    for number, step in enumerate(runbook.steps):
        if step.region not in known:
            sentence = f"`{plain(step.region)}` is no region{did_you_mean(step.region, known)}"
            yield Finding(("steps", number, "region"), sentence, reads=(("regions",),))


def labels(runbook: Runbook) -> Iterator[Finding]:
    """Two steps of one name could not be told apart."""
    seen: set[str] = set()
    for number, step in enumerate(runbook.steps):
        if step.name in seen:
            yield Finding(("steps", number, "name"), f"another step is called `{step.name}` already")
        seen.add(step.name)


def commands(runbook: Runbook) -> Iterator[Finding]:
    """A command is a list of texts that is handed to the system as it is, never to a shell."""
    for number, step in enumerate(runbook.steps):
        if step.uses == "run.command" and not _is_command(step):
            path: DocumentPath = ("steps", number, "settings", "argv")
            yield Finding(path, f"the step {step.name} must have `argv`: a list of texts, the program first")


def _is_command(step: ExtraStep) -> bool:
    argv = step.settings.get("argv")
    return (
        isinstance(argv, list)
        and bool(argv)
        and all(isinstance(part, str) and part for part in argv[:1])
        and all(isinstance(part, str) for part in argv)
    )


RULES = (places, technologies, told, regions, labels, commands)
