"""The REST API: the same as the pages, as JSON. What went wrong is `{error, what_next}`."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import JsonValue
from starlette.routing import BaseRoute

from audit.shelf import Kept
from audit.verify import dumped, verify
from runbooks.alerts import AlertsState
from runbooks.models import Runbook
from runbooks.runs import RunState
from runbooks.timetable import ScheduleState
from runbooks.values import Model
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.deciding import Answer, Said, say
from triggers.console.faults import Told
from triggers.console.gate import require
from triggers.console.records import Filters, download
from triggers.console.sight import Sight
from triggers.console.starting import Begun, Wish, start
from triggers.errors import NoSuchRunError
from triggers.schedules import schedules

Viewer = Annotated[Visitor, Depends(require(ConsoleRole.VIEWER))]
Operator = Annotated[Visitor, Depends(require(ConsoleRole.OPERATOR))]


class Refused(Model):
    """What went wrong, and what helps."""

    error: str
    what_next: str


class RecordRow(Model):
    """One record, as a list has it."""

    name: str
    subject: str
    kind: str
    outcome: str
    drill: bool
    began_at: float
    run: str


FAULTS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refused} for status in (400, 401, 403, 404, 409, 421, 422, 503)
}
"""What every operation may answer instead."""


def routes(sight: Sight) -> APIRouter:
    """`/api/v1/...` and its description."""
    router = APIRouter(prefix="/api/v1", route_class=Told, responses=FAULTS)
    _runbooks(router, sight)
    _runs(router, sight)
    _records(router, sight)
    return router


def _runbooks(router: APIRouter, sight: Sight) -> None:

    @router.get("/runbooks")
    async def runbooks(visitor: Viewer) -> list[Runbook]:  # noqa: ARG001 - whoever may look
        """Every runbook that this server has."""
        return [read.runbook for read in sight.books]

    @router.get("/runbooks/{name}")
    async def runbook(name: str, visitor: Viewer) -> Runbook:  # noqa: ARG001
        """One runbook."""
        return sight.book(name).runbook

    @router.get("/runbooks/{name}/alerts")
    async def alerts(name: str, visitor: Viewer) -> AlertsState:  # noqa: ARG001
        """What stands of the runbook's alerts."""
        found = await sight.alerts(sight.book(name).runbook.name)
        if found is None:
            message = f"there never were alerts of {name}"
            raise NoSuchRunError(message)
        return found

    @router.get("/schedules")
    async def timetables(visitor: Viewer) -> list[ScheduleState]:  # noqa: ARG001
        """What is done again and again."""
        return list(await schedules(sight.temporal))


def _runs(router: APIRouter, sight: Sight) -> None:
    @router.get("/runs/{name}")
    async def run(name: str, visitor: Viewer) -> RunState:  # noqa: ARG001
        """The runbook's newest run, going or ended."""
        return await sight.run(name)

    @router.post("/runs/{name}", status_code=202)
    async def begin(name: str, wish: Wish, visitor: Operator, response: Response) -> Begun:
        """Start a procedure, or join the run that goes on; 409 when another goes on."""
        begun = await start(sight, visitor, name, wish)
        response.status_code = 202 if begun.started else 409
        return begun

    @router.post("/runs/{name}/decisions", responses={409: {"model": Answer}})
    async def decide(name: str, said: Said, visitor: Operator, response: Response) -> Answer:
        """Say something to the run; the answer is its judgement (409: it does not count, and why)."""
        answer = await say(sight, visitor, name, said)
        response.status_code = 200 if answer.counts else 409
        return answer


def _records(router: APIRouter, sight: Sight) -> None:
    @router.get("/records")
    async def records(filters: Filters, visitor: Viewer) -> list[RecordRow]:  # noqa: ARG001
        """The records, newest first."""
        return [_row(one) for one in await sight.records(filters)]

    @router.get("/records/{record}")
    async def record(record: str, visitor: Viewer) -> dict[str, JsonValue]:  # noqa: ARG001
        """What a record holds: the run's state, or the report; and what was measured."""
        bundle = await sight.record(record)
        state, report, measured = bundle.state(), bundle.report(), bundle.measured()
        return {
            "name": bundle.name,
            "state": None if state is None else state.model_dump(mode="json"),
            "report": None if report is None else report.model_dump(mode="json"),
            "measures": None if measured is None else measured.model_dump(mode="json"),
            "files": [*sorted(bundle.files)],
        }

    @router.get("/records/{record}/verify")
    async def verified(record: str, visitor: Viewer) -> dict[str, JsonValue]:  # noqa: ARG001
        """Whether it is as it was written."""
        return dumped(await asyncio.to_thread(verify, await sight.record(record)))

    @router.get("/records/{record}/download", response_class=Response)
    async def tar(record: str, visitor: Viewer) -> Response:  # noqa: ARG001
        """The record as a tar.gz, which `evac audit verify` proves anywhere."""
        return download(await sight.record(record))


def described(routes: Sequence[BaseRoute]) -> APIRouter:
    """The API's own description, for those who may look."""
    more = APIRouter(route_class=Told, include_in_schema=False)

    @more.get("/api/openapi.json")
    async def openapi(visitor: Viewer) -> JSONResponse:  # noqa: ARG001
        """OpenAPI 3.1."""
        return JSONResponse(get_openapi(title="Evac", version="1", routes=routes))

    return more


def _row(one: Kept) -> RecordRow:
    return RecordRow(
        name=one.name,
        subject=one.subject,
        kind=one.kind,
        outcome=one.outcome,
        drill=one.drill,
        began_at=one.began,
        run=one.run,
    )
