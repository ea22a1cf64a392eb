from typing import Any

import pytest

from runbooks import probes
from runbooks.faults import RunbookError
from runbooks.load import loads
from tests.runbooks.documents import spoilt

SAGEMAKER = '{kind: sagemaker, endpoint_name: chat, body: {inputs: "2+2="}, expect: "4", p95: 3s}'
BEDROCK = '{kind: bedrock, aws_region: "{region}", model: amazon.nova-lite-v1:0, prompt: "2+2=", expect: "4"}'


def with_check(check: str) -> str:
    """The small runbook with one more check."""
    return spoilt(("  - {kind: sql", f"  - {check}\n  - {{kind: sql"))


def asked(check: str, region: str) -> dict[str, Any]:
    """What that check asks in a region."""
    book = loads(with_check(check)).runbook
    kind = check.split(",", maxsplit=1)[0].removeprefix("{kind: ")
    return next(one for one in probes.checks(book, region, "verify") if one.technology == kind).settings


def test_a_question_to_sagemaker_is_asked_in_each_region() -> None:
    """The region is AWS's own name unless the runbook says another; a slow answer is waited for as long as allowed."""
    assert asked(SAGEMAKER, "eu-west-1") == {
        "aws_region": "eu-west-1",
        "endpoint_name": "chat",
        "body": {"inputs": "2+2="},
        "expect": "4",
        "samples": 1,
        "p95": 3.0,
        "timeout": 10.0,
        "read_timeout": 10.0,
    }
    assert asked(SAGEMAKER.replace("3s", "20s"), "eu-west-1")["read_timeout"] == 20.0


def test_a_question_to_bedrock_is_asked_in_each_region() -> None:
    """By the same words."""
    found = asked(BEDROCK, "us-east-1")
    assert (found["aws_region"], found["model"], found["prompt"]) == ("us-east-1", "amazon.nova-lite-v1:0", "2+2=")


@pytest.mark.parametrize(
    ("check", "why"),
    [
        (
            BEDROCK.replace("{region}", "us-east-1"),
            "every region would be asked of the same; put `{region}` or a variable of the region into it",
        ),
        (BEDROCK.replace("{region}", "{regoin}"), "did you mean `region`?"),
        (SAGEMAKER.replace("p95: 3s", "use: [detect]"), "a check of kind sagemaker can only verify"),
        (SAGEMAKER.replace(', body: {inputs: "2+2="}', ""), "body is missing"),
    ],
)
def test_what_is_wrong_with_it_is_said(check: str, why: str) -> None:
    """As of any other check."""
    with pytest.raises(RunbookError) as caught:
        loads(with_check(check))
    assert why in str(caught.value)
