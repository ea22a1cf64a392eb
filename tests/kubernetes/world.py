"""A cluster for one test, and the things that tests put in it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kubernetes.server import ApiServer

LWS = "leaderworkerset.x-k8s.io/v1"


@pytest.fixture
def kube(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """A cluster with nothing in it; its token is in the environment."""
    server = ApiServer()
    monkeypatch.setenv("KUBE_TOKEN", server.token)
    try:
        yield server
    finally:
        server.close()


def workload(kube: ApiServer, name: str, replicas: int, plural: str = "deployments", api: str = "apps/v1") -> None:
    """A workload of so many replicas."""
    selector = {"matchLabels": {"app": name}}
    kube.put(api, plural, name, {"spec": {"replicas": replicas, "selector": selector}})


def autoscaler(kube: ApiServer, name: str, least: int, most: int, kind: str = "Deployment", **meta: Any) -> None:
    """A HorizontalPodAutoscaler of the workload of that name."""
    target = {"apiVersion": "apps/v1", "kind": kind, "name": name}
    spec = {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": most}
    kube.put("autoscaling/v2", "horizontalpodautoscalers", f"{name}-hpa", {"metadata": meta, "spec": spec})


def reached(kube: ApiServer, name: str, **more: Any) -> dict[str, Any]:
    """The settings of a call."""
    return {"server": kube.url, "token": "env://KUBE_TOKEN", "namespace": "llm", "name": name, **more}
