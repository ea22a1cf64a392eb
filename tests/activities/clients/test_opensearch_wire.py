"""The line to a domain: signed, as whom it says, and what its door answers."""

import json
from typing import Any

import httpx
import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import ACCOUNT, HERE, World
from tests.conformance.specimens.opensearch import settings_of, stand_pair, write

_NAME = "vec"


def stood(aws: World) -> dict[str, Any]:
    """The writer's settings."""
    stand_pair(aws, _NAME)
    return settings_of(aws, _NAME, HERE)


async def test_a_denial_of_the_domain_names_the_permission(aws: World) -> None:
    """AWS itself has answered before: the domain's interface is allowed apart."""
    settings = stood(aws)
    aws.bend("es:ESHttpPut", "deny")
    sentence = await refused("fence.opensearch", settings, ErrorType.DENIED, within=15.0)
    assert sentence == "AWS denies es:ESHttpPut: give this worker's role that permission, then say retry."
    assert write(aws, _NAME, HERE, "1") == 200


async def test_a_domain_that_is_throttled_is_waited_for(aws: World) -> None:
    """Nothing was done: it is asked again."""
    settings = stood(aws)
    aws.bend("es:ESHttpPut", "throttle", times=2)
    result = await perform("fence.opensearch", settings, within=15.0)
    assert (result.changed, result.proved, aws.asked().count("es:ESHttpPut")) == (True, True, 3)


async def test_other_credentials_are_refused(aws: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake makes each signature anew: one by another secret is none."""
    settings = stood(aws)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    sentence = await refused("fence.opensearch", settings, ErrorType.DENIED, within=15.0)
    assert sentence.startswith("AWS does not know the credentials of this worker (InvalidSignatureException")


def test_who_signs_nothing_is_refused(aws: World) -> None:
    """Nor is there a way without a signature."""
    settings = stood(aws)
    answer = httpx.get(f"{settings['url']}/_cluster/state/blocks")
    assert answer.status_code == 403


async def test_a_role_is_taken_on_for_the_domain_too(aws: World) -> None:
    """Its session signs."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.client("iam").create_role(RoleName="evac", AssumeRolePolicyDocument=trust)
    settings = {**stood(aws), "role": f"arn:aws:iam::{ACCOUNT}:role/evac"}
    before = len(aws.calls())
    await perform("detect.opensearch", settings, within=15.0)
    as_whom = {call["as"] for call in aws.calls()[before:] if call["asked"] == "es:ESHttpGet"}
    assert len(as_whom) == 1
    assert as_whom != {"AKIATEST"}
