"""`verify.bedrock`: a model of Amazon Bedrock answers a question rightly, and soon enough."""

from typing import Any

from activities.answering import asked
from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Sight, Verifier
from runbooks.aws.checks import BedrockQuestion
from runbooks.steps import ErrorType

_MODEL = {"ModelErrorException": ErrorType.UNREACHABLE, "ModelNotReadyException": ErrorType.UNREACHABLE}
"""What the model itself, and not Bedrock, answers: it may pass."""


class VerifyBedrock(OnAws, Verifier[BedrockQuestion]):
    """Good when every sample holds the expected text, in any case of letters, and the slowest is within `p95`."""

    uses = "verify.bedrock"
    permissions = ("bedrock:InvokeModel",)
    tested_against = "fake (Converse)"
    Settings = BedrockQuestion

    @classmethod
    def arns(cls, settings: BedrockQuestion) -> tuple[str, ...]:
        """The model; for an inference profile also the models that it leads to, in whichever region."""
        if settings.model.startswith("arn:"):
            return (settings.model,)
        model = f"foundation-model/{settings.model}"
        area, _, behind = settings.model.partition(".")
        if "." not in behind:  # `amazon.nova-lite-v1:0`; a profile's is `eu.amazon.nova-lite-v1:0`
            return (f"arn:aws:bedrock:{settings.aws_region}::{model}",)
        del area
        profile = f"{settings.aws_region}:{account_of(settings)}:inference-profile/{settings.model}"
        return (f"arn:aws:bedrock:*::foundation-model/{behind}", f"arn:aws:bedrock:{profile}")

    async def _look(self, job: Job[BedrockQuestion]) -> Sight:
        return await asked(job.settings, f"The model {job.settings.model}", lambda: _sample(job))


async def _sample(job: Job[BedrockQuestion]) -> tuple[str, str | None]:
    """https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html ."""
    question: dict[str, Any] = {
        "modelId": job.settings.model,
        "messages": [{"role": "user", "content": [{"text": job.settings.prompt}]}],
        "inferenceConfig": {"temperature": 0.0, "maxTokens": 32},
    }
    try:
        answer = await aws(job).read("bedrock-runtime", "converse", meanings=_MODEL, **question)
    except StepError as error:
        if error.evidence.get("code") == "ValidationException" and "model identifier is invalid" in error.sentence:
            raise StepError(ErrorType.NOT_FOUND, error.sentence, error.evidence) from None
        raise
    content = answer.get("output", {}).get("message", {}).get("content", ())
    said = "".join(part["text"] for part in content if "text" in part)
    return said, None if said else f"answers nothing, and stops by {answer.get('stopReason', 'no reason')}"
