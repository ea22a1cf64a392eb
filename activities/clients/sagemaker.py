"""A variant of an Amazon SageMaker endpoint: how large it is and is to be, and the decision in the endpoint's tags.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html
"""

from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aws import Answer, Aws
from activities.errors import StepError
from runbooks.aws.scaling import SagemakerSettings
from runbooks.steps import ErrorType

IN_SERVICE = "InService"
_BROKEN = frozenset({"Deleting", "Failed", "OutOfService", "UpdateRollbackFailed"})
_ABSENT = {"ValidationException": ErrorType.NOT_FOUND}
"""So SageMaker says that there is no endpoint of that name: nothing else is asked of it there."""


class VariantView(View):
    """As SageMaker shows it."""

    desired: int
    ready: int
    status: str
    """Of the whole endpoint: it takes one change at a time."""
    arn: str
    reason: str = ""
    """Why its last change failed."""
    failed: bool = False
    """It stands still below what this call has ordered."""
    epoch: int | None = None


async def read_variant(there: Aws, settings: SagemakerSettings) -> VariantView:
    """Look. Raises StepError; an endpoint that has failed or is being deleted is in the wrong state."""
    found = await there.read("sagemaker", "describe_endpoint", meanings=_ABSENT, EndpointName=settings.endpoint_name)
    where = f"The SageMaker endpoint {settings.endpoint_name} ({settings.aws_region})"
    reason = str(found.get("FailureReason", "")).strip().rstrip(".")
    if found["EndpointStatus"] in _BROKEN:
        why = f" ({reason})" if reason else ""
        sentence = f"{where} is {found['EndpointStatus']}{why}: it cannot be scaled. Look at it in SageMaker."
        raise StepError(ErrorType.WRONG_STATE, sentence, {"status": found["EndpointStatus"]})
    variant = _variant(found, settings, where)
    tags = await there.pages("sagemaker", "list_tags", "Tags", ResourceArn=found["EndpointArn"])
    return VariantView(
        desired=variant["DesiredInstanceCount"],
        ready=variant["CurrentInstanceCount"],
        status=found["EndpointStatus"],
        arn=found["EndpointArn"],
        reason=reason,
        epoch=epoch_in(tags),
    )


async def size_variant(there: Aws, settings: SagemakerSettings, seen: VariantView, wanted: int, epoch: int) -> None:
    """Order the size; the decision is noted first. Raises StepError: BUSY while the endpoint is being changed."""
    if seen.epoch != epoch:
        tags = [{"Key": EPOCH_TAG, "Value": str(epoch)}]
        await there.change("sagemaker", "add_tags", ResourceArn=seen.arn, Tags=tags)
    asked: dict[str, Any] = {
        "EndpointName": settings.endpoint_name,
        "DesiredWeightsAndCapacities": [{"VariantName": settings.variant, "DesiredInstanceCount": wanted}],
    }
    try:
        await there.change("sagemaker", "update_endpoint_weights_and_capacities", **asked)
    except StepError as error:
        if "in-progress" in error.sentence:  # SageMaker has no code of its own for it
            raise StepError(ErrorType.BUSY, error.sentence, error.evidence) from None
        raise


def _variant(found: Answer, settings: SagemakerSettings, where: str) -> Answer:
    variants: dict[str, Answer] = {one["VariantName"]: one for one in found.get("ProductionVariants", ())}
    variant = variants.get(settings.variant)
    if variant is None:
        known = ", ".join(sorted(variants))
        sentence = f"{where} has no variant {settings.variant}, but {known or 'none yet'}: correct the runbook."
        raise StepError(ErrorType.NOT_FOUND, sentence)
    if "DesiredInstanceCount" not in variant:
        sentence = f"The variant {settings.variant} of the endpoint {settings.endpoint_name} has no instances to count."
        raise StepError(ErrorType.BAD_SETTINGS, f"{sentence} Name one that is not serverless.")
    return variant
