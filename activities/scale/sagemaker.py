"""`scale.sagemaker`: bring a variant of an Amazon SageMaker endpoint to its working size, and wait until it serves."""

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.clients.sagemaker import IN_SERVICE, VariantView, read_variant, size_variant
from activities.contract import Job
from activities.scaling import Size
from activities.scaling_turns import Turns
from runbooks.aws.scaling import SagemakerSettings

_ORDERED = "sagemaker:ordered"


class SagemakerSize(SagemakerSettings, Size):
    """The endpoint's variant, and how many instances it must have."""


class ScaleSagemaker(OnAws, Turns[SagemakerSize, VariantView]):
    """Sets the instances of an endpoint's variant, and waits until the endpoint is in service with them."""

    uses = "scale.sagemaker"
    permissions = (
        "sagemaker:AddTags",
        "sagemaker:DescribeEndpoint",
        "sagemaker:ListTags",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
    )
    tested_against = "moto + fake (UpdateEndpointWeightsAndCapacities)"
    Settings = SagemakerSize
    unit = "instances"

    @classmethod
    def arns(cls, settings: SagemakerSettings) -> tuple[str, ...]:
        """The endpoint alone; SageMaker writes names in ARNs in small letters."""
        where = f"{settings.aws_region}:{account_of(settings)}"
        return (f"arn:aws:sagemaker:{where}:endpoint/{settings.endpoint_name.lower()}",)

    async def _see(self, job: Job[SagemakerSize]) -> VariantView:
        seen = await read_variant(aws(job), job.settings)
        ordered = job.kept.get(_ORDERED, 0)
        assert isinstance(ordered, int)
        return seen.model_copy(update={"failed": seen.status == IN_SERVICE and seen.desired < ordered})

    def _busy(self, seen: VariantView) -> str | None:
        return None if seen.status == IN_SERVICE else seen.status

    async def _order_now(self, job: Job[SagemakerSize], seen: VariantView, wanted: int) -> None:
        await size_variant(aws(job), job.settings, seen, wanted, job.call.epoch)
        job.kept[_ORDERED] = wanted if seen.desired < wanted else 0

    async def _elsewhere(self, job: Job[SagemakerSize], upstream: dict[str, JsonValue], *, longest: bool) -> int | None:
        if longest:
            return None  # SageMaker counts requests and load, and no instances
        there = SagemakerSettings.model_validate(upstream)
        return (await read_variant(aws(job, there), there)).ready

    def _was(self, before: dict[str, JsonValue]) -> VariantView | None:
        return VariantView.from_evidence(before)

    def _why_stuck(self, seen: VariantView) -> str | None:
        if not seen.failed:
            return None
        why = f": {seen.reason}" if seen.reason else ", and gives no reason"
        return (
            f"SageMaker has gone back to {seen.desired} instances{why}. "
            "Ask for another instance type, or have the quota raised, then say retry."
        )
