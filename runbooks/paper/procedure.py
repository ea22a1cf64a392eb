"""The whole document of a runbook, in the order in which an auditor asks. Pure: the same runbook, the same document."""

from runbooks.models import Runbook
from runbooks.paper.blocks import Items, Paper, Section
from runbooks.paper.cases import cases
from runbooks.paper.deciding import deciding
from runbooks.paper.health import health
from runbooks.paper.limits import limits, secrets, technologies
from runbooks.paper.planned import Manual, planned
from runbooks.paper.proving import proving
from runbooks.paper.system import system
from runbooks.plan import declared_checksum


def procedure_paper(book: Runbook, manual: Manual) -> Paper:
    """The document."""
    found = cases(book)
    return Paper(
        title=f"Disaster recovery of {book.name}",
        summary=book.description,
        facts=(
            ("Runbook", book.name),
            ("Checksum of the runbook", declared_checksum(book)),
            ("Owners", ", ".join(book.owners) or "none are named"),
            ("Made by", f"evac docs{f', Evac {manual.release}' if manual.release else ''}"),
        ),
        sections=(
            _reading(),
            system(book),
            health(book),
            deciding(book),
            *planned(found, manual),
            proving(book),
            limits(book, found),
            technologies(found, book, manual),
            secrets(book),
        ),
    )


def _reading() -> Section:
    return Section(
        "How to read this",
        (
            Items(
                (
                    (
                        "The runbook declares what the system is. Evac derives every procedure from it; nobody writes "
                        "the steps. This document is made by the same planner that makes the plan of a real run."
                    ),
                    (
                        "The plans here presume that everything but the region being left is well and has been copied. "
                        "A real run looks first, and makes its own plan; people approve that one, by its checksum."
                    ),
                    "Steps begin as soon as those that they wait for are done: what does not wait runs side by side.",
                    (
                        "FINAL is what cannot be undone. The point of no return is the first promotion: before it an "
                        "abort undoes what was done; after it an abort stops and holds, and the way back is a failback."
                    ),
                    "What has been proved, and when, is not in here: `evac readiness` and the records of runs say it.",
                )
            ),
        ),
    )
