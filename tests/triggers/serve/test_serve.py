"""`evac serve` as an operator meets it: started, asked how it is, edited under, stopped."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from tests.triggers.alerts.payloads import ALERTMANAGER
from tests.triggers.conftest import UNREACHABLE, Door, ended
from tests.workflows.world import runbook
from triggers.cli.main import app

HEAD = 'evac-serve: 1\nlisten: 127.0.0.1:0\nrunbooks: ["*.book"]\nalerts:\n'
PROVED = HEAD + "  - {source: alertmanager, name: prod, auth: {bearer: env://ALERT_TOKEN}}\n"
OPEN = HEAD + "  - {source: alertmanager, name: prod, auth: none}\n"
RULE = {"alert": "alertmanager", "match": {"alertname": "RegionDown"}, "from": "{labels.region}"}


def write(door: Door, config: str = OPEN, **changes: Any) -> None:
    """A server's file, and a runbook with a rule."""
    (door.home / "evac-serve.yaml").write_text(config)
    book = runbook(name=door.name, **changes).model_dump(mode="json", exclude_unset=True)
    (door.home / "llm.book").write_text(json.dumps({**book, "triggers": [RULE]}))


@asynccontextmanager
async def serving(door: Door, **environment: str) -> AsyncIterator[httpx.AsyncClient]:
    """It runs; ended by SIGTERM it leaves with 0, and nothing was on stdout."""
    process = await door.begin("serve", "--config", str(door.home / "evac-serve.yaml"), **environment)
    assert process.stderr is not None
    while b"serving at " not in (line := await process.stderr.readline()):
        assert line, "it ended"
    url = line.decode().partition("serving at ")[2].partition(";")[0]
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        yield http
    process.terminate()
    ran = await ended(process)
    assert (ran.code, ran.out) == (0, "")


async def until(http: httpx.AsyncClient, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """How the server is, as soon as it is as wanted."""
    deadline = time.monotonic() + 30
    while True:
        health: dict[str, Any] = (await http.get("/healthz")).json()
        if wanted(health):
            return health
        assert time.monotonic() < deadline, health
        await asyncio.sleep(0.05)


def test_what_cannot_be_served_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A faulty file is a 3, a secret that is not there a 2, an address that is taken a 4; `--check` only looks."""
    file = tmp_path / "evac-serve.yaml"
    monkeypatch.setenv("EVAC_HOME", str(tmp_path))

    def serve(config: str, *more: str) -> tuple[int, str]:
        file.write_text(config)
        ran = CliRunner().invoke(app, ["serve", "--config", str(file), *more])
        return ran.exit_code, ran.output

    code, said = serve(OPEN.replace("alerts", "alert"))
    assert (code, f"{file}:4:1: unknown key `alert` in the document; did you mean `alerts`?" in said) == (3, True)
    assert serve(PROVED, "--check") == (0, f"{file}: valid\n")
    code, said = serve(PROVED)
    assert (code, "set the environment variable ALERT_TOKEN where this server is started" in said) == (2, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, said = serve(OPEN.replace("127.0.0.1:0", f"127.0.0.1:{taken.getsockname()[1]}"))
    assert (code, "cannot listen on 127.0.0.1:" in said) == (4, True)


async def test_it_serves_and_says_how_it_is(lonely_door: Door) -> None:
    """An alert goes to Temporal without any worker; a broken edit is told, and the last good one counts."""
    write(lonely_door)
    async with serving(lonely_door) as http:
        health = await until(http, lambda health: health["temporal"] == "ok")
        assert (health["status"], health["runbooks"], health["slack"]) == ("ok", [lonely_door.name], "not declared")
        first = await http.post("/alerts/alertmanager/prod", json=ALERTMANAGER)
        assert (first.status_code, first.json()["runbooks"]) == (202, [lonely_door.name])
        (lonely_door.home / "llm.book").write_text("evac: 1\n")
        health = await until(http, lambda health: bool(health["troubles"]))
        assert (health["status"], health["runbooks"]) == ("degraded", [lonely_door.name])
        assert "llm.book is not valid (line 1" in health["troubles"][0]
        again = await http.post("/alerts/alertmanager/prod", json=ALERTMANAGER)
        assert again.json()["runbooks"] == [lonely_door.name]


async def test_it_takes_nothing_that_it_cannot_hand_over(lonely_door: Door) -> None:
    """Without any runbook nobody knows whom an alert concerns, without Temporal nobody has it: come again."""
    write(lonely_door)
    good = (lonely_door.home / "llm.book").read_text()
    (lonely_door.home / "llm.book").write_text("evac: 1\n")
    async with serving(lonely_door, TEMPORAL_ADDRESS=UNREACHABLE) as http:
        health = await http.get("/healthz")
        assert (health.status_code, health.json()["status"]) == (503, "down")
        answer = await http.post("/alerts/alertmanager/prod", json=ALERTMANAGER)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json() == {"error": "no runbook can be read now; come again"}
        (lonely_door.home / "llm.book").write_text(good)
        await until(http, lambda health: health["runbooks"] == [lonely_door.name])
        answer = await http.post("/alerts/alertmanager/prod", json=ALERTMANAGER)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json() == {"error": "Temporal does not take it now; come again"}
