"""How AWS is asked: as whom, where, how often, and for how long."""

import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from activities.clients.aws import Aws, session_name
from activities.clients.aws import aws as there_for
from activities.contract import Job
from activities.errors import StepError
from activities.least_policy import Policy
from runbooks.aws.access import AwsSettings
from runbooks.steps import ErrorType
from tests.activities.calls import call
from tests.aws.world import HERE, THERE, World

OTHER = "210987654321"
ROLE = f"arn:aws:iam::{OTHER}:role/evac"
Asking = Callable[..., Aws]


@pytest_asyncio.fixture
async def asking(aws: World) -> AsyncIterator[Asking]:
    """AWS as a step asks it, for one call; more: settings."""
    jobs: list[Job[Any]] = []

    def ask(region: str = HERE, allowed: float = 10.0, **more: Any) -> Aws:
        settings = AwsSettings.model_validate(aws.settings(region, **more))
        jobs.append(Job(call("run.aws_lambda", {}), settings, allowed))
        return there_for(jobs[-1])

    yield ask
    for job in jobs:
        await job.stack.aclose()


@pytest.fixture
def trusting(aws: World) -> World:
    """Another account with a role that trusts as `evac permissions` says, for the external id `abc`."""
    trust = Policy(ROLE, "env://EXTERNAL", {}).trust("arn:aws:iam::123456789012:user/worker")
    text = json.dumps(trust).replace("<env://EXTERNAL>", "abc")
    aws.tell("sts", account=OTHER, role="evac", trust=text)
    return aws


async def denied(there: Aws, *words: str) -> str:
    """The sentence of an error that speaks of credentials or permissions."""
    with pytest.raises(StepError) as caught:
        await there.read("sts", "get_caller_identity")
    assert caught.value.kind is ErrorType.DENIED
    assert all(word in caught.value.sentence for word in words), caught.value.sentence
    return caught.value.sentence


async def test_a_role_of_another_account_is_taken_on(
    trusting: World, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its trust policy demands the external id and a session of Evac's; what is asked then is asked as the role."""
    monkeypatch.setenv("EXTERNAL", "abc")
    there = asking(role=ROLE, external_id="env://EXTERNAL")
    who = await there.read("sts", "get_caller_identity")
    assert (who["Account"], who["Arn"]) == (OTHER, f"arn:aws:sts::{OTHER}:assumed-role/evac/evac-run-1")
    took, asked = trusting.calls()[-2:]
    assert (took["asked"], took["as"]) == ("sts:AssumeRole", "AKIATEST")
    assert (asked["asked"], asked["as"][:4]) == ("sts:GetCallerIdentity", "ASIA")


async def test_a_role_is_taken_on_once_a_call(trusting: World, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many services are asked."""
    monkeypatch.setenv("EXTERNAL", "abc")
    there = asking(role=ROLE, external_id="env://EXTERNAL")
    for _ in range(2):
        await there.read("sts", "get_caller_identity")
    await there.read("ecs", "list_clusters")
    assert trusting.asked().count("sts:AssumeRole") == 1


@pytest.mark.parametrize("external", ["wrong", None])
async def test_a_role_that_does_not_trust_us_is_named(
    trusting: World, asking: Asking, monkeypatch: pytest.MonkeyPatch, external: str | None
) -> None:
    """With the permission; the external id is never repeated."""
    del trusting
    monkeypatch.setenv("EXTERNAL", external or "")
    given = {"external_id": "env://EXTERNAL"} if external else {}
    sentence = await denied(asking(role=ROLE, **given), "AWS denies sts:AssumeRole: give this worker's role")
    assert "wrong" not in sentence


def test_a_session_is_named_after_the_run() -> None:
    """So that CloudTrail shows which run did what; in AWS's own letters, and no longer than it takes."""
    assert session_name("evac/shop/2026 11") == "evac-evac-shop-2026-11"
    assert len(session_name("r" * 100)) == 64


async def test_expired_and_missing_credentials_are_told_apart(
    aws: World, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with what to do."""
    aws.bend("*", "expire")
    await denied(asking(), "have expired", "renew them, then say retry")
    aws.straighten()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    await denied(asking(), "has no AWS credentials for sts:GetCallerIdentity", "environment, profile or a role")


async def test_the_region_is_the_one_of_the_settings(
    aws: World, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the environment of whoever started the worker says."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-2")
    monkeypatch.setenv("AWS_REGION", "ap-southeast-2")
    await asking(THERE).read("ecs", "list_clusters")
    assert {one["region"] for one in aws.calls()} == {THERE}


async def test_being_throttled_is_waited_out(aws: World, asking: Asking) -> None:
    """A look by the client itself, a change by us: throttling says that nothing was done."""
    there = asking()
    aws.bend("ecs:*", "throttle", times=2)
    await there.read("ecs", "list_clusters")
    aws.bend("ecs:*", "throttle", times=3)
    await there.change("ecs", "create_cluster", clusterName="llm")
    assert aws.asked(changes=True) == ["ecs:CreateCluster"] * 4


async def test_throttling_without_end_is_busy(aws: World, asking: Asking) -> None:
    """Which Temporal retries at leisure."""
    aws.bend("*", "throttle")
    with pytest.raises(StepError) as caught:
        await asking().change("ecs", "create_cluster", clusterName="llm")
    assert caught.value.kind is ErrorType.BUSY


@pytest.mark.parametrize("mode", ["lose", "refuse", "fail"])
async def test_a_change_is_sent_once(aws: World, asking: Asking, mode: str) -> None:
    """Whatever became of its answer: whoever asks looks before asking again."""
    aws.bend("changes", mode)
    with pytest.raises(StepError) as caught:
        await asking().change("ecs", "create_cluster", clusterName="llm")
    assert caught.value.kind is ErrorType.UNREACHABLE
    assert aws.asked(changes=True) == ["ecs:CreateCluster"]


async def test_a_look_is_sent_again(aws: World, asking: Asking) -> None:
    """It changes nothing."""
    aws.bend("reads", "refuse", times=2)
    await asking().read("ecs", "list_clusters")
    assert aws.asked() == ["ecs:ListClusters"] * 3


async def test_silence_is_bounded(aws: World, asking: Asking) -> None:
    """By the call's own time, whatever the client's timeouts are."""
    there = asking(allowed=1.5, read_timeout=60.0)
    aws.bend("*", "hang")
    began = time.monotonic()
    with pytest.raises(StepError) as caught:
        await there.change("ecs", "create_cluster", clusterName="llm")
    assert time.monotonic() - began < 5
    assert caught.value.kind is ErrorType.TIMED_OUT
    assert "ecs:CreateCluster" in caught.value.sentence


async def test_a_missing_permission_is_named(aws: World, asking: Asking) -> None:
    """As IAM calls it, which is not always as the operation is called."""
    aws.bend("*", "deny")
    with pytest.raises(StepError) as caught:
        await asking().read("stepfunctions", "list_state_machines")
    assert caught.value.sentence == (
        "AWS denies states:ListStateMachines: give this worker's role that permission, then say retry."
    )


async def test_another_endpoint_for_a_single_service(aws: World, asking: Asking) -> None:
    """A VPC endpoint, for one."""
    closed = asking(endpoints={"ecs": "http://127.0.0.1:9"}, connect_timeout=0.5)
    with pytest.raises(StepError) as caught:
        await closed.read("ecs", "list_clusters")
    assert caught.value.kind is ErrorType.UNREACHABLE
    await closed.read("sts", "get_caller_identity")
    assert aws.asked() == ["sts:GetCallerIdentity"]


async def test_what_cannot_be_asked_at_all_is_a_matter_of_settings(asking: Asking) -> None:
    """Boto3 refuses it before anything is sent."""
    with pytest.raises(StepError) as caught:
        await asking().read("ecs", "describe_services", services="llm")
    assert caught.value.kind is ErrorType.BAD_SETTINGS
    with pytest.raises(StepError) as caught:
        await asking(profile="nobody").read("ecs", "list_clusters")
    assert caught.value.kind is ErrorType.BAD_SETTINGS
