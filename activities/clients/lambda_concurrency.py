"""The concurrency that a function of AWS Lambda has for itself, and the decision in the function's tags.

Provisioned: environments of an alias that are up before a request comes. Reserved: what other functions cannot take
away from the function, which may not exceed it either.
https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html
https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
"""

from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aws import Answer, Aws
from activities.clients.aws_metrics import highest
from activities.errors import StepError
from runbooks.aws.scaling import LambdaSettings
from runbooks.steps import ErrorType

_UNKNOWN = "ProvisionedConcurrencyConfigNotFoundException"
_QUOTA = {"InvalidParameterValueException": ErrorType.NO_CAPACITY}
"""So Lambda says that the account has not got so much left, or the function's own reservation is smaller."""


class ConcurrencyView(View):
    """As Lambda shows it."""

    desired: int
    ready: int
    given: bool
    """It has such a concurrency; without, all functions share what the account has."""
    arn: str
    failed: str = ""
    """Why Lambda could not provide it."""
    epoch: int | None = None


async def read_concurrency(there: Aws, settings: LambdaSettings) -> ConcurrencyView:
    """Look. Raises StepError; a function that has failed is in the wrong state."""
    function = await there.read("lambda", "get_function_configuration", FunctionName=settings.function)
    if function.get("State") == "Failed":
        why = str(function.get("StateReason", "no reason given")).rstrip(".")
        sentence = f"The function {settings.function} ({settings.aws_region}) has failed: {why}. Deploy it anew."
        raise StepError(ErrorType.WRONG_STATE, sentence, {"state": "Failed"})
    arn = str(function["FunctionArn"])
    tags = (await there.read("lambda", "list_tags", Resource=arn)).get("Tags", {})
    if settings.alias is None:
        found = await there.read("lambda", "get_function_concurrency", FunctionName=settings.function)
        size = found.get("ReservedConcurrentExecutions")
        numbers = {"desired": size or 0, "ready": size or 0, "given": size is not None}
    else:
        numbers = _numbers(await _provisioned(there, settings))
    return ConcurrencyView(arn=arn, epoch=epoch_in(tags), **numbers)


async def size_concurrency(
    there: Aws, settings: LambdaSettings, seen: ConcurrencyView, wanted: int | None, epoch: int
) -> None:
    """Order the size, or None: take it away. The decision is noted first. Raises StepError."""
    if seen.epoch != epoch:
        await there.change("lambda", "tag_resource", Resource=seen.arn, Tags={EPOCH_TAG: str(epoch)})
    whose: dict[str, Any] = {"FunctionName": settings.function}
    if settings.alias is None:
        if wanted is None:
            await there.change("lambda", "delete_function_concurrency", **whose)
        else:
            asked = {**whose, "ReservedConcurrentExecutions": wanted}
            await there.change("lambda", "put_function_concurrency", meanings=_QUOTA, **asked)
        return
    whose["Qualifier"] = settings.alias
    if not wanted:  # Lambda provides at least one
        await there.change("lambda", "delete_provisioned_concurrency_config", **whose)
    else:
        asked = {**whose, "ProvisionedConcurrentExecutions": wanted}
        await there.change("lambda", "put_provisioned_concurrency_config", meanings=_QUOTA, **asked)


async def concurrency_used(there: Aws, settings: LambdaSettings, *, longest: bool) -> int | None:
    """How much concurrency it has for itself (None: none); or the most that it worked on at once within 24 hours."""
    if longest:
        return await highest(there, "AWS/Lambda", "ConcurrentExecutions", {"FunctionName": settings.function})
    seen = await read_concurrency(there, settings)
    return seen.desired if seen.given else None


async def _provisioned(there: Aws, settings: LambdaSettings) -> Answer | None:
    asked: dict[str, Any] = {"FunctionName": settings.function, "Qualifier": settings.alias}
    try:
        return await there.read("lambda", "get_provisioned_concurrency_config", **asked)
    except StepError as error:
        if error.evidence.get("code") == _UNKNOWN:
            return None
        raise


def _numbers(found: Answer | None) -> dict[str, Any]:
    if found is None:
        return {"desired": 0, "ready": 0, "given": False}
    failed = str(found.get("StatusReason", "no reason given")).rstrip(".") if found["Status"] == "FAILED" else ""
    return {
        "desired": found["RequestedProvisionedConcurrentExecutions"],
        "ready": found.get("AvailableProvisionedConcurrentExecutions", 0),
        "given": True,
        "failed": failed,
    }
