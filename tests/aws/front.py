"""What stands before moto and the fakes: it knows each request's operation, keeps it, and can be bent.

Bends: `deny`, `throttle`, `expire`, `capacity` (error answers, by the service's own protocol); `fail` (HTTP 500),
`hang` (no answer), `refuse` (the connection is closed at once), `lose` (it is done, and the answer is lost).
"""

import functools
import io
import json
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.validate import ParamValidator
from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import XFormedAttributePicker, get_serializer_class
from moto.core.utils import get_service_model
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import BackendRequest, DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import NotFound

from activities.clients.aws_actions import iam_action
from tests.aws import cbor
from tests.aws.fake import Fake, Refusal
from tests.aws.wire import Wire, refused

SIGNED_AS = {
    "application-autoscaling": ("application-autoscaling",),
    "bedrock": ("bedrock-runtime", "bedrock"),
    "elasticloadbalancing": ("elbv2", "elb"),
    "es": ("opensearch", "es"),
    "monitoring": ("cloudwatch",),
    "sagemaker": ("sagemaker-runtime", "sagemaker"),
    "servicequotas": ("service-quotas",),
    "states": ("stepfunctions",),
    "aoss": ("opensearchserverless",),
}
"""Signing names that are not the name of the service."""

_ERRORS = {
    "deny": (
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:assumed-role/evac/run is not authorized to perform: {asked}",
    ),
    "throttle": ("ThrottlingException", "Rate exceeded"),
    "expire": ("ExpiredTokenException", "The security token included in the request is expired"),
    "capacity": ("InsufficientInstanceCapacity", "We currently do not have sufficient capacity"),
}
_GLOBAL = frozenset({"cloudfront", "globalaccelerator", "iam", "route53"})
_TOLD = frozenset({"cloudwatch:PutMetricData"})
"""What tests say in the place of AWS's own services, which no bend of a caller's way touches."""
_LOOKS = (
    "BatchGet",
    "Converse",
    "Describe",
    "Get",
    "Head",
    "InvokeEndpoint",
    "List",
    "Lookup",
    "Query",
    "Scan",
    "Search",
)
"""How the operations begin that change nothing; a model that is asked is as it was."""
_HANGS = 120.0


@dataclass
class Bend:
    """What is done to requests that match: `rds:PromoteReadReplica`, `rds:*`, `changes`, `reads`, `@eu-west-1` or `*`.

    `@` is a region as a whole: all that is asked there, but for the services that AWS has only once.
    """

    match: str
    mode: str
    times: int | None
    after: int = 0
    """So many are let through before."""

    def takes(self, asked: str, region: str, *, change: bool) -> bool:
        """It is for this request."""
        service = asked.partition(":")[0]
        place = "" if service in _GLOBAL else f"@{region}"
        if asked in _TOLD:
            return False
        fits = self.match in ("*", asked, f"{service}:*", place, "changes" if change else "reads")
        if not fits or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times = None if self.times is None else self.times - 1
        return True


class _Moto(DomainDispatcherApplication):
    """Moto, which lists its own directory for every request, and has a pattern for every service."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self.get_backend_for_host = functools.cache(super().get_backend_for_host)


class Front:
    """A WSGI application."""

    def __init__(self, fakes: Iterable[Fake]) -> None:
        self._moto = _Moto()
        self._fakes = list(fakes)
        self._lock = threading.Lock()
        self._released = threading.Event()
        self.calls: list[dict[str, Any]] = []
        self.bends: list[Bend] = []

    def reset(self) -> None:
        """Forget everything, here and in moto."""
        self._released.set()
        self._released = threading.Event()
        self.calls.clear()
        self.bends.clear()
        for fake in self._fakes:
            fake.reset()
        moto_api_backend.reset()

    def tell(self, service: str, what: dict[str, Any]) -> Any:
        """Hand it to the fake that takes it."""
        for fake in self._fakes:
            if fake.service == service:
                try:
                    return fake.told(what)
                except NotImplementedError:
                    continue
        message = f"no fake of {service} takes {what}"
        raise LookupError(message)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        region, signed = _scope(environ)
        wire = next((fake for fake in self._fakes if isinstance(fake, Wire) and fake.takes(environ)), None)
        if wire is not None:
            return self._bent(environ, start, self._wired(wire, environ, start))
        known = _operation(environ, signed) if signed else None
        if known is None:
            return self._moto(environ, start)
        service, operation, parameters = known

        def refuse(code: str, message: str) -> Iterable[bytes]:
            return _answer(start, environ, service, operation, Refusal(code, message))

        def serve(heard: Any) -> Iterable[bytes]:
            answer: Iterable[bytes] = self._serve(environ, heard, region, service, operation, parameters)
            return answer

        change = not operation.name.startswith(_LOOKS)
        name = f"{service}:{operation.name}"
        return self._bent(
            environ, start, _Request(name, iam_action(service, operation.name), region, change, refuse, serve)
        )

    def _wired(self, wire: Wire, environ: dict[str, Any], start: Any) -> "_Request":
        asked, region = wire.named(environ), wire.region(environ)

        def serve(heard: Any) -> Iterable[bytes]:
            with self._lock:
                answer = wire.served(environ)
            return _spoken(heard, *answer)

        def refuse(code: str, message: str) -> Iterable[bytes]:
            return _spoken(start, *refused(code, message))

        return _Request(asked, asked, region, environ["REQUEST_METHOD"] != "GET", refuse, serve)

    def _bent(self, environ: dict[str, Any], start: Any, request: "_Request") -> Iterable[bytes]:
        """Count it, and answer it as it should be, or as a test wants it."""
        with self._lock:
            counted = {"asked": request.asked, "region": request.region, "change": request.change}
            self.calls.append({**counted, "as": _key(environ)})
            takes = (b for b in self.bends if b.takes(request.asked, request.region, change=request.change))
            bend = next(takes, None)
        released = self._released
        if bend is None:
            return request.serve(start)
        if bend.mode in _ERRORS:
            code, message = _ERRORS[bend.mode]
            return request.refuse(code, message.format(asked=request.action))
        if bend.mode == "fail":
            start("500 Internal Server Error", [("Content-Length", "0")])
            return [b""]
        if bend.mode == "hang":
            released.wait(_HANGS)
        if bend.mode == "lose":
            list(request.serve(_nowhere))
        return _cut(environ)

    def _fake_of(self, service: str, operation: Any) -> Any:
        """The method of the fake that takes it; None: it is moto's."""
        found = (fake.operation(xform_name(operation.name)) for fake in self._fakes if fake.service == service)
        return next((method for method in found if method is not None), None)

    def _serve(  # noqa: PLR0913, PLR0917 - one request, and what is known of it
        self, environ: Any, start: Any, region: str, service: str, operation: Any, parameters: Any
    ) -> Any:
        method = self._fake_of(service, operation)
        if method is None:
            return self._moto(environ, start)
        given = _parsed(environ, service, operation, parameters)
        with self._lock:
            try:
                _check(given, operation)
                result: Any = method(region=region, **given)
            except ServiceException as refusal:
                result = refusal
        return _answer(start, environ, service, operation, result)


@dataclass(frozen=True)
class _Request:
    """One request, as far as bends are concerned."""

    asked: str
    action: str
    """As IAM calls it."""
    region: str
    change: bool
    refuse: Callable[[str, str], Iterable[bytes]]
    serve: Callable[[Any], Iterable[bytes]]
    """To whoever hears the answer."""


def _scope(environ: dict[str, Any]) -> tuple[str, str]:
    """Region and signing name, of `AWS4-HMAC-SHA256 Credential=key/date/region/service/aws4_request, ...`."""
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    parts = authorization.partition("Credential=")[2].split(",")[0].split("/")
    return (parts[2], parts[3]) if len(parts) == 5 else ("", "")


def _key(environ: dict[str, Any]) -> str:
    return environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition("/")[0]


@functools.cache
def _services() -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_available_services())


def _operation(environ: dict[str, Any], signed: str) -> tuple[str, Any, dict[str, Any]] | None:
    for service in SIGNED_AS.get(signed, (signed,)):
        if service not in _services():
            continue
        request = _request(environ)
        if (spoken := cbor.operation_of(environ, service)) is not None:
            return service, spoken, {}
        try:
            operation, parameters = get_service_router(service).match(request)
        except (NotFound, NotImplementedError):
            continue
        return service, operation, parameters
    return None


def _request(environ: dict[str, Any]) -> Any:
    """A request over a copy, so that the body can be read again."""
    body = environ["wsgi.input"].getvalue()
    return BackendRequest({**environ, "wsgi.input": io.BytesIO(body)})


def _parsed(environ: dict[str, Any], service: str, operation: Any, parameters: dict[str, Any]) -> dict[str, Any]:
    request = _request(environ)
    if cbor.speaks(environ):
        return cbor.parsed(request.get_data())
    protocol = determine_request_protocol(get_service_model(service), request.content_type)
    parser = PROTOCOL_PARSERS[protocol](operation, map_type=dict)
    given: dict[str, Any] = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": parameters,
        }
    )
    return given


def _check(given: dict[str, Any], operation: Any) -> None:
    """By the service's own model. Raises Refusal."""
    if operation.input_shape is None:
        return
    report = ParamValidator().validate(given, operation.input_shape)
    if report.has_errors():
        code = "ValidationException"
        raise Refusal(code, report.generate_report())


def _answer(start: Any, environ: Any, service: str, operation: Any, result: Any) -> list[bytes]:
    if cbor.speaks(environ):
        status, spoken, said = cbor.answered(operation, result)
        start(f"{status} said", [*spoken.items(), ("Content-Length", str(len(said)))])
        return [said]
    model = get_service_model(service)
    protocol = determine_request_protocol(model, _request(environ).content_type)
    # As moto does it: a fake may answer with moto's own objects.
    answer = get_serializer_class(service, protocol)(operation, value_picker=XFormedAttributePicker()).serialize(result)
    body = answer["body"]
    raw = body if isinstance(body, bytes) else str(body).encode()
    headers = {**answer["headers"], "Content-Length": str(len(raw)), "x-amzn-requestid": "evac"}
    start(f"{answer['status_code']} said", list(headers.items()))
    return [raw]


def _spoken(start: Any, status: int, body: Any) -> list[bytes]:
    """Plain JSON, or text."""
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    start(f"{status} said", [("Content-Type", "application/json"), ("Content-Length", str(len(raw)))])
    return [raw]


def _nowhere(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
    del status, headers, exc_info
    return lambda _: None


def _cut(environ: dict[str, Any]) -> list[bytes]:
    """Close the connection without a word."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return []


def backend(service: str, region: str, account: str = "123456789012") -> Any:
    """Moto's own state of a service in a region, for fakes that add operations to it."""
    return get_backend(service)[account][region]  # type: ignore[call-overload]
