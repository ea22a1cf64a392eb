"""Amazon ECS on moto, which runs no tasks for a service: `FakeTasks` (tests/aws/fakes/ecs.py) does."""

from typing import Any

from runbooks.steps import ErrorType
from tests.conformance.specimen import OnAws, Settings


class _Ecs(OnAws):
    async def stand(self) -> Settings:
        """A service of two tasks, which is to have five."""
        ecs = self.aws.client("ecs", self.there)
        ecs.create_cluster(clusterName=self.name)
        ecs.register_task_definition(
            family=self.name, containerDefinitions=[{"name": "llm", "image": "llm:1", "memory": 64, "cpu": 1}]
        )
        ecs.create_service(cluster=self.name, serviceName="llm", taskDefinition=self.name, desiredCount=2)
        return self.aws.settings(self.there, cluster=self.name, service="llm")

    async def effect(self) -> Any:
        """How many tasks are wanted."""
        answer = self.aws.client("ecs", self.there).describe_services(cluster=self.name, services=["llm"])
        return answer["services"][0]["desiredCount"]

    async def absent(self, settings: Settings) -> Settings:
        """Another service."""
        return {**settings, "service": "none"}


class ScaleEcs(_Ecs):
    """From two tasks to five."""

    uses = "scale.ecs"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 5}

    async def spoil(self, settings: Settings) -> Settings:
        """It was deleted."""
        self.aws.client("ecs", self.there).delete_service(cluster=self.name, service="llm", force=True)
        return settings


class DetectEcs(_Ecs):
    """A look at it."""

    uses = "detect.ecs"
    spoiled = ErrorType.WRONG_STATE

    async def spoil(self, settings: Settings) -> Settings:
        """It was deleted."""
        self.aws.client("ecs", self.there).delete_service(cluster=self.name, service="llm", force=True)
        return settings
