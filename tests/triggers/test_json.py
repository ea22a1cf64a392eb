"""`-o json`: whatever the command and however it ends, stdout is one JSON document or nothing."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from runbooks.runs import Phase
from tests.triggers.conftest import UNREACHABLE, Door, end
from triggers.cli.commands import COMMANDS
from triggers.cli.group import _load
from triggers.cli.main import app

RUNNER = CliRunner()
HISTORY = str(Path(__file__).parents[1] / "histories" / "failover-refused.json")
ASK = {"failover": {"approval": {"count": 1}}}
COMPOSITES = ("drill", "evacuate", "readiness", "restore-test")
WHY = ("--reason", "a test")
FIRST = ("failover", "FILE", "--from", "us-east-1", "--yes", "--no-wait")
"""What the decisions below are about."""

TRIED: tuple[tuple[str, ...], ...] = (
    FIRST,
    ("failover", "FILE", "--from", "nowhere", "--yes"),
    ("status",),
    ("status", "NAME"),
    ("status", "nobody"),
    ("watch", "NAME", "--timeout", "100ms"),
    ("hold", "NAME"),
    ("resume", "NAME"),
    ("retry", "NAME"),
    ("skip", "NAME", *WHY),
    ("veto", "NAME", *WHY),
    ("confirm", "NAME"),
    ("accept", "NAME"),
    ("accept", "NAME", "loss:vector-db"),
    ("approve", "NAME"),
    ("approve", "NAME", "--plan", "12345678"),
    ("reject", "NAME"),
    ("abort", "NAME"),
    ("switchover", "FILE", "--from", "us-east-1"),
    ("failback", "FILE", "--dry-run"),
    ("drill", "FILE", "--yes", "--no-wait"),
    ("drill", "FILE"),
    ("readiness", "FILE", "--no-wait"),
    ("readiness", "FILE", "--every", "1s"),
    ("restore-test", "FILE", "--no-wait"),
    ("evacuate", "REGION", "FILE", "--yes", "--no-wait"),
    ("evacuate", "REGION"),
    ("detect", "FILE", "--report-only"),
    ("detect",),
    ("kill-switch", "status", "--runbook", "NAME"),
    ("kill-switch", "on"),
    ("init", "NEW", "--defaults"),
    ("init", "FILE", "--defaults"),
    ("validate", "FILE"),
    ("validate", "NONE"),
    ("plan", "FILE", "--from", "us-east-1"),
    ("plan", "FILE"),
    ("doctor", "FILE"),
    ("schedule", "sync", "FILE", "--dry-run"),
    ("schedule", "list"),
    ("schedule", "pause", "NAME", "drill", *WHY),
    ("schedule", "unpause", "NAME", "drill"),
    ("schedule", "remove", "NAME", "drill"),
    ("alerts", "dead"),
    ("alerts", "show", "NAME"),
    ("list",),
    ("history",),
    ("replay", "HISTORY"),
    ("replay", "nobody"),
    ("estimate", "FILE"),
    ("estimate", "FILE", "--from", "nowhere"),
    ("audit", "list"),
    *(("audit", said, "nobody") for said in ("show", "verify", "report", "export")),
    ("audit", "diff", "nobody", "nobody"),
    ("audit", "record", "NAME"),
    ("audit", "push"),
    ("audit", "prune"),
    ("console", "token", "create", "ci", "--role", "viewer"),
    ("console", "token", "list"),
    ("version",),
)
"""Each in some way that works, or that does not."""
WITHOUT_TEMPORAL = (("status",), ("list",), ("doctor", "FILE"), FIRST, ("approve", "NAME", "--plan", "12345678"))


def _able(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Where `-o json` is taken, in it or below it."""
    if any("--output" in option.opts for option in command.params):
        yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from _able(inner, (*path, name))


def test_every_command_that_answers_in_json_is_tried() -> None:
    """A new one must be added above."""
    able = {path for listed in COMMANDS for path in _able(_load(listed.name), (listed.name,))}
    tried = {words[:length] for words in TRIED for length in (1, 2, 3)}
    assert able - tried == set()
    assert {listed.name for listed in COMMANDS} - {path[0] for path in able} == {
        *("schema", "docs", "permissions"),  # documents of their own
        *("serve", "worker", "completion", "help"),
    }


async def test_stdout_is_one_document_or_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script can read whatever it gets; what is for people is on stderr."""
    known = {"FILE": door.file(policy=ASK), "NAME": door.name, "REGION": "us-east-1"}
    known |= {"NEW": str(door.home / "new.yaml"), "NONE": str(door.home / "none.yaml"), "HISTORY": HISTORY}
    for key, value in door.environment().items():
        monkeypatch.setenv(key, value)
    for words in TRIED:
        monkeypatch.setenv("EVAC_TASK_QUEUE", f"{door.queue}-none" if words[0] in COMPOSITES else door.queue)
        await _proper([known.get(word, word) for word in words])
        if words is FIRST:
            await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    monkeypatch.setenv("TEMPORAL_ADDRESS", UNREACHABLE)
    for words in WITHOUT_TEMPORAL:
        await _proper([known.get(word, word) for word in words])
    for workflow_id in (*(f"evac/{door.name}/{name}" for name in COMPOSITES), "evac/evacuate/us-east-1"):
        await end(door.client, workflow_id)


async def _proper(command: list[str]) -> None:
    ran = await asyncio.to_thread(RUNNER.invoke, app, [*command, "-o", "json"])
    assert ran.stdout == "" or json.loads(ran.stdout)["evac"] == 1, command
    assert ran.stdout or ran.stderr.startswith("evac: ") or ":" in ran.stderr, command
    assert (ran.exit_code == 70, "Traceback" in ran.stderr) == (False, False), (command, ran.stderr)
