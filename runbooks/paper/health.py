"""What healthy means, and how the loss of a region is recognised."""

from collections.abc import Iterator

from pydantic import JsonValue

from runbooks.checks import Check
from runbooks.durations import duration
from runbooks.models import WITNESS, Runbook, Veto
from runbooks.paper.alerting import alerting
from runbooks.paper.blocks import Block, Code, Grid, Items, Paragraph, Section, listed
from runbooks.paper.system import plainly
from runbooks.paper.words import first_line
from runbooks.vetoes import VETOES

_ELSEWHERE = {"name", "kind", "through", "use", "timeout"}


def health(book: Runbook) -> Section:
    """The section."""
    return Section(
        "How a failure is recognised",
        (
            Paragraph(
                "While it is armed (`evac detect`) a detector asks all the time. It starts a failover as soon as a "
                "region counts as down and nothing keeps it from that; the failover then needs its approvals as any "
                "other."
            ),
        ),
        (
            Section("What healthy means", (_checks(book),)),
            Section("When a region counts as down", tuple(_down(book))),
            Section("What keeps the detector from starting anything", tuple(_vetoes(book))),
            alerting(book),
        ),
    )


def _checks(book: Runbook) -> Grid:
    rows = tuple(_check(check) for check in book.checks)
    return Grid(("Check", "Kind", "What is asked", "With", "How"), rows)


def _check(check: Check) -> tuple[str, ...]:
    told = check.model_dump(mode="json", exclude=_ELSEWHERE, exclude_none=True)
    through = "through the public name" if check.through == "public" else "in each region"
    return (
        Code(check.name or check.kind),
        Code(check.kind),
        first_line(type(check)),
        "\n".join(f"{key}: {_told(value)}" for key, value in told.items()) or "—",
        f"{through}\nto {listed(check.use)}\nwithin {duration(check.timeout)}",
    )


def _told(value: JsonValue) -> str:
    """Every fraction in a check is a time."""
    return duration(value) if isinstance(value, float) else plainly(value)


def _down(book: Runbook) -> Iterator[Block]:
    rule = book.detect
    vantages = [f"{name} (a worker outside all regions)" if name == WITNESS else name for name in book.vantages()]
    dwell = f"for {duration(rule.dwell)} without a break" if rule.dwell else "at the same moment"
    told = [
        (
            f"Vantage points: {listed(vantages)}. Each asks the checks used to detect, of every region, "
            f"every {duration(rule.interval)}."
        ),
        (
            f"A vantage point calls a region unhealthy after {_rounds(rule.failures, 'bad')}, "
            f"and healthy again after {_rounds(rule.successes, 'good')}."
        ),
        f"A region is down when enough vantage points outside it call it unhealthy {dwell}.",
        "A vantage point that does not answer counts neither way. The region's own never counts for itself.",
    ]
    yield Items(tuple(told))
    rows = tuple(
        (Code(region), listed(book.vantages_for(region)), str(book.quorum_for(region))) for region in book.regions
    )
    yield Grid(("Region", "Whose word counts", "How many must agree"), rows)


def _veto(book: Runbook, name: Veto) -> str:
    if name == "deploy" and book.detect.deploying is None:
        return "Never applies: the runbook does not say how to ask whether a deployment is in progress (`deploying`)."
    return first_line(VETOES[name])


def _rounds(count: int, word: str) -> str:
    return f"one {word} round" if count == 1 else f"{count} {word} rounds in a row"


def _vetoes(book: Runbook) -> Iterator[Block]:
    told = (
        "These bind the detector, not a person who asks for a failover. Each time one applies is kept, with its reason."
    )
    yield Paragraph(told)
    rows = tuple((Code(name), _veto(book, name)) for name in book.detect.vetoes)
    yield Grid(("Veto", "What it says"), rows) if rows else Paragraph("Nothing: the runbook declares no veto.")
    if book.detect.deploying is not None:
        yield Paragraph(f"Whether a deployment is going on is asked at {book.detect.deploying.url}.")
    windows = tuple(
        (listed(window.days), f"{window.start} to {window.end}", window.timezone, window.reason or "—")
        for window in book.maintenance
    )
    if windows:
        yield Grid(("Maintenance on", "Time", "Time zone", "Reason"), windows)
