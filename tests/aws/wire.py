"""A service's own interface over HTTP, which botocore has no model of: the front takes it as one operation a method.

A Fake that is a Wire besides answers what comes under `prefix`, checked as AWS's door does: the signature is made anew
from what came over the line.
"""

import json
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_KEY, _SECRET = "AKIATEST", "made-up"
"""What the tests have in their environment."""
_DOOR = {
    "AccessDeniedException": (403, "{message} because no identity-based policy allows it"),
    "ThrottlingException": (429, "Too Many Requests"),
    "ExpiredTokenException": (403, "The security token included in the request is expired"),
}
"""How AWS's door says, without a code, what a bend wants said."""


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    place: tuple[str, str]
    """Region and name, of the prefix."""
    path: str
    query: dict[str, str]
    body: Any
    user: str | None
    """Who asks by a password; None: somebody with a signature that is right."""


class Wire:
    """Beside a Fake. The operation is `<signed as>:<verb><Method>`, such as `es:ESHttpGet`."""

    prefix: ClassVar[str]
    signed_as: ClassVar[str]
    verb: ClassVar[str]

    @abstractmethod
    def answer(self, sent: Sent) -> tuple[int, Any]:
        """Status and body."""

    @abstractmethod
    def knows(self, place: tuple[str, str], authorization: str) -> str | None:
        """Who asks by this password there; None: nobody."""

    def takes(self, environ: Mapping[str, Any]) -> bool:
        """The request is for here."""
        found: bool = environ["PATH_INFO"].startswith(self.prefix)
        return found

    def region(self, environ: Mapping[str, Any]) -> str:
        """The region that is asked."""
        return str(environ["PATH_INFO"].removeprefix(self.prefix).partition("/")[0])

    def named(self, environ: Mapping[str, Any]) -> str:
        """The operation."""
        return f"{self.signed_as}:{self.verb}{environ['REQUEST_METHOD'].capitalize()}"

    def served(self, environ: Mapping[str, Any]) -> tuple[int, Any]:
        """Its answer, or the door's."""
        raw = environ["wsgi.input"].getvalue()
        region, _, rest = environ["PATH_INFO"].removeprefix(self.prefix).partition("/")
        name, _, path = rest.partition("/")
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        user = None
        if authorization.startswith("Basic "):
            user = self.knows((region, name), authorization)
            if user is None:
                return 401, "Unauthorized"
        elif why := _why_refused(environ, raw, (region, self.signed_as)):
            return 403, {"message": why}
        query = dict(part.partition("=")[::2] for part in environ.get("QUERY_STRING", "").split("&") if part)
        body = json.loads(raw) if raw else None
        return self.answer(Sent(environ["REQUEST_METHOD"], (region, name), f"/{path}", query, body, user))


def refused(code: str, message: str) -> tuple[int, Any]:
    """What AWS's door says in place of an answer."""
    status, said = _DOOR[code]
    return status, {"Message": said.format(message=message)}


def _why_refused(environ: Mapping[str, Any], raw: bytes, scope: tuple[str, str]) -> str | None:
    given = environ.get("HTTP_AUTHORIZATION", "")
    if not given.startswith("AWS4-HMAC-SHA256 "):
        return "Request is missing Authentication Token: its signature"
    parts = dict(part.strip().partition("=")[::2] for part in given.partition(" ")[2].split(","))
    key, _, rest = parts.get("Credential", "").partition("/")
    if rest.split("/")[1:] != [*scope, "aws4_request"]:
        return f"Credential should be scoped to a valid region and service: {' and '.join(scope)}"
    signed = parts.get("SignedHeaders", "").split(";")
    if not {"host", "x-amz-date"} <= set(signed):
        return "The signature must be over host and x-amz-date"
    if key == _KEY and parts.get("Signature") != _signature(environ, raw, scope, signed):
        return "The request signature we calculated does not match the signature you provided"
    return None


def _signature(environ: Mapping[str, Any], raw: bytes, scope: tuple[str, str], signed: list[str]) -> str:
    line = {**environ, "HTTP_CONTENT_TYPE": environ.get("CONTENT_TYPE", "")}
    headers = {name: line[f"HTTP_{name.upper().replace('-', '_')}"] for name in signed}
    url = f"http://{environ['HTTP_HOST']}{environ['RAW_URI']}"
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url, data=raw, headers=headers)
    request.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(Credentials(_KEY, _SECRET), scope[1], scope[0])
    canonical = auth.canonical_request(request)
    return str(auth.signature(auth.string_to_sign(request, canonical), request))
