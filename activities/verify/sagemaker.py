"""`verify.sagemaker`: the model of an Amazon SageMaker endpoint answers a question rightly, and soon enough."""

import json

from activities.answering import asked
from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Sight, Verifier
from runbooks.aws.checks import SagemakerQuestion
from runbooks.steps import ErrorType

_MODEL = {"ModelError": ErrorType.UNREACHABLE, "ModelNotReadyException": ErrorType.UNREACHABLE}
"""What the model itself, and not SageMaker, answers: it may pass."""


class VerifySagemaker(OnAws, Verifier[SagemakerQuestion]):
    """Good when every sample holds the expected text, in any case of letters, and the slowest is within `p95`."""

    uses = "verify.sagemaker"
    permissions = ("sagemaker:InvokeEndpoint",)
    tested_against = "moto + fake (InvokeEndpoint)"
    Settings = SagemakerQuestion

    @classmethod
    def arns(cls, settings: SagemakerQuestion) -> tuple[str, ...]:
        """The endpoint alone; SageMaker writes names in ARNs in small letters."""
        where = f"{settings.aws_region}:{account_of(settings)}"
        return (f"arn:aws:sagemaker:{where}:endpoint/{settings.endpoint_name.lower()}",)

    async def _look(self, job: Job[SagemakerQuestion]) -> Sight:
        return await asked(job.settings, f"The endpoint {job.settings.endpoint_name}", lambda: _sample(job))


async def _sample(job: Job[SagemakerQuestion]) -> tuple[str, str | None]:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html ."""
    settings = job.settings
    question = {
        "EndpointName": settings.endpoint_name,
        "Body": json.dumps(settings.body).encode(),
        "ContentType": "application/json",
        "Accept": "application/json",
        **({"TargetVariant": settings.variant} if settings.variant else {}),
    }
    try:
        answer = await aws(job).read("sagemaker-runtime", "invoke_endpoint", meanings=_MODEL, stream="Body", **question)
    except StepError as error:
        if error.evidence.get("code") == "ValidationError" and "not found" in error.sentence:
            raise StepError(ErrorType.NOT_FOUND, error.sentence, error.evidence) from None
        raise
    return bytes(answer["Body"]).decode("utf-8", "replace"), None
