"""Checks that ask AWS itself: a target group and alarms on moto, AWS Health by `FakeHealth`."""

from typing import Any

from tests.aws.balancers import stand_targets
from tests.conformance.specimen import OnAws, Settings


class DetectTargetGroup(OnAws):
    """Two targets, of which half must be healthy."""

    uses = "detect.target_group"
    _arn: str
    _instances: tuple[str, ...]

    async def stand(self) -> Settings:
        """Both are healthy."""
        self._arn, self._instances = stand_targets(self.aws, self.name, 2)
        return self.aws.settings(self.there, target_group=self._arn)

    async def effect(self) -> Any:
        """Their states."""
        answer = self.aws.client("elbv2", self.there).describe_target_health(TargetGroupArn=self._arn)
        return [one["TargetHealth"]["State"] for one in answer["TargetHealthDescriptions"]]

    async def absent(self, settings: Settings) -> Settings:
        """Another group."""
        return {**settings, "target_group": f"{self._arn}0"}

    async def spoil(self, settings: Settings) -> Settings:
        """They are stopped."""
        self.aws.client("ec2", self.there).stop_instances(InstanceIds=list(self._instances))
        return settings


class VerifyTargetGroup(DetectTargetGroup):
    """The same, insisting."""

    uses = "verify.target_group"


class DetectCloudwatch(OnAws):
    """One alarm."""

    uses = "detect.cloudwatch"

    async def stand(self) -> Settings:
        """It is not raised."""
        stand_alarm(self.aws, self.name, self.there)
        return self.aws.settings(self.there, alarms=[self.name])

    async def effect(self) -> Any:
        """Its state."""
        answer = self.aws.client("cloudwatch", self.there).describe_alarms(AlarmNames=[self.name])
        return [one["StateValue"] for one in answer["MetricAlarms"]]

    async def absent(self, settings: Settings) -> Settings:
        """Another alarm."""
        return {**settings, "alarms": ["none"]}

    async def spoil(self, settings: Settings) -> Settings:
        """It is raised."""
        stand_alarm(self.aws, self.name, self.there, "ALARM")
        return settings


class DetectAwsHealth(OnAws):
    """An account with a paid plan of AWS Support."""

    uses = "detect.aws_health"
    cannot = {
        "silence_is_bounded": "AWS Health is not in the region: its silence is unknown (see its own test)",
        "what_is_not_there_is_unknown": "it names nothing that could be missing",
    }

    async def stand(self) -> Settings:
        """No issue is open here."""
        self.aws.tell("health", event={"service": "EC2", "region": self.here})
        return self.aws.settings(self.there)

    async def effect(self) -> Any:
        """What is open anywhere."""
        return self.aws.client("health").describe_events()["events"]

    async def spoil(self, settings: Settings) -> Settings:
        """One is."""
        self.aws.tell("health", event={"service": "EC2", "region": self.there})
        return settings


def stand_alarm(aws: Any, name: str, region: str, state: str = "OK") -> None:
    """An alarm in that state."""
    client = aws.client("cloudwatch", region)
    client.put_metric_alarm(
        AlarmName=name,
        MetricName="5xx",
        Namespace="llm",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="7 datapoints were greater than 1.0")
