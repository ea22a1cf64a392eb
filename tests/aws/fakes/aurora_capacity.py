"""What moto lets pass when a cluster of Aurora Serverless v2 is changed, and RDS does not; and that it takes time."""

import threading
from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Operation, Refusal
from tests.aws.front import backend

_LARGEST = 256


class FakeCapacity(Fake):
    """`modify_db_cluster`, as long as a test has told it something; else it is moto's."""

    service = "rds"

    def reset(self) -> None:
        """As moto has it."""
        self._slow: float | None = None

    def told(self, what: Mapping[str, Any]) -> Any:
        """`modifying`: so many seconds does a change of a cluster's capacity take."""
        if set(what) != {"modifying"}:
            raise NotImplementedError(what)
        self._slow = what["modifying"]

    def operation(self, name: str) -> Operation | None:
        """Only when it was told."""
        return super().operation(name) if self._slow is not None else None

    def modify_db_cluster(self, region: str, **asked: Any) -> dict[str, Any]:
        """Only of a cluster that is available, and only sensible bounds."""
        known = backend("rds", region)
        name = asked["DBClusterIdentifier"]
        if name not in known.clusters:
            code = "DBClusterNotFoundFault"
            raise Refusal(code, f"DBCluster {name} not found.")
        cluster = known.clusters[name]
        if cluster.status != "available":
            code = "InvalidDBClusterStateFault"
            raise Refusal(code, f"DB cluster is not available for modification with status {cluster.status}.")
        bounds = asked["ServerlessV2ScalingConfiguration"]
        if not 0 <= bounds["MinCapacity"] <= bounds["MaxCapacity"] <= _LARGEST:
            code = "InvalidParameterValue"
            raise Refusal(code, "Serverless v2 maximum capacity must be at least its minimum, and at most 256.")
        cluster.status = "modifying"

        def done() -> None:
            cluster.serverless_v2_scaling_configuration = bounds
            cluster.status = "available"

        threading.Timer(self._slow or 0.0, done).start()
        return {"DBCluster": {"DBClusterIdentifier": name, "Status": "modifying"}}
