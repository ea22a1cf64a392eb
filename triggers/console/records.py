"""The past: the records of this machine, one of them with its verification and a scrubber, and two side by side."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from audit.bundle import Bundle
from audit.diff import diff
from audit.pack import packed
from audit.shelf import Wanted
from audit.verify import verify
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.faults import Told
from triggers.console.gate import require
from triggers.console.live import told
from triggers.console.page import page
from triggers.console.scrub import frames
from triggers.console.sight import Sight
from triggers.errors import UnclearError

Viewer = Annotated[Visitor, Depends(require(ConsoleRole.VIEWER))]
PAGE = 50


def wanted(  # noqa: PLR0913, PLR0917 - each is one field of the form
    runbook: Annotated[str, Query(max_length=100)] = "",
    region: Annotated[str, Query(max_length=100)] = "",
    outcome: Annotated[str, Query(max_length=100)] = "",
    kind: Annotated[str, Query(pattern="^(|drill|real)$")] = "",
    since: Annotated[str, Query(max_length=10, description="A day such as 2026-11-24")] = "",
    until: Annotated[str, Query(max_length=10, description="A day such as 2026-11-24; it counts, too")] = "",
    approver: Annotated[str, Query(max_length=200)] = "",
) -> Wanted:
    """What is looked for, as the address says; what is empty does not matter. Raises UnclearError."""
    return Wanted(
        runbook=runbook or None,
        region=region or None,
        outcome=outcome or None,
        drill=None if not kind else kind == "drill",
        since=_day(since),
        until=_day(until, days=1),
        approver=approver or None,
    )


Filters = Annotated[Wanted, Depends(wanted)]


def _day(text: str, days: int = 0) -> float | None:
    if not text:
        return None
    try:
        return (datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=days)).timestamp()
    except (ValueError, OverflowError):
        message = f"{text!r} is no day: write one such as 2026-11-24"
        raise UnclearError(message) from None


def download(bundle: Bundle) -> Response:
    """The record as a tar: `evac audit verify` proves it anywhere."""
    headers = {"Content-Disposition": f'attachment; filename="{bundle.name}.tar.gz"'}
    return Response(packed(bundle), media_type="application/gzip", headers=headers)


def routes(sight: Sight) -> APIRouter:
    """Pages of the past."""
    router = APIRouter(route_class=Told, include_in_schema=False)

    @router.get("/records")
    async def records(
        request: Request, filters: Filters, visitor: Viewer, after: Annotated[int, Query(ge=0)] = 0
    ) -> HTMLResponse:
        """Those that are looked for, newest first."""
        everything, found = await sight.records(), await sight.records(filters)
        given: dict[str, Any] = {
            "rows": found[after : after + PAGE],
            "count": len(found),
            "after": after,
            "page": PAGE,
            "asked": {name: request.query_params.get(name, "") for name in _FIELDS},
            "query": "&".join(part for part in str(request.url.query).split("&") if not part.startswith("after=")),
            "runbooks": sorted({one.subject for one in everything}),
            "outcomes": sorted({one.outcome for one in everything}),
        }
        return page(request, "records.html", title="Past runs", visitor=visitor, **given)

    @router.get("/records/{name}")
    async def record(request: Request, name: str, visitor: Viewer) -> HTMLResponse:
        """One of them, as it was, and whether it is as it was written."""
        bundle = await sight.record(name)
        checked = await asyncio.to_thread(verify, bundle)
        given: dict[str, Any] = {"name": name, "checked": checked, "visitor": visitor}
        state, report = bundle.state(), bundle.report()
        if state is None:
            return page(request, "report.html", title=name, report=report, **given)
        others = [
            one.name
            for one in await sight.records(Wanted(runbook=state.runbook))
            if one.state is not None and one.name != name
        ]
        shown = told(state, state.ended_at or time.time())
        title = f"{state.runbook}: {shown['headline'].lower()}"
        return page(request, "record.html", title=title, others=others[:PAGE], scrub=frames(state), **shown, **given)

    @router.get("/records/{name}/download")
    async def tar(name: str, visitor: Viewer) -> Response:  # noqa: ARG001 - whoever may look may have it
        """The record as one file."""
        return download(await sight.record(name))

    @router.get("/diff")
    async def chosen(one: str, other: str, visitor: Viewer) -> Response:  # noqa: ARG001
        """Where the form leads that chooses the other."""
        first, second = await sight.record(one), await sight.record(other)
        return Response(status_code=303, headers={"Location": f"/records/{first.name}/diff/{second.name}"})

    @router.get("/records/{one}/diff/{other}")
    async def side_by_side(request: Request, one: str, other: str, visitor: Viewer) -> HTMLResponse:
        """Two runs, line by line."""
        lines = diff(await sight.record(one), await sight.record(other))
        given: dict[str, Any] = {"lines": lines, "one": one, "other": other}
        return page(request, "diff.html", title="Two runs side by side", visitor=visitor, **given)

    return router


_FIELDS = ("runbook", "region", "outcome", "kind", "since", "until", "approver")
