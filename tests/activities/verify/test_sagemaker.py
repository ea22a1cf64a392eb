import json
from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.activities.scale.test_sagemaker import stood
from tests.aws.world import World

USES = "verify.sagemaker"


def asking(aws: World, **more: Any) -> dict[str, Any]:
    """A question to the endpoint `chat`."""
    return {**stood(aws, 1), "body": {"inputs": "2+2="}, "expect": "= 4", **more}


async def test_the_right_answer_in_time(aws: World) -> None:
    """The body goes to the model as it is; the evidence has what was said."""
    result = await perform(USES, asking(aws, samples=2), within=10.0)
    assert (result.changed, result.proved, result.after["samples"]) == (False, True, 2)
    assert result.after["answer"] == '{"generated_text": "2 + 2 = 4"}'
    sent = aws.tell("sagemaker-runtime")
    assert [json.loads(one["Body"]) for one in sent] == [{"inputs": "2+2="}] * 2
    assert sent[0]["ContentType"] == "application/json"


async def test_a_wrong_answer_is_not_yet(aws: World) -> None:
    """The sentence has what was said and what is missing."""
    aws.tell("sagemaker-runtime", says='"five"')
    sentence = await refused(USES, asking(aws), ErrorType.NOT_YET, within=5.0)
    assert sentence == "The endpoint chat answers '\"five\"', without '= 4' in it."


async def test_too_slow_an_answer_is_not_yet(aws: World) -> None:
    """Right, but later than allowed."""
    aws.tell("sagemaker-runtime", slow=0.3)
    sentence = await refused(USES, asking(aws, p95="100ms"), ErrorType.NOT_YET, within=5.0)
    assert sentence.endswith("0.1 s are allowed.")


async def test_the_containers_own_error_is_not_yet(aws: World) -> None:
    """A model that is still loading may answer soon."""
    aws.tell("sagemaker-runtime", fails="CUDA out of memory")
    sentence = await refused(USES, asking(aws), ErrorType.NOT_YET, within=5.0)
    assert "CUDA out of memory" in sentence
