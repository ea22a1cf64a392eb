"""An endpoint of Amazon SageMaker on moto, with changes that take time (tests/aws/fakes/sagemaker.py)."""

from typing import Any

from tests.aws.world import World
from tests.conformance.specimen import OnAws, Settings

VARIANT = "AllTraffic"


def stand_endpoint(aws: World, region: str, name: str, instances: int) -> None:
    """An endpoint of one variant."""
    client = aws.client("sagemaker", region)
    role = "arn:aws:iam::123456789012:role/sagemaker"
    client.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": "llm:1"})
    variant = {"VariantName": VARIANT, "ModelName": name, "InstanceType": "ml.g4dn.xlarge", "InitialVariantWeight": 1.0}
    variants = [{**variant, "InitialInstanceCount": instances}]
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)


class _Sagemaker(OnAws):
    async def stand(self) -> Settings:
        """Two instances."""
        stand_endpoint(self.aws, self.there, self.name, 2)
        return self.aws.settings(self.there, endpoint_name=self.name)

    async def effect(self) -> Any:
        """The variants, with their sizes and weights."""
        return self.aws.client("sagemaker", self.there).describe_endpoint(EndpointName=self.name)["ProductionVariants"]

    async def absent(self, settings: Settings) -> Settings:
        """Another endpoint."""
        return {**settings, "endpoint_name": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """It has failed."""
        self.aws.tell("sagemaker", status="Failed")
        return settings


class VerifySagemaker(_Sagemaker):
    """A question to it."""

    uses = "verify.sagemaker"

    async def stand(self) -> Settings:
        """With a question, and the right answer."""
        return {**await super().stand(), "body": {"inputs": "2+2="}, "expect": "4"}

    async def spoil(self, settings: Settings) -> Settings:
        """The model is wrong."""
        self.aws.tell("sagemaker-runtime", says='{"generated_text": "five"}')
        return settings


class ScaleSagemaker(_Sagemaker):
    """From two instances to five."""

    uses = "scale.sagemaker"
    lost = "sagemaker:UpdateEndpointWeightsAndCapacities"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 5}


class DetectSagemaker(_Sagemaker):
    """A look at it."""

    uses = "detect.sagemaker"
