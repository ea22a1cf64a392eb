"""ECS's tasks, which moto does not run for a service: as many as are wanted run, or fewer when a test says so."""

from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend


class FakeTasks(Fake):
    """`describe_services` over moto's own services, with running tasks."""

    service = "ecs"

    def reset(self) -> None:
        """All that are wanted run."""
        self._most: dict[str, int] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`most`: no more tasks than these run, by service."""
        self._most.update(what["most"])

    def describe_services(self, region: str, services: list[str], cluster: str = "default", **_: Any) -> dict[str, Any]:
        """As moto knows them, with `runningCount`."""
        known = backend("ecs", region)
        name = cluster.rpartition("/")[2]
        if name not in known.clusters:
            code, message = "ClusterNotFoundException", "Cluster not found."
            raise Refusal(code, message)
        found, failures = [], []
        for wanted in services:
            service = known.services.get(f"{name}:{wanted.rpartition('/')[2]}")
            if service is None:
                failures.append({"arn": wanted, "reason": "MISSING"})
                continue
            runs = min(service.desired_count, self._most.get(service.name, service.desired_count))
            tags = (
                known.tagger.list_tags_for_resource(service.arn)["Tags"] if hasattr(known, "tagger") else service.tags
            )
            shown = {"desiredCount": service.desired_count, "runningCount": runs}
            found.append(
                {
                    "serviceArn": service.arn,
                    "serviceName": service.name,
                    "status": service.status,
                    "tags": tags,
                    "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", **shown}],
                    **shown,
                }
            )
        return {"services": found, "failures": failures}
