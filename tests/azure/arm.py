"""Azure Resource Manager as far as our fakes go: what is common to every provider of resources. Stateful and strict.

Written from the service's documented behaviour: https://learn.microsoft.com/azure/azure-resource-manager/management/
(async operations, throttling, locks, tags) and https://github.com/microsoft/api-guidelines (ETags, errors). What it
does not know it refuses with 501, which no client takes for an answer.
"""

import re
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

Body = dict[str, Any]
_SOON = {"x-ms-retry-after-ms": "20"}
"""When to look again: Azure's libraries take a whole second of `Retry-After: 0`."""


class Refusal(Exception):  # noqa: N818 - it is an answer
    """What ARM refuses: `Refusal(409, "ScopeLocked", "...")`."""

    def __init__(self, status: int, code: str, message: str, headers: Body | None = None) -> None:
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}
        super().__init__(message)

    @property
    def body(self) -> Body:
        """As ARM words it."""
        return {"error": {"code": self.code, "message": self.message}}


@dataclass
class Answer:
    """What ARM answers."""

    status: int
    body: Body | None = None
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    """In place of a body that is JSON."""


@dataclass(frozen=True)
class Asked:
    """A request, taken apart: `{scope}/providers/{namespace}/{type}/{name}/{type}/{name}[/{tail}]`."""

    method: str
    path: str
    scope: str
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]
    tail: str
    """A collection (GET) or an action (POST) after the last name; empty: the resource itself."""
    version: str
    query: dict[str, str]
    headers: dict[str, str]
    """With small letters."""
    body: Body

    @property
    def kind(self) -> str:
        """`Microsoft.Compute/virtualMachineScaleSets`, a collection's too."""
        more = (self.tail,) if self.tail and self.method == "GET" else ()
        return "/".join((self.namespace, *self.types, *more))

    @property
    def shape(self) -> str:
        """What providers serve it by: `virtualMachineScaleSets/*`, `virtualMachineScaleSets/*/start`."""
        pairs = "/".join(f"{one}/*" for one in self.types)
        return "/".join(part for part in (pairs, self.tail) if part)

    @property
    def action(self) -> str:
        """The permission that it needs."""
        verbs = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
        if self.method == "POST":
            return "/".join((self.namespace, *self.types, self.tail, "action"))
        return f"{self.kind}/{verbs[self.method]}"

    @property
    def location(self) -> str:
        """The region that its path names, if it does."""
        return self.names[0] if self.types[:1] == ("locations",) else ""


_ELSEWHERE = re.compile(
    r"^(?P<group>/subscriptions/[^/]+/resourcegroups/[^/]+)(?P<rest>/deployments/[^/]+/operations)$"
    r"|^(?P<all>/subscriptions/[^/]+)(?P<result>/operationresults/[^/]+)$",
    re.IGNORECASE,
)
"""What is of Microsoft.Resources, and does not say so in its path."""


def _inside(found: re.Match[str]) -> str:
    if found["group"]:
        return f"{found['group']}/providers/Microsoft.Resources{found['rest']}"
    return f"{found['all']}/providers/Microsoft.Resources{found['all']}{found['result']}"


def taken_apart(method: str, path: str, query: dict[str, str], headers: dict[str, str], body: Body) -> Asked:
    """Raises Refusal when it is no path of ARM's."""
    version = query.get("api-version", "")
    if not version:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise Refusal(400, "MissingApiVersionParameter", message)
    path = _ELSEWHERE.sub(_inside, path)
    scope, providers, rest = path.rpartition("/providers/")
    if "//" in path:
        raise Refusal(404, "InvalidRequestUri", "The request URI has an empty segment.")
    if not providers:
        raise Refusal(501, "NotInTheFake", f"{method} {path}")
    namespace, *parts = rest.strip("/").split("/")
    pairs = len(parts) // 2
    tail = parts[-1] if len(parts) % 2 else ""
    types, names = tuple(parts[0 : 2 * pairs : 2]), tuple(parts[1 : 2 * pairs : 2])
    return Asked(method, path, scope, namespace, types, names, tail, version, query, headers, body)


@dataclass
class Operation:
    """Something that takes time. It goes on by being looked at, so that no test waits: by itself or its resource."""

    name: str
    resource: str
    looks: int
    finish: Callable[[], None]
    fall_back: Callable[[], None] = lambda: None
    """What becomes of the resource when it ends badly."""
    url: str = ""
    status: str = "InProgress"
    failure: tuple[str, str] | None = None

    @property
    def over(self) -> bool:
        """It has ended, well or not."""
        return self.status != "InProgress"

    def look(self) -> None:
        """Somebody looks: it comes nearer to its end."""
        if self.over:
            return
        self.looks -= 1
        if self.looks > 0:
            return
        if self.failure is None:
            self.status = "Succeeded"
            self.finish()
        else:
            self.status = "Canceled" if self.failure[0] == "Canceled" else "Failed"
            self.fall_back()


Serve = Callable[["Arm", Asked], Answer]


class Provider:
    """One namespace. A file in `fakes/` for each; found by its class.

    Must: give `routes` (by method and shape, of methods of its own), keep what it is told in `arm.resources`, and
    refuse what Azure would: the absent, the wrong state, the busy, the malformed.
    """

    namespace: ClassVar[str]
    versions: ClassVar[frozenset[str]]
    """The api-versions that it speaks: those that the libraries of `evac[azure]` ask for."""
    looks_only: ClassVar[frozenset[str]] = frozenset()
    """The actions (POST) that change nothing."""

    def routes(self) -> dict[tuple[str, str], Serve]:
        """What it serves: `("GET", "virtualMachineScaleSets/*")`."""
        raise NotImplementedError

    def operations(self, asked: Asked) -> tuple[str, str]:
        """What the service calls the types of an operation that begins so, and of what it makes."""
        del asked
        return "operations", "operationResults"

    def reset(self) -> None:
        """Forget everything that is not in `arm.resources`."""


P = TypeVar("P", bound=Provider)


class Arm:
    """All of it, for one test. Every request is served under one lock."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self.lock = threading.RLock()
        self._providers = {one.namespace.lower(): one for one in providers}
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """Nothing is there any more."""
        with self.lock:
            self.resources: dict[str, Body] = {}
            self.groups: dict[str, str] = {}
            self.operations: dict[str, Operation] = {}
            self.locks: dict[str, str] = {}
            self.looks = 2
            self.failing: dict[str, tuple[str, str]] = {}
            for one in self._providers.values():
                one.reset()

    # --- what tests say and ask

    def put(self, path: str, body: Body) -> Body:
        """A resource that is there, with an id, a name, a type and an ETag of its own."""
        with self.lock:
            _, _, rest = path.rpartition("/providers/")
            parts = rest.split("/")
            kind = "/".join((parts[0], *parts[1::2]))
            made = {"id": path, "name": parts[-1], "type": kind, **body, "etag": _etag()}
            made.setdefault("properties", {}).setdefault("provisioningState", "Succeeded")
            self.resources[path.lower()] = made
            return made

    def provider(self, kind: type[P]) -> P:
        """The fake of that namespace, to be told what happens there. Raises KeyError."""
        found = self._providers[kind.namespace.lower()]
        assert isinstance(found, kind)
        return found

    def resource(self, path: str) -> Body:
        """What is there now. Raises KeyError."""
        with self.lock:
            return self.resources[path.lower()]

    def fail_next(self, path: str, code: str, message: str) -> None:
        """The next operation on that resource ends so; the code `Canceled` is a cancellation."""
        with self.lock:
            self.failing[path.lower()] = (code, message)

    # --- what providers use

    def must(self, asked: Asked, path: str | None = None) -> Body:
        """The resource that is asked of, or another one. Raises Refusal."""
        path = path or asked.path
        self.must_group(path)
        found = self.resources.get(path.lower())
        if found is None:
            parts = path.rpartition("/providers/")[2].split("/")
            where = "/".join(
                (parts[0], *(f"{one}/{name}" for one, name in zip(parts[1::2], parts[2::2], strict=False)))
            )
            group = path.split("/")[4] if "/resourcegroups/" in path.lower() else ""
            message = f"The Resource '{where}' under resource group '{group}' was not found."
            raise Refusal(404, "ResourceNotFound", message)
        for operation in self.operations.values():
            if asked.method == "GET" and operation.resource == path.lower():
                operation.look()
        return found

    def must_group(self, path: str) -> None:
        """Raises Refusal when the resource group is not there."""
        parts = path.split("/")
        if len(parts) > 4 and parts[3].lower() == "resourcegroups" and parts[4].lower() not in self.groups:
            raise Refusal(404, "ResourceGroupNotFound", f"Resource group '{parts[4]}' could not be found.")

    def matched(self, asked: Asked, resource: Body) -> None:
        """If-Match and If-None-Match hold. Raises Refusal."""
        wanted, absent = asked.headers.get("if-match"), asked.headers.get("if-none-match")
        if wanted not in {None, "*", resource["etag"]} or absent == "*":
            message = f"The condition '{wanted or absent}' specified in the ETag header is not satisfied."
            raise Refusal(412, "PreconditionFailed", message)

    def touch(self, resource: Body) -> None:
        """It has changed: so has its ETag."""
        resource["etag"] = _etag()

    def busy(self, path: str) -> Operation | None:
        """What goes on on that resource."""
        found = (one for one in self.operations.values() if one.resource == path.lower() and not one.over)
        return next(found, None)

    def begin(
        self,
        asked: Asked,
        path: str,
        finish: Callable[[], None],
        status: int = 202,
        fall_back: Callable[[], None] = lambda: None,
    ) -> Answer:
        """An operation on that resource begins: the answer with where to look at it.

        `finish` is run when it ends well, `fall_back` when not: then the resource keeps why as `failure`. With status
        200 or 201 the resource itself is the body, as it is now.
        """
        name = str(uuid.uuid4())
        subscription = asked.path.split("/")[2]
        where = f"/subscriptions/{subscription}/providers/{asked.namespace}/locations/{self.location_of(asked)}"
        looks, results = self._providers[asked.namespace.lower()].operations(asked)
        at = f"{where}/{looks}/{name}"
        url = f"{self.url}{at}?api-version={asked.version}"
        failure = self.failing.pop(path.lower(), None)

        def fallen() -> None:
            found = self.resources.get(path.lower())
            if found is not None and failure is not None:
                found["failure"] = {"code": failure[0], "message": failure[1]}
            fall_back()

        self.operations[at.lower()] = Operation(name, path.lower(), self.looks, finish, fallen, url, failure=failure)
        headers = {"Azure-AsyncOperation": url, **_SOON}
        if asked.method in {"POST", "DELETE"}:
            headers["Location"] = f"{self.url}{where}/{results}/{name}?api-version={asked.version}"
        body = self.resources.get(path.lower()) if status in {200, 201} else None
        return Answer(status, body, headers)

    # --- serving

    def location_of(self, asked: Asked) -> str:
        """The region that a request is about: that of its path, its resource, or its group."""
        if asked.location:
            return asked.location
        path = asked.path.lower()
        parts = path.split("/")
        for end in range(len(parts), 0, -1):
            found = self.resources.get("/".join(parts[:end]))
            if found is not None and found.get("location") not in {None, "global"}:
                return str(found["location"])
        group = parts[4] if len(parts) > 4 and parts[3] == "resourcegroups" else ""
        return self.groups.get(group, "")

    def changes(self, asked: Asked) -> bool:
        """It is a request that changes something."""
        provider = self._providers.get(asked.namespace.lower())
        looks = provider.looks_only if provider is not None else frozenset()
        return asked.method not in {"GET", "HEAD"} and asked.action not in looks

    def serve(self, asked: Asked) -> Answer:
        """One request. Raises Refusal."""
        provider = self._providers.get(asked.namespace.lower())
        if provider is None or provider.namespace != asked.namespace:
            raise Refusal(501, "NotInTheFake", f"{asked.method} {asked.path}")
        if asked.version not in provider.versions:
            message = f"The api-version '{asked.version}' is invalid for {asked.kind}."
            raise Refusal(400, "InvalidApiVersionParameter", message)
        kind = asked.types[-1].lower() if asked.types[:1] == ("locations",) else ""
        if kind.endswith(("operation", "operations", "operationsstatus", "operationstatuses", "operationresults")):
            return self.operation(asked, results=kind.endswith("results"))
        self._refuse_locked(asked)
        route = provider.routes().get((asked.method, asked.shape))
        if route is None:
            raise Refusal(501, "NotInTheFake", f"{asked.method} {asked.kind} ({asked.shape})")
        answer = route(self, asked)
        if answer.body is not None and "etag" in answer.body and "etag" not in answer.headers:
            answer.headers["ETag"] = answer.body["etag"]
        return answer

    def operation(self, asked: Asked, *, results: bool) -> Answer:
        """How the operation of that name stands; `results`: what it has made. Raises Refusal."""
        operation = next((one for one in self.operations.values() if one.name == asked.names[-1]), None)
        if operation is None:
            raise Refusal(404, "OperationNotFound", f"The operation '{asked.names[-1]}' was not found.")
        operation.look()
        if results:
            return Answer(200, self.resources.get(operation.resource)) if operation.over else Answer(202)
        body: Body = {"id": asked.path, "name": operation.name, "status": operation.status}
        if operation.failure is not None and operation.over:
            body["error"] = {"code": operation.failure[0], "message": operation.failure[1]}
        return Answer(200, body, {} if operation.over else dict(_SOON))

    def _refuse_locked(self, asked: Asked) -> None:
        if not self.changes(asked):
            return
        for scope, level in self.locks.items():
            if not asked.path.lower().startswith(scope.lower()) or (
                level == "CanNotDelete" and asked.method != "DELETE"
            ):
                continue
            doing = "delete" if asked.method == "DELETE" else "write"
            message = (
                f"The scope '{asked.path}' cannot perform {doing} operation because following scope(s) are locked: "
                f"'{scope}'. Please remove the lock and try again."
            )
            raise Refusal(409, "ScopeLocked", message)


def merged(resource: Body, patch: Body) -> None:
    """A PATCH as ARM takes it (RFC 7396), but for tags, which replace all tags."""
    for key, value in patch.items():
        if value is None:
            resource.pop(key, None)
        elif isinstance(value, dict) and isinstance(resource.get(key), dict) and key != "tags":
            merged(resource[key], value)
        else:
            resource[key] = value


def _etag() -> str:
    return f'"{uuid.uuid4()}"'
