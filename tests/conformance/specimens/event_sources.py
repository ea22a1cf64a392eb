"""A function in each of two regions that consumes two queues: moto has both, `FakeMappings` the time that it takes."""

import io
import json
import zipfile
from typing import Any

from tests.activities.calls import EPOCH
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimen import OnAws, Settings


def stand_consumers(aws: World, name: str, on: tuple[str, ...] = (HERE,)) -> None:
    """The mappings are on in those regions."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "def handle(event, context): return event")
    for region in (HERE, THERE):
        aws.client("lambda", region).create_function(
            FunctionName=name, Runtime="python3.13", Role=role, Handler="main.handle", Code={"ZipFile": code.getvalue()}
        )
        for queue in ("orders", "returns"):
            sqs = aws.client("sqs", region)
            url = sqs.create_queue(QueueName=f"{name}-{queue}")["QueueUrl"]
            asked = {"QueueUrl": url, "AttributeNames": ["QueueArn"]}
            arn = sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"]
            aws.client("lambda", region).create_event_source_mapping(
                EventSourceArn=arn, FunctionName=name, Enabled=region in on
            )


def states(aws: World, name: str, region: str) -> list[str]:
    """Of the function's mappings, as Lambda shows them."""
    return [one["State"] for one in _mappings(aws, name, region)]


def _mappings(aws: World, name: str, region: str) -> Any:
    return aws.client("lambda", region).list_event_source_mappings(FunctionName=name)["EventSourceMappings"]


class _Consumer(OnAws):
    there = THERE

    async def stand(self) -> Settings:
        """On here, off there."""
        stand_consumers(self.aws, self.name)
        return self.aws.settings(self.there, function=self.name)

    async def effect(self) -> Any:
        """Of both regions."""
        return [states(self.aws, self.name, region) for region in (HERE, THERE)]

    async def absent(self, settings: Settings) -> Settings:
        """Another function."""
        return {**settings, "function": "none"}


class DetectEventSources(_Consumer):
    """A look at the consumer."""

    uses = "detect.event_sources"
    there = HERE

    async def spoil(self, settings: Settings) -> Settings:
        """Its function fails."""
        self.aws.tell("lambda", result={self.name: "PROBLEM: Function call failed"})
        return settings


class FenceEventSources(_Consumer):
    """The consumer is stopped."""

    uses = "fence.event_sources"
    there = HERE
    cannot = {"wrong_state": "in every state a mapping can be switched off, now or in a moment"}


class PromoteEventSources(_Consumer):
    """The other region consumes."""

    uses = "promote.event_sources"

    async def spoil(self, settings: Settings) -> Settings:
        """In a planned procedure the former consumer still does."""
        return {**settings, "upstream": self.aws.settings(HERE, function=self.name)}


class ReseedEventSources(_Consumer):
    """Both consume: one of them is stopped."""

    uses = "reseed.event_sources"

    async def stand(self) -> Settings:
        """Both are on."""
        stand_consumers(self.aws, self.name, on=(HERE, THERE))
        upstream = self.aws.settings(HERE, function=self.name)
        return self.aws.settings(THERE, function=self.name, upstream=upstream)

    async def spoil(self, settings: Settings) -> Settings:
        """The upstream is off."""
        self.aws.tell("lambda", takes=0.0)
        _switch_off(self.aws, self.name)
        return settings


class CatchUpEventSources(_Consumer):
    """The consumer is being stopped."""

    uses = "catch_up.event_sources"

    async def stand(self) -> Settings:
        """The upstream has kept this decision."""
        stand_consumers(self.aws, self.name)
        self.aws.tell("lambda", takes=0.0)
        for one in _mappings(self.aws, self.name, HERE):
            tags = {"evac:epoch": str(EPOCH)}
            self.aws.client("lambda", HERE).tag_resource(Resource=one["EventSourceMappingArn"], Tags=tags)
        _switch_off(self.aws, self.name)
        upstream = self.aws.settings(HERE, function=self.name)
        return self.aws.settings(THERE, function=self.name, upstream=upstream, exact=True)

    async def spoil(self, settings: Settings) -> Settings:
        """Another function, which is on, is the upstream."""
        stand_consumers(self.aws, f"{self.name}-on")
        return {**settings, "upstream": self.aws.settings(HERE, function=f"{self.name}-on")}


def _switch_off(aws: World, name: str) -> None:
    for one in _mappings(aws, name, HERE):
        aws.client("lambda", HERE).update_event_source_mapping(UUID=one["UUID"], Enabled=False)
