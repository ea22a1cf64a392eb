"""EC2 Auto Scaling on moto, with launches of `FakeGroups` (tests/aws/fakes/autoscaling.py)."""

from typing import Any

from tests.aws.groups import shape_of, stand_group
from tests.conformance.specimen import OnAws, Settings


class _Autoscaling(OnAws):
    async def stand(self) -> Settings:
        """A group of two instances, which may have three, and is to have five."""
        return stand_group(self.aws, self.name, 2, MaxSize=3)

    async def effect(self) -> Any:
        """Its sizes, and where its instances come from."""
        return shape_of(self.aws, self.name)

    async def absent(self, settings: Settings) -> Settings:
        """Another group."""
        return {**settings, "group": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """Its launches are suspended."""
        self.aws.client("autoscaling", self.there).suspend_processes(
            AutoScalingGroupName=self.name, ScalingProcesses=["Launch"]
        )
        return settings


class ScaleAutoscaling(_Autoscaling):
    """From two instances to five, past its maximum, and by the second rung of its ladder."""

    uses = "scale.autoscaling"

    async def stand(self) -> Settings:
        """With the size that is wanted; AWS has one more of the group's own type, and none of the first rung's."""
        settings = await super().stand()
        self.aws.tell("autoscaling", left={"on-demand:m5.large": 1, "on-demand:m5.xlarge": 0})
        ladder = [{"instance_types": ["m5.xlarge"]}, {"instance_types": ["m5.xlarge", "c5.large"], "market": "spot"}]
        return {**settings, "replicas": 5, "ladder": ladder}


class DetectAutoscaling(_Autoscaling):
    """A look at it."""

    uses = "detect.autoscaling"
