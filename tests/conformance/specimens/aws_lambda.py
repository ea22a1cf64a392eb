"""A function of AWS Lambda on moto, with the provisioned concurrency of tests/aws/fakes/lambda_concurrency.py."""

import io
import zipfile
from typing import Any

from tests.aws.world import World
from tests.conformance.specimen import OnAws, Settings

ALIAS = "live"


def stand_function(aws: World, region: str, name: str) -> None:
    """A function with a published version behind an alias."""
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = aws.client("iam", region).create_role(RoleName=f"{name}-{region}", AssumeRolePolicyDocument=trust)["Role"][
        "Arn"
    ]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return event\n")
    client = aws.client("lambda", region)
    client.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
    )
    version = client.publish_version(FunctionName=name)["Version"]
    client.create_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)


class _AwsLambda(OnAws):
    async def stand(self) -> Settings:
        """Two provisioned executions."""
        stand_function(self.aws, self.there, self.name)
        self.aws.client("lambda", self.there).put_provisioned_concurrency_config(
            FunctionName=self.name, Qualifier=ALIAS, ProvisionedConcurrentExecutions=2
        )
        return self.aws.settings(self.there, function=self.name, alias=ALIAS)

    async def effect(self) -> Any:
        """What is asked for."""
        answer = self.aws.client("lambda", self.there).get_provisioned_concurrency_config(
            FunctionName=self.name, Qualifier=ALIAS
        )
        return answer["RequestedProvisionedConcurrentExecutions"]

    async def absent(self, settings: Settings) -> Settings:
        """Another alias."""
        return {**settings, "alias": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """Its last deployment has failed."""
        self.aws.tell("lambda", state={self.name: [self.there, "Failed"]})
        return settings


class ScaleAwsLambda(_AwsLambda):
    """From two executions to five."""

    uses = "scale.aws_lambda"
    lost = "lambda:PutProvisionedConcurrencyConfig"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 5}


class DetectAwsLambda(_AwsLambda):
    """A look at it."""

    uses = "detect.aws_lambda"
