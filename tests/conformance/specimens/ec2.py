"""Single EC2 instances on moto, with the status checks of `FakeStatus` (tests/aws/fakes/ec2_status.py)."""

from typing import Any

from tests.aws.instances import running_of, stand_instances
from tests.conformance.specimen import OnAws, Settings


class _Ec2(OnAws):
    _names: tuple[str, ...]

    async def stand(self) -> Settings:
        """One instance of three runs."""
        self._names = stand_instances(self.aws, 1, 2)
        return self.aws.settings(self.there, instances=list(self._names))

    async def effect(self) -> Any:
        """Which of them run."""
        return running_of(self.aws, self._names)

    async def absent(self, settings: Settings) -> Settings:
        """Another instance."""
        return {**settings, "instances": ["i-0123456789abcdef0"]}


class ScaleEc2(_Ec2):
    """From one to two."""

    uses = "scale.ec2"

    async def stand(self) -> Settings:
        """With the number that is wanted."""
        return {**await super().stand(), "replicas": 2}

    async def spoil(self, settings: Settings) -> Settings:
        """There are not so many."""
        return {**settings, "replicas": 4}


class DetectEc2(_Ec2):
    """A look at them."""

    uses = "detect.ec2"

    async def spoil(self, settings: Settings) -> Settings:
        """The one that runs fails its checks."""
        self.aws.tell("ec2", impaired=list(self._names))
        return settings
