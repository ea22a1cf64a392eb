import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.catalog import CATALOG, technology
from activities.contract import Job, Technology
from activities.errors import StepError
from activities.lifeline import poll, time_allowed
from runbooks.steps import FINAL_ERRORS, ErrorType, StepResult
from runbooks.values import Model, SecretRef
from tests.activities.calls import call, perform, refused

TOKEN = "a-secret-that-nobody-may-see"


class EchoSettings(Model):
    """What to do with a secret."""

    token: SecretRef = "env://ECHO_TOKEN"
    fail: ErrorType | None = None
    wait: float = 0.0


class Echo(Technology[EchoSettings]):
    """Repeats its secret wherever it can: the contract must strike it out."""

    uses = "run.echo"
    permissions = ("none",)
    Settings = EchoSettings

    async def _run(self, job: Job[EchoSettings]) -> StepResult:
        token = job.secrets.reveal(job.settings.token)
        await asyncio.sleep(job.settings.wait)
        if job.settings.fail is not None:
            raise StepError(job.settings.fail, f"It said {token}.", {"said": [{"deep": token}]})
        return StepResult(changed=True, reason=f"It said {token}.", before={token: 1}, after={"said": [token]})

    async def _check(self, job: Job[EchoSettings]) -> StepResult:
        return await self._run(job)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret that the echo repeats."""
    monkeypatch.setenv("ECHO_TOKEN", TOKEN)


def echo(**settings: Any) -> Any:
    """A call of the echo."""
    return call("run.echo", settings)


async def test_a_used_secret_is_struck_out_of_the_result(caplog: pytest.LogCaptureFixture) -> None:
    """Keys, lists, reason and log: the secret is nowhere."""
    with caplog.at_level(logging.DEBUG):
        result = await Echo(Path()).run(echo())
    assert result.reason == "It said [secret]."
    assert TOKEN not in result.model_dump_json() + caplog.text


@pytest.mark.parametrize("kind", ErrorType)
async def test_a_step_error_reaches_temporal_with_its_type(kind: ErrorType, caplog: pytest.LogCaptureFixture) -> None:
    """Final ones are not retried; message and evidence hold no secret; no cause carries one along."""
    with caplog.at_level(logging.DEBUG), pytest.raises(ApplicationError) as caught:
        await Echo(Path()).run(echo(fail=kind))
    error = caught.value
    assert (error.type, error.non_retryable) == (kind.value, kind in FINAL_ERRORS)
    assert (error.message, error.details) == ("It said [secret].", ({"said": [{"deep": "[secret]"}]},))
    assert error.__cause__ is None
    assert TOKEN not in caplog.text


async def test_a_check_never_raises() -> None:
    """Its answer says why not."""
    result = await Echo(Path()).check(echo(fail=ErrorType.DENIED))
    assert (result.changed, result.proved, result.reason) == (False, False, "It said [secret].")
    assert result.before["error"] == "denied"


async def test_a_missing_secret_is_named_and_not_guessed() -> None:
    """The reference is in the sentence; there is nothing to retry."""
    with pytest.raises(ApplicationError, match=r"env://NOWHERE_TO_BE_FOUND") as caught:
        await Echo(Path()).run(echo(token="env://NOWHERE_TO_BE_FOUND"))
    assert (caught.value.type, caught.value.non_retryable) == ("bad-settings", True)


@pytest.mark.parametrize("uses", CATALOG)
async def test_wrong_settings_are_named_but_never_quoted(uses: str) -> None:
    """A secret that stands where a reference or a number belongs does not end in history."""
    wrong: dict[str, Any] = {key: {"wrong": TOKEN} for key in technology(uses).Settings.model_fields}
    sentence = await refused(uses, wrong, ErrorType.BAD_SETTINGS)
    assert TOKEN not in sentence
    assert f"The settings of {uses} cannot be used: `" in sentence


async def test_a_secret_in_place_of_a_reference_is_not_quoted() -> None:
    """The sentence says how a secret is given."""
    settings = {"host": "h", "password": TOKEN}
    sentence = await refused("promote.postgres", settings, ErrorType.BAD_SETTINGS)
    assert TOKEN not in sentence
    assert "`password`" in sentence
    assert "by reference" in sentence


async def test_it_beats_while_it_works() -> None:
    """Heartbeats come by themselves, so that a dead worker is noticed and a cancellation arrives."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=0.06))
    beats = []
    environment.on_heartbeat = lambda *details: beats.append(details)
    await environment.run(Echo(Path()).run, echo(wait=0.2))
    assert len(beats) >= 5


async def test_cancellation_goes_through() -> None:
    """It is neither swallowed nor turned into a failure of the step."""
    environment = ActivityEnvironment()
    running = asyncio.ensure_future(environment.run(Echo(Path()).run, echo(wait=30)))
    await asyncio.sleep(0.05)
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_call_ends_before_temporals_own_bound() -> None:
    """So that the failure is a sentence; outside an activity there is a bound too."""
    assert time_allowed() == 60.0
    assert await ActivityEnvironment().run(_allowed) == pytest.approx(0.9)


async def _allowed() -> float:
    return time_allowed()


async def test_polling_looks_at_least_once_and_says_whether_it_was_enough() -> None:
    """Also when there is no time at all."""
    seen = iter(range(10))

    async def look() -> int:
        return next(seen)

    assert await poll(look, lambda n: n == 0, every=0.01, within=0) == (0, True)
    assert await poll(look, lambda n: n == 0, every=0.01, within=0) == (1, False)
    assert await poll(look, lambda n: n == 4, every=0.001, within=5) == (4, True)


async def test_a_reading_has_its_age() -> None:
    """Every result says when it was observed."""
    result = await perform("notify.log.check", {"text": "hello"})
    assert result.observed_at > 0
