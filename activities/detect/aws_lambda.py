"""`detect.aws_lambda`: how much concurrency a function of AWS Lambda has."""

from pydantic import JsonValue

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.lambda_concurrency import read_concurrency
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.aws_lambda import ScaleAwsLambda
from runbooks.aws.scaling import LambdaSettings


class DetectAwsLambda(OnAws, Detector[LambdaSettings]):
    """A function that has not failed is there; its values say how much concurrency it has for itself."""

    uses = "detect.aws_lambda"
    permissions = (
        "lambda:GetFunctionConcurrency",
        "lambda:GetFunctionConfiguration",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:ListTags",
    )
    tested_against = "moto + fake (provisioned concurrency)"
    Settings = LambdaSettings
    arns = ScaleAwsLambda.arns

    @classmethod
    def needs(cls, settings: LambdaSettings) -> tuple[str, ...]:
        """Of an alias, or of the function as a whole."""
        return tuple(action for action in cls.permissions if action in ScaleAwsLambda.needs(settings))

    async def _look(self, job: Job[LambdaSettings]) -> Sight:
        seen = await read_concurrency(aws(job), job.settings)
        values: dict[str, JsonValue] = {"desired": seen.desired, "ready": seen.ready}
        if seen.failed:
            return Sight(good=False, reason=f"Its provisioned concurrency has failed: {seen.failed}.", values=values)
        kind = "reserved" if job.settings.alias is None else "provisioned"
        reason = f"{seen.ready} of {seen.desired} {kind} executions are ready."
        return Sight(good=True, reason=reason if seen.given else f"It has no {kind} concurrency.", values=values)
