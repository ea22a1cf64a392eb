"""Secrets that AWS keeps: Secrets Manager and parameters, over boto3's own endpoint setting."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from activities.errors import NoSecretError
from activities.proving import secrets
from activities.secrets import Secrets, resolve
from runbooks.references import on_aws
from runbooks.reports import SecretsCall
from runbooks.steps import ErrorType
from tests.activities.calls import perform
from tests.aws.world import THERE, World
from tests.workflows.world import runbook


@pytest.fixture
def kept(aws: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """AWS with a secret and a parameter, where boto3 finds it by itself."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    manager, parameters = aws.client("secretsmanager", THERE), aws.client("ssm", THERE)
    manager.create_secret(Name="prod/db", SecretString=json.dumps({"password": "s3cr3t-one", "port": 5432}))
    manager.put_secret_value(SecretId="prod/db", SecretString=json.dumps({"password": "s3cr3t-two"}))
    manager.create_secret(Name="plain", SecretBinary=b"s3cr3t-bytes")
    parameters.put_parameter(Name="/prod/db/password", Value="s3cr3t-parameter", Type="SecureString")
    parameters.put_parameter(Name="token", Value="s3cr3t-token", Type="String")
    return aws


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("aws-secretsmanager://eu-west-1/prod/db#password", "s3cr3t-two"),
        ("aws-secretsmanager://eu-west-1/prod/db?version=AWSPREVIOUS#password", "s3cr3t-one"),
        ("aws-secretsmanager://eu-west-1/prod/db?version=AWSPREVIOUS#port", "5432"),
        ("aws-secretsmanager://eu-west-1/plain", "s3cr3t-bytes"),
        ("aws-ssm://eu-west-1/prod/db/password", "s3cr3t-parameter"),
        ("aws-ssm://eu-west-1/prod/db/password?version=1", "s3cr3t-parameter"),
        ("aws-ssm://eu-west-1/token", "s3cr3t-token"),
    ],
)
def test_they_are_resolved(kept: World, reference: str, value: str) -> None:
    """Whole, by key, and by version; in the region that the reference names."""
    assert resolve(reference).get_secret_value() == value
    assert {call["region"] for call in kept.calls()} == {THERE}


@pytest.mark.parametrize(
    ("reference", "kind", "words"),
    [
        ("aws-secretsmanager://eu-west-1/none", ErrorType.NOT_FOUND, "AWS answers ResourceNotFoundException to sec"),
        ("aws-secretsmanager://eu-west-1/prod/db#user", ErrorType.BAD_SETTINGS, "It has no key user"),
        ("aws-secretsmanager://eu-west-1/plain#user", ErrorType.BAD_SETTINGS, "It is no JSON object"),
        ("aws-ssm://eu-west-1/none", ErrorType.NOT_FOUND, "AWS answers ParameterNotFound to ssm:GetParameter"),
        ("aws-ssm://eu-west-1/token?version=7", ErrorType.NOT_FOUND, "ParameterVersionNotFound"),
    ],
)
def test_what_cannot_be_had_is_named(kept: World, reference: str, kind: ErrorType, words: str) -> None:
    """The reference and what is wrong; never a value."""
    del kept
    with pytest.raises(NoSecretError) as caught:
        resolve(reference)
    assert caught.value.kind is kind
    assert reference in caught.value.sentence
    assert words in caught.value.sentence
    assert "s3cr3t" not in str(caught.value) + str(caught.value.evidence)


@pytest.mark.parametrize("reference", ["aws-secretsmanager://eu-west-1/plain", "aws-ssm://eu-west-1/token"])
def test_the_missing_permission_is_named(kept: World, reference: str) -> None:
    """With what to do about it."""
    kept.bend("*", "deny")
    with pytest.raises(NoSecretError) as caught:
        resolve(reference)
    known = on_aws(reference)
    assert known is not None
    assert caught.value.kind is ErrorType.DENIED
    assert f"AWS denies {known.permission}: give this worker's role that permission" in caught.value.sentence


def test_no_credentials_are_said_to_be_missing(kept: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Boto3's own words would not help."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NoSecretError, match="This worker has no AWS credentials for ssm:GetParameter"):
        resolve("aws-ssm://eu-west-1/token")
    assert "ssm:GetParameter" not in kept.asked()


async def test_a_step_gets_it_and_its_answer_does_not_show_it(kept: World, tmp_path: Path) -> None:
    """The program has the value, the record has not."""
    kept.straighten()
    reference = "aws-secretsmanager://eu-west-1/prod/db#password"
    settings = {"argv": ["sh", "-c", "echo got $TOKEN"], "secrets": {"TOKEN": reference}}
    result = await perform("run.command", settings, home=tmp_path, within=10.0)
    assert result.after["marker"]["output"] == "got [secret]\n"  # type: ignore[call-overload, index]


async def test_the_event_loop_goes_on_meanwhile(kept: World) -> None:
    """A store that hangs holds nobody else up, costs seconds at most, and is an error only for who needs it."""
    kept.bend("*", "hang")
    loop_ran = 0

    async def tick() -> None:
        nonlocal loop_ran
        while True:
            loop_ran += 1
            await asyncio.sleep(0.01)

    ticking, had, began = asyncio.create_task(tick()), Secrets(), time.monotonic()
    await had.prepare({"password": "aws-ssm://eu-west-1/token", "port": 5432}, 0.5)
    took = time.monotonic() - began
    ticking.cancel()
    assert took < 2.5
    assert loop_ran > 1  # a loaded machine runs it rarely; a loop that is held up never does
    with pytest.raises(NoSecretError, match=r"no answer within 0\.5 s"):
        had.reveal("aws-ssm://eu-west-1/token")


async def test_a_store_that_is_away_says_nothing_of_what_was_looked_at(kept: World) -> None:
    """A detector without its secret is blind, which is not the same as a region that is down."""
    kept.bend("*", "fail")
    settings = {"host": "127.0.0.1", "port": 1, "password": "aws-ssm://eu-west-1/away"}
    result = await perform("detect.postgres", settings, within=20.0)
    assert result.reading is not None
    assert (result.reading.state, "aws-ssm://eu-west-1/away" in result.reading.reason) == ("unknown", True)


async def test_a_detector_asks_once_in_a_while(kept: World) -> None:
    """It looks every second, and AWS counts and bills calls; what acts asks each time."""
    reference = {"password": "aws-ssm://eu-west-1/token"}
    for fresh, asked in ((True, 1), (True, 2), (False, 2), (True, 3)):
        await Secrets().prepare(dict(reference), 5.0, fresh=fresh)
        assert kept.asked(changes=False).count("ssm:GetParameter") == asked, fresh


async def test_readiness_tells_whether_they_can_be_resolved(kept: World) -> None:
    """As of every other secret."""
    del kept
    good, bad = "aws-ssm://eu-west-1/token", "aws-secretsmanager://eu-west-1/none"
    step = {"name": "tell", "uses": "run.command", "settings": {"secrets": {"A": good, "B": bad}}}
    report = await secrets(SecretsCall(runbook=runbook(steps=[step])))
    assert good in report.found
    assert bad in report.missing
    assert "s3cr3t" not in report.model_dump_json()


@pytest.mark.parametrize(
    "reference", ["aws-secretsmanager://prod/db", "aws-ssm://eu-west-1/token#key", "aws-ssm://eu-west-1/"]
)
def test_what_is_written_wrongly_is_refused_with_the_form(reference: str) -> None:
    """Before anything is asked."""
    with pytest.raises(NoSecretError, match="is given as aws-"):
        resolve(reference)
