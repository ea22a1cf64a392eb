"""The API server of Kubernetes on loopback: stateful, strict, and bent by a word, as `tests/aws/front.py` bends AWS.

Bends: `deny` (403), `expire` (401), `throttle` (429), `fail` (500), `hang`, `refuse`, `lose` (done, its answer lost).
"""

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.kubernetes.controllers import Controllers
from tests.kubernetes.things import KINDS, SCALED, Key, Refused, Thing, Things, qualified

_PATH = re.compile(r"/(?:apis/([^/]+/[^/]+)|api/(v1))/namespaces/([^/]+)/([^/]+)(?:/([^/]+))?(?:/(scale))?")
_MERGES = "application/merge-patch+json"
_HANGS = 60.0


@dataclass
class Bend:
    """What is done to requests that match: `changes`, `reads`, `*`, or one such as `PATCH deployments/scale`."""

    match: str
    mode: str
    times: int | None

    def takes(self, asked: str, *, change: bool) -> bool:
        """It is for this request."""
        if self.match not in ("*", asked, "changes" if change else "reads") or self.times == 0:
            return False
        self.times = None if self.times is None else self.times - 1
        return True


class ApiServer:
    """One cluster."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self.things = Things()
        self.controllers = Controllers(self.things)
        self.token = "made-up-token"
        self.who: Callable[[str], bool] = lambda token: token == self.token
        """Is that bearer token one of ours?"""
        self.bends: list[Bend] = []
        self.asked: list[str] = []
        self._lock = threading.RLock()
        self._released = threading.Event()
        handler = type("Handler", (_Handler,), {"api": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        if trust is not None:
            self._http.socket = trust.wrap_socket(self._http.socket, server_side=True)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"{'http' if trust is None else 'https'}://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        """No more requests."""
        self._released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def put(self, api: str, plural: str, name: str, thing: Thing, namespace: str = "llm") -> None:
        """Make a thing, and let it come up."""
        with self._lock:
            self.things.put((api, plural, namespace, name), thing)
            self.controllers.step()

    def see(self, api: str, plural: str, name: str, namespace: str = "llm") -> Thing:
        """A thing as it is, asked around everybody."""
        with self._lock:
            return self.things.find((api, plural, namespace, name))

    def changes(self) -> int:
        """How many requests that change something have come."""
        return sum(not asked.startswith("GET") for asked in self.asked)

    def bent(self, asked: str) -> str:
        """The mode of the bend that takes the request, or nothing."""
        with self._lock:
            self.asked.append(asked)
            change = not asked.startswith("GET")
            return next((bend.mode for bend in self.bends if bend.takes(asked, change=change)), "")

    def hang(self) -> None:
        """Until the end."""
        self._released.wait(_HANGS)

    def answer(  # noqa: PLR0913, PLR0917 - the parts of one request
        self, method: str, key: Key, sub: str, query: dict[str, list[str]], body: Thing, kind: str
    ) -> Thing:
        """What the API server answers. Raises Refused."""
        with self._lock:
            self.controllers.step()
            if (key[0], key[1]) not in KINDS or (sub and key[1] not in SCALED):
                raise Refused(404, "NotFound", "the server could not find the requested resource")
            if not key[3]:
                return self._list(method, key, query)
            if method == "PATCH":
                if kind != _MERGES:
                    raise Refused(
                        415, "UnsupportedMediaType", f"the body of the request was in an unknown format: {kind}"
                    )
                merged = self.things.merge(key, _of_scale(body) if sub else body)
                return _scale(merged) if sub else merged
            if method != "GET":
                raise Refused(405, "MethodNotAllowed", f"the server does not allow this method: {method}")
            return _scale(self.things.find(key)) if sub else self.things.find(key)

    def _list(self, method: str, key: Key, query: dict[str, list[str]]) -> Thing:
        if method != "GET":
            raise Refused(405, "MethodNotAllowed", f"the server does not allow this method: {method}")
        wanted = dict(part.split("=") for part in query.get("labelSelector", [""])[0].split(",") if part)
        found = self.things.list(*key[:3])
        items = [one for one in found if wanted.items() <= one["metadata"].get("labels", {}).items()]
        return {"apiVersion": key[0], "kind": f"{KINDS[key[0], key[1]]}List", "metadata": {}, "items": items}


class _Handler(BaseHTTPRequestHandler):
    api: ApiServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve({})

    def do_PATCH(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}"))

    def log_message(self, *_: Any) -> None:
        pass

    def _serve(self, body: Thing) -> None:
        url = urlsplit(self.path)
        found = _PATH.fullmatch(url.path)
        group, core, namespace, plural, name, sub = found.groups() if found else (None,) * 6
        key = (str(group or core), str(plural), str(namespace), name or "")
        asked = f"{self.command} {plural}" + (f"/{sub}" if sub else "")
        mode = self.api.bent(asked)
        if mode == "hang":
            self.api.hang()
        if mode in ("hang", "refuse"):
            self._cut()
            return
        try:
            self._permit(mode, asked, key)
            kind = self.headers.get("Content-Type", "")
            answer = self.api.answer(self.command, key, sub or "", parse_qs(url.query), body, kind)
        except Refused as refused:
            status = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
            self._say(refused.code, {**status, "message": str(refused), "reason": refused.reason, "code": refused.code})
            return
        if mode == "lose":
            self._cut()
            return
        self._say(200, answer)

    def _permit(self, mode: str, asked: str, key: Key) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if mode == "expire" or not self.api.who(token):
            raise Refused(401, "Unauthorized", "Unauthorized")
        if mode == "deny":
            verb, group = self.command.lower(), key[0].rpartition("/")[0]
            message = (
                f'{qualified(key)} "{key[3]}" is forbidden: User "evac" cannot {verb} resource "{asked.split()[1]}" '
                f'in API group "{group}" in the namespace "{key[2]}"'
            )
            raise Refused(403, "Forbidden", message)
        if mode == "throttle":
            raise Refused(429, "TooManyRequests", "Too many requests, please try again later.")
        if mode == "fail":
            raise Refused(500, "InternalError", "etcdserver: request timed out")

    def _say(self, code: int, answer: Thing) -> None:
        raw = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        if code == 429:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(raw)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _scale(thing: Thing) -> Thing:
    labels = ",".join(f"{name}={value}" for name, value in thing["spec"]["selector"]["matchLabels"].items())
    meta = {name: thing["metadata"][name] for name in ("name", "namespace", "resourceVersion")}
    status = {"replicas": thing.get("status", {}).get("replicas", 0), "selector": labels}
    shown = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": meta}
    return {**shown, "spec": {"replicas": thing["spec"]["replicas"]}, "status": status}


def _of_scale(body: Thing) -> Thing:
    """A scale has nothing but a size, and the version of the thing that it belongs to."""
    strange = set(body) - {"metadata", "spec"} | set(body.get("spec", {})) - {"replicas"}
    strange |= set(body.get("metadata", {})) - {"resourceVersion"}
    if strange:
        raise Refused(422, "Invalid", f"Scale is invalid: {', '.join(sorted(strange))}")
    return body
