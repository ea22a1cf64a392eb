"""`detect.sagemaker`: how large a variant of an Amazon SageMaker endpoint is."""

from pydantic import JsonValue

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.sagemaker import read_variant
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.sagemaker import ScaleSagemaker
from runbooks.aws.scaling import SagemakerSettings


class DetectSagemaker(OnAws, Detector[SagemakerSettings]):
    """Healthy unless the endpoint has failed; its values say how large the variant is."""

    uses = "detect.sagemaker"
    permissions = ("sagemaker:DescribeEndpoint", "sagemaker:ListTags")
    tested_against = "moto + fake (DescribeEndpoint)"
    Settings = SagemakerSettings
    arns = ScaleSagemaker.arns

    async def _look(self, job: Job[SagemakerSettings]) -> Sight:
        seen = await read_variant(aws(job), job.settings)
        values: dict[str, JsonValue] = {"desired": seen.desired, "ready": seen.ready, "status": seen.status}
        reason = f"{seen.ready} of {seen.desired} instances run; the endpoint is {seen.status}."
        return Sight(good=True, reason=reason, values=values)
