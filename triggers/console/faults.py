"""What went wrong, as a sentence and what to do next: a page for people, `{error, what_next}` for programs."""

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from temporalio.service import RPCError

from audit.bundle import BundleError
from triggers.alerts.courier import UndeliveredError
from triggers.console.page import HEADERS, page
from triggers.errors import NoAnswerError, NoSuchRunError, RunEndedError, RunFailedError, TriggerError, UnclearError

API = "/api/"
_NO_PAGE = 404
_LOOK = "look at the overview for what there is"


class Fault(NamedTuple):
    """The status of the answer, the sentence, and what helps."""

    status: int
    error: str
    what_next: str


def fault_of(error: Exception) -> Fault | None:
    """What an error means to whoever asked; None: it is not one that is known."""
    if isinstance(error, UndeliveredError | RPCError):
        return Fault(503, f"Temporal does not answer: {error}", "it is tried again by itself; see /healthz")
    if isinstance(error, NoAnswerError):
        return Fault(503, str(error), "what was sent is kept; look again once a worker runs")
    if isinstance(error, NoSuchRunError | BundleError):
        return Fault(404, str(error), _LOOK)
    if isinstance(error, RunEndedError | RunFailedError):
        return Fault(409, str(error), "look at the record of the run")
    if isinstance(error, UnclearError):
        return Fault(422, str(error), "say what is meant, and send it again")
    if isinstance(error, TriggerError):
        return Fault(409, str(error), _LOOK)
    if isinstance(error, RequestValidationError):
        told = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
        return Fault(422, told, "see /api/openapi.json for what is taken")
    return None


class Told(APIRoute):
    """A route that tells what went wrong, and whose every answer has the console's headers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with its errors answered."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                answer = await inner(request)
            except HTTPException as error:
                if error.status_code < 400:  # noqa: PLR2004 - a way to another page
                    raise
                answer = said(request, _of_http(error))
                for name, value in (error.headers or {}).items():
                    answer.headers[name] = value
            except Exception as error:
                known = fault_of(error)
                if known is None:
                    raise
                answer = said(request, known)
            for name, value in HEADERS.items():
                answer.headers.setdefault(name, value)
            return answer

        return handle


async def no_such_page(request: Request, error: Exception) -> Response:
    """What no route takes: a page for a browser, else the same in JSON. For Starlette, which knows only the status."""
    assert isinstance(error, HTTPException)
    fault = _of_http(error)
    if error.status_code == _NO_PAGE:
        fault = Fault(_NO_PAGE, "nothing is at this address", _LOOK)
    told = said(request, fault) if "text/html" in request.headers.get("accept", "") else in_json(fault)
    for name, value in (error.headers or {}).items():
        told.headers[name] = value
    return told


def _of_http(error: HTTPException) -> Fault:
    return Fault(error.status_code, str(error.detail), _LOOK)


def said(request: Request, fault: Fault) -> Response:
    """The answer."""
    if request.url.path.startswith(API):
        return in_json(fault)
    return page(request, "fault.html", status=fault.status, title="That did not work", fault=fault)


def in_json(fault: Fault) -> JSONResponse:
    """The answer for a program."""
    return JSONResponse({"error": fault.error, "what_next": fault.what_next}, status_code=fault.status)
