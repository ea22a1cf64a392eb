"""What a worker proves of itself: the secrets that it can resolve, and how the system looks from there."""

from pathlib import Path

import pytest

from activities.proving import Outside, secrets
from runbooks.reports import PublicCall, SecretsCall
from runbooks.secret_refs import references
from runbooks.steps import StepCall
from tests.workflows.world import runbook


async def test_names_the_secrets_and_never_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found or missing, with what to do about it."""
    monkeypatch.setenv("K", "the-very-value")
    report = await secrets(SecretsCall(runbook=runbook()))
    assert (report.found, report.missing) == (("env://K",), {})
    assert "the-very-value" not in report.model_dump_json()
    monkeypatch.delenv("K")
    report = await secrets(SecretsCall(runbook=runbook()))
    assert {"env://K"} == set(report.missing)
    assert "set the environment variable K" in report.missing["env://K"]


def test_secrets_are_found_wherever_they_stand() -> None:
    """In resources and in a user's own steps; each once."""
    step = {"name": "tell", "uses": "run.command", "settings": {"env": {"TOKEN": "file:///run/token", "K": "env://K"}}}
    assert references(runbook(steps=[step])) == ("env://K", "file:///run/token")


async def test_a_check_that_does_not_hold_is_an_answer(tmp_path: Path) -> None:
    """Nobody listens there, or nobody could say what is meant: never an error."""
    call = StepCall(runbook="llm", run="r", step="s", uses="verify.http", resource="web", region="public", epoch=0)
    dead = call.model_copy(update={"settings": {"url": "http://127.0.0.1:1/", "timeout": 0.2}})
    report = await Outside(tmp_path).public(PublicCall(vantage="witness", calls=(dead, call)))
    assert (report.vantage, [False, False]) == ("witness", [result.proved for result in report.results])
