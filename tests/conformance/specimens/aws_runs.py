"""A runbook's own steps on AWS. Lambda's and Systems Manager's work is done by fakes, Step Functions' by moto."""

import io
import json
import zipfile
from typing import Any

import httpx

from runbooks.steps import ErrorType
from tests.aws.world import ACCOUNT, World
from tests.conformance.specimen import OnAws, Settings

_ASSUMED = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "x.amazonaws.com"}}]}


def role(aws: World, name: str) -> str:
    """A role for AWS's own services to take on; its ARN."""
    iam = aws.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **_ASSUMED}))
    return str(made["Role"]["Arn"])


def function(aws: World, name: str, region: str) -> None:
    """A function of Lambda."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "def handle(event, context): return event")
    aws.client("lambda", region).create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role(aws, name),
        Handler="main.handle",
        Code={"ZipFile": code.getvalue()},
        Timeout=5,
    )


def machine(aws: World, name: str, region: str, states: dict[str, Any] | None = None, kind: str = "STANDARD") -> str:
    """A state machine that moto really runs; its ARN."""
    real = {"stepfunctions": {"execute_state_machine": True}}
    httpx.post(f"{aws.url}/moto-api/config", json=real, timeout=30).raise_for_status()
    states = states or {"drain": {"Type": "Pass", "Result": {"drained": 3}, "End": True}}
    made = aws.client("stepfunctions", region).create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": next(iter(states)), "States": states}),
        roleArn=role(aws, name),
        type=kind,
    )
    return str(made["stateMachineArn"])


def document(aws: World, name: str, region: str, kind: str) -> None:
    """A document of Systems Manager."""
    step = {"name": "drain", "action": "aws:runShellScript" if kind == "Command" else "aws:sleep"}
    content = {"schemaVersion": "2.2" if kind == "Command" else "0.3", "description": "drains", "mainSteps": [step]}
    aws.client("ssm", region).create_document(
        Name=name, Content=json.dumps(content), DocumentType=kind, DocumentFormat="JSON"
    )


def machines(aws: World, region: str, number: int = 2) -> list[str]:
    """Instances of EC2 with the tag `group: llm`."""
    ec2 = aws.client("ec2", region)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "group", "Value": "llm"}]}]
    made = ec2.run_instances(ImageId=image, MinCount=number, MaxCount=number, TagSpecifications=tags)
    return [one["InstanceId"] for one in made["Instances"]]


class RunAwsLambda(OnAws):
    """A function to invoke."""

    uses = "run.aws_lambda"
    cannot = {
        "killed_between_call_and_answer": "nothing tells whether it was invoked, so a person is asked "
        "(tests/activities/run/test_aws_lambda.py)"
    }

    async def stand(self) -> Settings:
        """A function."""
        function(self.aws, self.name, self.there)
        return self.aws.settings(self.there, function=self.name, payload={"drain": True})

    async def effect(self) -> Any:
        """Every invocation."""
        return [one for one in self.aws.tell("lambda", invoked=True) if one["function"] == self.name]

    async def absent(self, settings: Settings) -> Settings:
        """Another function."""
        return {**settings, "function": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """Its deployment has failed."""
        self.aws.tell("lambda", state={self.name: [self.there, "Failed"]})
        return settings


class RunStepFunctions(OnAws):
    """A state machine to run."""

    uses = "run.step_functions"

    async def stand(self) -> Settings:
        """One of one state."""
        self.machine = machine(self.aws, self.name, self.there)
        return self.aws.settings(self.there, machine=self.machine, input={"drain": True})

    async def effect(self) -> Any:
        """The names of its executions."""
        answer = self.aws.client("stepfunctions", self.there).list_executions(stateMachineArn=self.machine)
        return [one["name"] for one in answer["executions"]]

    async def absent(self, settings: Settings) -> Settings:
        """Another machine."""
        return {**settings, "machine": self.machine.replace(self.name, "none")}

    async def spoil(self, settings: Settings) -> Settings:
        """One that cannot be followed."""
        self.machine = machine(self.aws, f"{self.name}-express", self.there, kind="EXPRESS")
        return {**settings, "machine": self.machine}


class RunSsmCommand(OnAws):
    """A command for two machines."""

    uses = "run.ssm_command"

    async def stand(self) -> Settings:
        """A document, and machines to run it on."""
        document(self.aws, self.name, self.there, "Command")
        return self.aws.settings(self.there, document=self.name, instances=machines(self.aws, self.there))

    async def effect(self) -> Any:
        """Every command that was sent."""
        return self.aws.tell("ssm", sent=True)

    async def absent(self, settings: Settings) -> Settings:
        """Another document."""
        return {**settings, "document": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """A document of another type."""
        document(self.aws, f"{self.name}-other", self.there, "Automation")
        return {**settings, "document": f"{self.name}-other"}


class RunSsmAutomation(OnAws):
    """An automation."""

    uses = "run.ssm_automation"

    async def stand(self) -> Settings:
        """A document."""
        document(self.aws, self.name, self.there, "Automation")
        return self.aws.settings(self.there, document=self.name)

    async def effect(self) -> Any:
        """Every automation that was started."""
        return self.aws.tell("ssm", automations=True)

    async def absent(self, settings: Settings) -> Settings:
        """Another document."""
        return {**settings, "document": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """A document of another type."""
        document(self.aws, f"{self.name}-other", self.there, "Command")
        return {**settings, "document": f"{self.name}-other"}


PLAN = f"arn:aws:arc-region-switch::{ACCOUNT}:plan/llm:abc123"


class RunRegionSwitch(OnAws):
    """A plan of ARC Region switch."""

    uses = "run.region_switch"
    spoiled = ErrorType.BAD_SETTINGS

    async def stand(self) -> Settings:
        """A plan without any step: it is through at the first look."""
        self.aws.tell("arc-region-switch", plan=PLAN, steps=[])
        return self.aws.settings(self.there, plan=PLAN, switch="eu-west-1")

    async def effect(self) -> Any:
        """How many executions there are."""
        return len(self.aws.tell("arc-region-switch", executions=True))

    async def absent(self, settings: Settings) -> Settings:
        """Another plan."""
        return {**settings, "plan": PLAN.replace("llm", "none")}

    async def spoil(self, settings: Settings) -> Settings:
        """A region that is none of the plan's."""
        return {**settings, "switch": "ap-southeast-2"}
