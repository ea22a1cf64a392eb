"""The fake of AKS refuses what AKS would."""

from typing import Any

import pytest

from tests.azure.arm import Refusal, taken_apart
from tests.azure.world import AzureWorld

_POOL = "Microsoft.ContainerService/managedClusters/agentPools"
_PLAIN = {"vmSize": "a", "mode": "System", "count": 1}
_SCALED = {**_PLAIN, "enableAutoScaling": True, "minCount": 1, "maxCount": 2}


@pytest.mark.parametrize(
    ("was", "change", "code"),
    [
        (_PLAIN, {"count": 0}, "InvalidParameter"),
        (_PLAIN, {"vmSize": "b"}, "PropertyChangeNotAllowed"),
        (_PLAIN, {"minCount": 1}, "InvalidParameter"),
        (_PLAIN, {"counts": 1}, "BadRequest"),
        (_SCALED, {"minCount": 2}, "InvalidParameter"),
        (_SCALED, {"count": 3}, "InvalidParameter"),
    ],
)
def test_what_cannot_be_is_refused(azure: AzureWorld, was: dict[str, Any], change: dict[str, Any], code: str) -> None:
    """And the pool is as it was."""
    azure.put("Microsoft.ContainerService/managedClusters", "llm")
    path = azure.put(_POOL, "llm", "gpu", properties=dict(was))["id"]
    body = {"properties": {**was, **change}}
    asked = taken_apart("PUT", path, {"api-version": "2026-08-01"}, {}, body)
    with pytest.raises(Refusal) as caught:
        azure.arm.serve(asked)
    assert caught.value.code == code
    assert azure.arm.resource(path)["properties"]["count"] == 1


def test_what_is_not_sent_is_not_kept(azure: AzureWorld) -> None:
    """It is a PUT: whoever leaves out a pool's taints takes them away."""
    azure.put("Microsoft.ContainerService/managedClusters", "llm")
    path = azure.put(_POOL, "llm", "gpu", properties={**_PLAIN, "nodeTaints": ["gpu"]})["id"]
    azure.arm.serve(taken_apart("PUT", path, {"api-version": "2026-08-01"}, {}, {"properties": _PLAIN}))
    assert "nodeTaints" not in azure.arm.resource(path)["properties"]
    with pytest.raises(Refusal) as caught:
        azure.arm.serve(taken_apart("PUT", path, {"api-version": "2026-08-01"}, {}, {"properties": _PLAIN}))
    assert caught.value.code == "OperationNotAllowed"
