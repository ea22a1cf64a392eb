from typing import Any

import pytest

from activities.verify.bedrock import VerifyBedrock
from runbooks.aws.checks import BedrockQuestion
from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import World
from tests.conformance.specimens.bedrock import MODEL

USES = "verify.bedrock"


def asking(aws: World, **more: Any) -> dict[str, Any]:
    """A question to the model."""
    return aws.settings(model=MODEL, prompt="2+2=", expect="= 4", **more)


async def test_the_right_answer_in_time(aws: World) -> None:
    """All parts of the message are its text; the model is asked not to be inventive."""
    result = await perform(USES, asking(aws), within=10.0)
    assert (result.changed, result.proved, result.after["answer"]) == (False, True, "2 + 2 = 4")
    sent = aws.tell("bedrock-runtime")[0]
    assert sent["messages"] == [{"role": "user", "content": [{"text": "2+2="}]}]
    assert sent["inferenceConfig"] == {"temperature": 0.0, "maxTokens": 32}


async def test_a_wrong_answer_is_not_yet(aws: World) -> None:
    """The sentence has what was said and what is missing."""
    aws.tell("bedrock-runtime", says=[{"text": "five"}])
    sentence = await refused(USES, asking(aws), ErrorType.NOT_YET, within=5.0)
    assert sentence == "The model amazon.nova-lite-v1:0 answers 'five', without '= 4' in it."


async def test_too_slow_an_answer_is_not_yet(aws: World) -> None:
    """Right, but later than allowed."""
    aws.tell("bedrock-runtime", slow=0.3)
    sentence = await refused(USES, asking(aws, p95="100ms"), ErrorType.NOT_YET, within=5.0)
    assert sentence.endswith("0.1 s are allowed.")


async def test_no_answer_at_all_is_not_yet(aws: World) -> None:
    """With the reason why it stopped."""
    aws.tell("bedrock-runtime", says=[])
    sentence = await refused(USES, asking(aws), ErrorType.NOT_YET, within=5.0)
    assert sentence == "The model amazon.nova-lite-v1:0 answers nothing, and stops by max_tokens."


@pytest.mark.parametrize(
    ("model", "arns"),
    [
        (MODEL, ("arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",)),
        (
            f"eu.{MODEL}",
            (
                "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0",
                "arn:aws:bedrock:eu-west-1:*:inference-profile/eu.amazon.nova-lite-v1:0",
            ),
        ),
        ("arn:aws:bedrock:eu-west-1:1:custom-model/x", ("arn:aws:bedrock:eu-west-1:1:custom-model/x",)),
    ],
)
def test_it_is_allowed_no_other_model(model: str, arns: tuple[str, ...]) -> None:
    """A profile over several regions leads to its model in each of them."""
    settings = BedrockQuestion(aws_region="eu-west-1", model=model, prompt="2+2=", expect="4")
    assert VerifyBedrock.arns(settings) == arns
