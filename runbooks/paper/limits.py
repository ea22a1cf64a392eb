"""What the procedures cannot do, what each technology needs to be allowed, and which secrets are referred to."""

from collections.abc import Iterator

from pydantic import JsonValue

from runbooks.check import advice
from runbooks.faults import dotted
from runbooks.models import Runbook
from runbooks.paper.blocks import Block, Code, Grid, Items, Paragraph, Section, listed
from runbooks.paper.cases import Case
from runbooks.paper.planned import Manual
from runbooks.paper.words import VERBS
from runbooks.steps import Verb
from runbooks.values import is_secret_reference


def limits(book: Runbook, cases: tuple[Case, ...]) -> Section:
    """What it cannot do, even when all is well."""
    found: list[str] = []
    for case in cases:
        if case.plan is None:
            found.append(f"{case.title}: there is no plan; {case.why_not}.")
            continue
        found.extend(f"{case.title}: {refusal.sentence}." for refusal in case.plan.refusals)
    found.extend(f"{dotted(finding.path)}: {finding.sentence}." for finding in advice(book))
    always = (
        "A region is the unit: what fails inside of it, and not as a whole, is left to the region itself.",
        "A failover loses what had not been copied. It can be bounded and stated, and not be brought back by it.",
        "Clients that keep an old address beyond its time to live must find the new region alone.",
        "This document shows plans of a system that is well. A real run looks first, and its plan may differ.",
    )
    blocks: list[Block] = [Items(always)]
    if found:
        blocks += [Paragraph("Of this runbook in particular:"), Items(tuple(dict.fromkeys(found)))]
    return Section("What these procedures cannot do", tuple(blocks))


def technologies(cases: tuple[Case, ...], book: Runbook, manual: Manual) -> Section:
    """Each technology that some step, check or notice uses, with its permissions."""
    where: dict[str, dict[str, None]] = {}
    for case in cases:
        for step in case.plan.steps if case.plan else ():
            if step.verb is not Verb.VERIFY:  # the checks below say it
                where.setdefault(step.uses, {})[step.resource] = None
    for uses, name in _looked_at(book):
        if uses in manual.practices:
            where.setdefault(uses, {})[name] = None
    for check in book.checks:
        for use in check.use:
            where.setdefault(f"{use}.{check.kind}", {})[check.name or check.kind] = None
    for notice in book.notify:
        where.setdefault(notice.uses, {})["notices"] = None
    rows = tuple(
        (Code(uses), _does(uses, manual), listed(list(where[uses])), _needs(uses, manual))
        for uses in sorted(where, key=_order)
    )
    verbs = dict.fromkeys(Verb(uses.partition(".")[0]) for uses in sorted(where, key=_order))
    return Section(
        "Technologies and their permissions",
        (
            Paragraph(
                "Every act looks first, acts only if there is something to do, and looks again; done twice, the second "
                "time changes nothing. Each has a read-only twin that says beforehand whether it could be done. When "
                "its tries are used up the step waits for a person, who may retry it, skip it with a reason, or abort."
            ),
            Grid(("Verb", "What it is for"), tuple((Code(verb), VERBS[verb]) for verb in verbs)),
            Grid(("Technology", "How", "On", "What its credentials must be allowed to do"), rows),
        ),
    )


def _looked_at(book: Runbook) -> Iterator[tuple[str, str]]:
    """What looks at each resource, and what restores it where backups are demanded."""
    for name, resource in book.resources.items():
        for verb in (Verb.DETECT, *([Verb.RESTORE] if resource.backup is not None else [])):
            for kind in dict.fromkeys(book.kind_of(name, region) for region in book.regions):
                yield f"{verb}.{kind}", name


def _order(uses: str) -> tuple[int, str]:
    return list(Verb).index(Verb(uses.partition(".")[0])), uses


def _does(uses: str, manual: Manual) -> str:
    return manual.practices[uses].does if uses in manual.practices else "—"


def _needs(uses: str, manual: Manual) -> str:
    return "\n".join(manual.practices[uses].permissions) if uses in manual.practices else "—"


def secrets(book: Runbook) -> Section:
    """The references, and who uses them; never the secrets."""
    found: dict[str, dict[str, None]] = {}
    for name, resource in book.resources.items():
        for reference in _references([resource.common, *resource.settings.values()]):
            found.setdefault(reference, {})[name] = None
    for step in book.steps:
        for reference in _references(step.settings):
            found.setdefault(reference, {})[step.name] = None
    for notice in book.notify:
        for reference in _references(notice.settings):
            found.setdefault(reference, {})[notice.uses] = None
    told = (
        "The runbook holds references only. Each is resolved where it is needed, at the last moment, and kept nowhere."
    )
    rows = tuple((Code(reference), listed(list(users))) for reference, users in found.items())
    grid = (Grid(("Reference", "Used by"), rows),) if rows else ()
    return Section("Secrets", (Paragraph(told), *grid))


def _references(value: JsonValue | list[dict[str, JsonValue]] | dict[str, JsonValue]) -> Iterator[str]:
    if isinstance(value, str) and is_secret_reference(value):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _references(inner)
