"""The overview, the readiness board, and the page of one runbook."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from temporalio.service import RPCError

from audit.shelf import Wanted
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.readiness import Grade, ReadinessReport, score
from triggers.alerts.courier import UndeliveredError
from triggers.console import trend
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.csrf import csrf_field
from triggers.console.faults import Told
from triggers.console.gate import require
from triggers.console.overview import Going, book_row, going_by_name, report_in
from triggers.console.page import form_of, page
from triggers.console.sight import Sight
from triggers.console.starting import of_form, offers, start
from triggers.console.streaming import seen_now
from triggers.console.work_pages import KINDS
from triggers.errors import TriggerError

Viewer = Annotated[Visitor, Depends(require(ConsoleRole.VIEWER))]
Operator = Annotated[Visitor, Depends(require(ConsoleRole.OPERATOR))]
_WORST = {Grade.BAD: 0, Grade.UNKNOWN: 1, Grade.WARN: 2, Grade.OK: 3}
_NEWEST = 10


def routes(sight: Sight) -> APIRouter:
    """Pages to look at."""
    router = APIRouter(route_class=Told, include_in_schema=False)

    @router.get("/")
    async def overview(request: Request, visitor: Viewer) -> HTMLResponse:
        """Every runbook, and what goes on."""
        now = time.time()
        found, trouble = await seen_now(sight)
        going = {} if found is None else going_by_name(found, now)
        records = await sight.records()
        reports = await asyncio.gather(*(_report(sight, read) for read in sight.books))
        rows = [
            book_row(read, records, report, going.get(read.runbook.name, ()), now)
            for read, report in zip(sight.books, reports, strict=True)
        ]
        names = {row.name for row in rows}
        others = [(name, one) for name, some in going.items() if name not in names for one in some]
        given: dict[str, Any] = {"rows": rows, "others": others, "trouble": trouble}
        switches = [] if found is None else found.switches
        schedules = [] if found is None else found.schedules
        more: dict[str, Any] = {
            "switches": switches,
            "schedules": schedules,
            "troubles": [one.said for one in sight.library.troubles],
        }
        return page(request, "overview.html", title="Overview", visitor=visitor, **given, **more)

    @router.get("/readiness")
    async def readiness(request: Request, visitor: Viewer) -> HTMLResponse:
        """Every runbook's newest readiness report, the worst first in each."""
        now = time.time()
        records = await sight.records()
        rows = []
        for read in sight.books:
            own = [one for one in records if one.subject == read.runbook.name]
            report = await _report(sight, read) or report_in(own)
            row = book_row(read, own, report, (), now)
            findings = [] if report is None else sorted(report.findings, key=lambda one: _WORST[one.grade])
            rows.append((row, report, findings, 0 if report is None else score(report, now)))
        rows.sort(key=lambda row: row[3])
        return page(request, "readiness.html", title="Readiness", visitor=visitor, rows=rows)

    @router.get("/runbooks/{name}")
    async def runbook(request: Request, name: str, visitor: Viewer) -> HTMLResponse:
        """One runbook: what it declares, how its runs went, and what can be started."""
        read = sight.book(name)
        now = time.time()
        own = await sight.records(Wanted(runbook=name))
        found, trouble = await seen_now(sight)
        going: list[Going] = [] if found is None else going_by_name(found, now).get(name, [])
        row = book_row(read, own, await _report(sight, read), going, now)
        book = read.runbook
        pictures: dict[str, Any] = {
            "rto": Markup(trend.svg(trend.recoveries(own), book.objectives.rto, "Recovery time")),  # noqa: S704
            "rpo": Markup(trend.svg(trend.lost(own), book.objectives.rpo, "Loss")),  # noqa: S704
        }
        given: dict[str, Any] = {
            "row": row,
            "book": book,
            "records": own[:_NEWEST],
            "offers": offers(book, visitor),
            "trouble": trouble,
        }
        return page(request, "runbook.html", title=name, visitor=visitor, csrf=csrf_field(request), **given, **pictures)

    @router.post("/runbooks/{name}/start")
    async def begin(request: Request, name: str, visitor: Operator) -> HTMLResponse:
        """Start what the form asks for."""
        wish = of_form(await form_of(request), name)
        begun = await start(sight, visitor, name, wish)
        status = 202 if begun.started else 409
        what = wish.procedure.replace("-", " ")
        kind = KINDS.get(Procedure(wish.procedure))
        to = {f"Look at the {what if kind else 'run'}": kind.at(name) if kind else f"/runs/{name}"}
        given: dict[str, Any] = {"begun": begun, "links": {**to, "Runbook": f"/runbooks/{name}"}}
        return page(request, "begun.html", status, title=f"{what.capitalize()} of {name}", visitor=visitor, **given)

    return router


async def _report(sight: Sight, read: LoadedRunbook) -> ReadinessReport | None:
    try:
        state = await sight.readiness(read.runbook.name)
    except (UndeliveredError, RPCError, TriggerError):
        return None
    return None if state is None else state.report
