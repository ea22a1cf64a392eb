"""ECS's tasks, which moto does not run for a service: as many as are wanted run, or fewer when a test says so."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend


class FakeTasks(Fake):
    """`describe_services` over moto's own services, with running tasks."""

    service = "ecs"

    def reset(self) -> None:
        """All that are wanted run."""
        self._most: dict[str, int] = {}
        self._failed: dict[str, str] = {}
        self._events: dict[str, list[str]] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """By service. `most`: no more tasks than these run; `failed`: why its rollout did; `events`: newest first."""
        self._most.update(what.get("most", {}))
        self._failed.update(what.get("failed", {}))
        self._events.update(what.get("events", {}))

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
            rollout = {"rolloutState": "COMPLETED", "rolloutStateReason": "ECS deployment ecs-svc/1 completed."}
            if service.name in self._failed:
                rollout = {"rolloutState": "FAILED", "rolloutStateReason": self._failed[service.name]}
            found.append(
                {
                    "events": [
                        {"id": str(number), "createdAt": datetime.now(UTC), "message": message}
                        for number, message in enumerate(self._events.get(service.name, []))
                    ],
                    "serviceArn": service.arn,
                    "serviceName": service.name,
                    "status": service.status,
                    "tags": tags,
                    "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", **shown, **rollout}],
                    **shown,
                }
            )
        return {"services": found, "failures": failures}
