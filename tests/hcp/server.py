"""HCP Terraform on loopback: one organization with one workspace. It refuses what it does not know.

Runs go on by themselves, a step at each look. https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKEN = "made-up-token-of-hcp"
_TYPE = "application/vnd.api+json"
_PLANNED = ("pending", "planning", "cost_estimating", "policy_checking")
_FINAL = ("applied", "errored", "discarded", "canceled", "planned_and_finished")


@dataclass
class Run:
    """One run, and where it is."""

    id: str
    attributes: dict[str, Any]
    size: int
    before: int
    status: str = "pending"
    log: str = ""

    @property
    def changes(self) -> bool:
        """It would change something."""
        return self.size != self.before

    def shown(self) -> dict[str, Any]:
        """As `terraform show -json` gives it."""
        change = {"actions": ["update"], "before": {"size": self.before}, "after": {"size": self.size}}
        outputs = {"standby_size": {"value": self.size, "sensitive": False}}
        told = [{"address": "aws_autoscaling_group.llm", "change": change}] if self.changes else []
        return {
            "resource_changes": told,
            "variables": {"standby_size": {"value": self.size}},
            "planned_values": {"outputs": {**outputs, "key": {"value": "s3cr3t", "sensitive": True}}},
        }


@dataclass
class FakeHcp:
    """The service. `policy` is how its policy ends; `frozen` is a status in which runs stay."""

    size: int = 2
    policy: str = "passed"
    frozen: str = ""
    runs: dict[str, Run] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._serve(self, "GET", None)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer._serve(self, "POST", json.loads(body or b"null"))

            def log_message(self, *_: object) -> None:
                """Silence."""

        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def changed(self) -> list[Run]:
        """The runs that were applied."""
        return [run for run in self.runs.values() if run.status == "applied"]

    def _serve(self, handler: BaseHTTPRequestHandler, method: str, body: Any) -> None:
        with self._lock:
            status, answer = self._answer(handler, method, body)
        raw = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    def _answer(self, handler: BaseHTTPRequestHandler, method: str, body: Any) -> tuple[int, Any]:
        path = handler.path.removeprefix("/api/v2/")
        if path.startswith("/logs/"):
            assert "Authorization" not in handler.headers, "the token must not go to the store of logs"
            return 200, self.runs[path.removeprefix("/logs/")].log
        self.asked.append(f"{method} {path.partition('?')[0]}")
        if handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, _error("unauthorized")
        if method == "POST" and handler.headers.get("Content-Type") != _TYPE:
            return 415, _error("invalid content type")
        parts = [method, *path.partition("?")[0].split("/")]
        return self._of_workspace(parts, body) or self._of_parts(parts) or (404, _error("not found"))

    def _of_workspace(self, parts: list[str], body: Any) -> tuple[int, Any] | None:
        match parts:
            case ["GET", "organizations", "acme", "workspaces", "llm"]:
                return 200, {"data": {"id": "ws-1", "type": "workspaces"}}
            case ["GET", "workspaces", "ws-1", "current-state-version-outputs"]:
                told = [_output("standby_size", self.size), _output("key", None, sensitive=True)]
                return 200, {"data": told}
            case ["GET", "workspaces", "ws-1", "runs"]:
                return 200, {"data": [self._told(run) for run in reversed(self.runs.values())]}
            case ["POST", "runs"]:
                return self._begin(body)
            case ["GET" | "POST", "runs", name, *rest] if name in self.runs:
                return self._of_run(self.runs[name], parts[0], rest)
        return None

    def _of_parts(self, parts: list[str]) -> tuple[int, Any] | None:
        match parts:
            case ["GET", "plans", plan, "json-output"] if plan.removeprefix("plan-") in self.runs:
                return 200, self.runs[plan.removeprefix("plan-")].shown()
            case ["GET", "plans" | "applies", part] if part.partition("-")[2] in self.runs:
                log = f"{self.url}/api/v2//logs/{part.partition('-')[2]}"
                return 200, {"data": {"id": part, "attributes": {"log-read-url": log}}}
            case ["GET", "cost-estimates", "ce-1"]:
                costs = {"status": "finished", "proposed-monthly-cost": "1500.0", "delta-monthly-cost": "900.0"}
                return 200, {"data": {"id": "ce-1", "attributes": costs}}
        return None

    def _begin(self, body: Any) -> tuple[int, Any]:
        data = body["data"]
        if data["type"] != "runs" or data["relationships"]["workspace"]["data"]["id"] != "ws-1":
            return 422, _error("invalid relationship")
        attributes = data["attributes"]
        values = {one["key"]: json.loads(one["value"]) for one in attributes.get("variables", ())}
        name = f"run-{len(self.runs) + 1}"
        self.runs[name] = Run(name, attributes, values.get("standby_size", self.size), self.size)
        return 201, {"data": self._told(self.runs[name])}

    def _of_run(self, run: Run, method: str, rest: list[str]) -> tuple[int, Any]:
        actions = self._actions(run)
        match [method, *rest]:
            case ["GET"]:
                told = self._told(run)
                self._go_on(run)
                return 200, {"data": told}
            case ["GET", "policy-checks"]:
                failed = {"policy": {"name": "no-big-groups"}, "result": self.policy == "passed"}
                result = {"sentinel": {"data": {"limits": {"policies": [failed]}}}}
                return 200, {"data": [{"id": "pol-1", "attributes": {"status": self.policy, "result": result}}]}
            case ["POST", "actions", "apply"] if actions["is-confirmable"]:
                run.status = "apply_queued"
                return 202, {}
            case ["POST", "actions", "discard"] if actions["is-discardable"]:
                run.status = "discarded"
                return 202, {}
            case ["POST", "actions", "cancel"] if actions["is-cancelable"]:
                run.status = "canceled"
                return 202, {}
            case ["POST", "actions", _]:
                return 409, _error("transition not allowed")
        return 404, _error("not found")

    def _go_on(self, run: Run) -> None:
        if run.status == self.frozen or run.status in _FINAL:
            return
        if run.status in _PLANNED[:-1]:
            run.status = _PLANNED[_PLANNED.index(run.status) + 1]
        elif run.status == "policy_checking":
            passed = "policy_checked" if run.changes else "planned_and_finished"
            ends = {"soft_failed": "policy_soft_failed" if run.attributes.get("plan-only") else "policy_override"}
            run.status = {**ends, "hard_failed": "errored"}.get(self.policy, passed)
        elif run.status == "policy_checked" and run.attributes.get("plan-only"):
            run.status = "planned_and_finished"
        elif run.status == "apply_queued":
            run.status = "applying"
            run.log = _event(run, "apply_start") + _event(run, "apply_progress", 10)
        elif run.status == "applying":
            run.log += _event(run, "apply_complete", 12)
            run.status, self.size = "applied", run.size

    def _actions(self, run: Run) -> dict[str, bool]:
        waits = run.status in ("policy_checked", "policy_override") and not run.attributes.get("plan-only")
        return {
            "is-confirmable": waits and run.status == "policy_checked",
            "is-discardable": waits or run.status == "pending",
            "is-cancelable": run.status in ("planning", "cost_estimating", "policy_checking", "applying"),
        }

    def _told(self, run: Run) -> dict[str, Any]:
        told = {**run.attributes, "status": run.status, "actions": self._actions(run)}
        parts = {"plan": f"plan-{run.id}", "apply": f"apply-{run.id}", "cost-estimate": "ce-1"}
        return {
            "id": run.id,
            "type": "runs",
            "attributes": told,
            "relationships": {name: {"data": {"id": part}} for name, part in parts.items()},
        }


def _event(run: Run, kind: str, seconds: int = 0) -> str:
    del run
    resource = {"addr": "aws_autoscaling_group.llm"}
    return json.dumps({"type": kind, "hook": {"resource": resource, "elapsed_seconds": seconds}}) + "\n"


def _output(name: str, value: Any, *, sensitive: bool = False) -> dict[str, Any]:
    return {"id": f"wsout-{name}", "attributes": {"name": name, "value": value, "sensitive": sensitive}}


def _error(title: str) -> dict[str, Any]:
    return {"errors": [{"title": title}]}
