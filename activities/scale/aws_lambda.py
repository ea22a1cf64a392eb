"""`scale.aws_lambda`: give a function of AWS Lambda its concurrency before the requests come."""

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.clients.lambda_concurrency import ConcurrencyView, concurrency_used, read_concurrency, size_concurrency
from activities.contract import Job
from activities.scaling import Scale, Size
from runbooks.aws.scaling import LambdaSettings


class LambdaSize(LambdaSettings, Size):
    """The function, and how much concurrency it must have."""


class ScaleAwsLambda(OnAws, Scale[LambdaSize, ConcurrencyView]):
    """Sets the provisioned concurrency of an alias and waits for it, or the reserved concurrency of a function."""

    uses = "scale.aws_lambda"
    permissions = (
        "cloudwatch:GetMetricStatistics",
        "lambda:DeleteFunctionConcurrency",
        "lambda:DeleteProvisionedConcurrencyConfig",
        "lambda:GetFunctionConcurrency",
        "lambda:GetFunctionConfiguration",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:ListTags",
        "lambda:PutFunctionConcurrency",
        "lambda:PutProvisionedConcurrencyConfig",
        "lambda:TagResource",
    )
    unscoped = frozenset({"cloudwatch:GetMetricStatistics"})
    tested_against = "moto + fake (provisioned concurrency)"
    Settings = LambdaSize
    unit = "concurrent executions"

    @classmethod
    def arns(cls, settings: LambdaSettings) -> tuple[str, ...]:
        """The function, and its alias when there is one."""
        function = f"arn:aws:lambda:{settings.aws_region}:{account_of(settings)}:function:{settings.function}"
        return (function,) if settings.alias is None else (function, f"{function}:{settings.alias}")

    @classmethod
    def needs(cls, settings: LambdaSettings) -> tuple[str, ...]:
        """Of an alias, or of the function as a whole; only who measures by a day's maximum asks CloudWatch."""
        spared = "FunctionConcurrency" if settings.alias is not None else "ProvisionedConcurrencyConfig"
        counts = settings.match is not None and settings.match.of == "24h-maximum"
        return tuple(
            action
            for action in cls.permissions
            if not action.endswith(spared) and (counts or not action.startswith("cloudwatch:"))
        )

    async def _see(self, job: Job[LambdaSize]) -> ConcurrencyView:
        return await read_concurrency(aws(job), job.settings)

    async def _order(self, job: Job[LambdaSize], seen: ConcurrencyView, wanted: int) -> None:
        was = self._was(job.call.before)
        # An undo takes away what was not there; a reservation of 0 is another thing: it lets no request in.
        size = None if was is not None and not was.given else wanted
        await size_concurrency(aws(job), job.settings, seen, size, job.call.epoch)

    async def _elsewhere(self, job: Job[LambdaSize], upstream: dict[str, JsonValue], *, longest: bool) -> int | None:
        there = LambdaSettings.model_validate(upstream)
        return await concurrency_used(aws(job, there), there, longest=longest)

    def _was(self, before: dict[str, JsonValue]) -> ConcurrencyView | None:
        return ConcurrencyView.from_evidence(before)

    def _why_stuck(self, seen: ConcurrencyView) -> str | None:
        if not seen.failed:
            return None
        return f"Lambda cannot provide {seen.desired} {self.unit} ({seen.ready} are ready): {seen.failed}. Mend that."
