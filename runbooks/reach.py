"""Everything that a runbook's procedures can ask of technologies: what their permissions are counted by. Pure."""

from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

from pydantic import JsonValue

from runbooks.check_base import Use
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.paper.cases import cases
from runbooks.probes import checks, deploying, observations
from runbooks.steps import Verb

_USES: tuple[Use, ...] = ("detect", "verify")


class Asked(NamedTuple):
    """One technology, and with what settings."""

    uses: str
    settings: dict[str, JsonValue]


def reach(book: Runbook) -> tuple[Asked, ...]:
    """The steps of every plan that there can be, every look and check, and what the resources' kinds can do besides."""
    found: list[Asked] = []
    for asked in (*_planned(book), *_looks(book), *_possible(book)):
        if asked not in found:
            found.append(asked)
    return tuple(found)


def _planned(book: Runbook) -> Iterator[Asked]:
    for case in cases(book):
        for step in case.plan.steps if case.plan is not None else ():
            yield Asked(step.uses, step.settings)


def _looks(book: Runbook) -> Iterator[Asked]:
    for probe in observations(book):
        yield Asked(f"{Verb.DETECT}.{probe.technology}", probe.settings)
    for region in book.regions:
        for use in _USES:
            for way in ("region", "public"):
                for probe in checks(book, region, use, way):
                    yield Asked(f"{use}.{probe.technology}", probe.settings)
        question = deploying(book, region)
        if question is not None:
            yield Asked(f"{Verb.DETECT}.{question.technology}", question.settings)


def _possible(book: Runbook) -> Iterator[Asked]:
    """A real run looks first, so its plan may have a step that no plan of a system that is well has.

    With what a plan adds to the settings: a size, and the other server that it concerns. What no `backup` is declared
    of is never restored.
    """
    for name, resource in book.resources.items():
        never = {Verb.CUT_OVER} if resource.backup is not None else {Verb.CUT_OVER, Verb.RESTORE}
        for verb in sorted(KINDS[resource.kind].verbs - never):
            for region, other in permutations(book.regions, 2):
                own, theirs = book.settings_of(name, region), book.settings_of(name, other)
                yield Asked(f"{verb}.{book.kind_of(name, region)}", {"replicas": 0, **own, "upstream": theirs})
