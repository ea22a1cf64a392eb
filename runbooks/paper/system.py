"""What the system is: regions, objectives, resources with where they are, and who owns it."""

import json
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from runbooks.durations import duration
from runbooks.kinds import KINDS
from runbooks.matching import match_of, words_of
from runbooks.models import Resource, Runbook
from runbooks.paper.blocks import Block, Code, Grid, Items, Paragraph, Section, listed
from runbooks.paper.words import first_line
from runbooks.probes import cut_over_settings
from runbooks.traffic import public_names


def system(book: Runbook) -> Section:
    """The section."""
    return Section(
        "The system",
        tuple(_about(book)),
        (
            Section("Regions", (_regions(book),)),
            Section("Resources", (Paragraph("What must follow a move."), _resources(book))),
            Section("Where each resource is", (_places(book),)),
            *([Section("Steps of the team's own", (_own(book),))] if book.steps else []),
        ),
    )


def _about(book: Runbook) -> Iterator[Block]:
    rto, rpo = duration(book.objectives.rto), duration(book.objectives.rpo)
    told = [
        (
            f"Recovery time objective (RTO): {rto}. It counts from the first failed probe until clients are served "
            "again, and that has been verified; in a planned procedure, from when writes stop until they go on."
        ),
        f"Recovery point objective (RPO): {rpo}. A plan that would lose more refuses itself until somebody accepts it.",
        f"Owners: {listed(book.owners) or 'none are named'}.",
    ]
    told += [f"Role {role}: {listed(people) or 'nobody'}." for role, people in book.roles.items()]
    if book.depends_on:
        told.append(f"In an evacuation it moves after {listed(book.depends_on)}.")
    told.append(f"Priority in an evacuation: {book.priority} (the smaller number goes first).")
    yield Items(tuple(told))


def _regions(book: Runbook) -> Grid:
    rows = tuple(
        (Code(name), str(region.role), f"{region.traffic} %", _pairs(region.vars))
        for name, region in book.regions.items()
    )
    return Grid(("Region", "Role", "Traffic", "Texts for checks"), rows)


def _resources(book: Runbook) -> Grid:
    rows = tuple(
        (
            Code(name),
            _kinds(book, name),
            first_line(KINDS[resource.kind].settings),
            _writer(book, name, resource),
            _sizes(book, name),
            listed(resource.needs) or "—",
            resource.shared or "—",
        )
        for name, resource in book.resources.items()
    )
    head = ("Resource", "Kind", "What it is", "Writer at home in", "Replicas", "Needs", "Shared as")
    return Grid(head, rows)


def _kinds(book: Runbook, name: str) -> str:
    """Its kind; where it is of several, that of each region."""
    resource = book.resources[name]
    if not resource.kinds:
        return Code(resource.kind)
    return "\n".join(f"{region}: {book.kind_of(name, region)}" for region in book.regions)


def _writer(book: Runbook, name: str, resource: Resource) -> str:
    return book.home_of(name) if KINDS[resource.kind].holds_data else "—"


def _sizes(book: Runbook, name: str) -> str:
    lines = []
    for region, count in book.resources[name].replicas.items():
        match = match_of(book.settings_of(name, region))
        more = f", or {words_of(match, 'the region that is left')} if that is more" if match else ""
        lines.append(f"{region}: {count}{more}")
    return "\n".join(lines) or "—"


def _places(book: Runbook) -> Grid:
    names = public_names(book)
    rows = []
    for name in book.resources:
        if name in names:
            told = cut_over_settings(book, name, {}, None)
            told = {key: value for key, value in told.items() if key not in ("weights", "before")}
            rows.append((Code(name), "all", _pairs(told)))
            continue
        rows.extend((Code(name), Code(region), _pairs(book.settings_of(name, region))) for region in book.regions)
    return Grid(("Resource", "Region", "Settings"), tuple(rows))


def _own(book: Runbook) -> Grid:
    """Hung into the plans that have such a step to hang them on."""
    rows = tuple(
        (
            Code(step.name),
            Code(step.uses),
            f"before every {step.before}" if step.before else f"after the last {step.after}",
            step.region,
            _pairs(step.settings),
        )
        for step in book.steps
    )
    return Grid(("Step", "Technology", "When", "For", "Settings"), rows)


def _pairs(values: Mapping[str, JsonValue] | Mapping[str, str]) -> str:
    return "\n".join(f"{key}: {plainly(value)}" for key, value in values.items()) or "—"


def plainly(value: JsonValue) -> str:
    """A value as a person reads it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(map(plainly, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {plainly(inner)}" for key, inner in value.items())
    return json.dumps(value)
