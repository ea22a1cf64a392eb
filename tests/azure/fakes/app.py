"""Container Apps: https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps."""

from typing import Any

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve, merged


class App(Provider):
    """A changed template is a new revision, whose replicas come when the operation ends."""

    namespace = "Microsoft.App"
    versions = frozenset({"2026-07-01"})

    def operations(self, asked: Asked) -> tuple[str, str]:
        """By the name that its role-based access control has for them."""
        del asked
        return "containerAppOperationStatuses", "operationResults"

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Apps, their revisions, and replicas."""
        return {
            ("GET", "containerApps/*"): self._get,
            ("PATCH", "containerApps/*"): self._update,
            ("GET", "containerApps/*/revisions/*"): self._revision,
            ("GET", "containerApps/*/revisions/*/replicas"): self._replicas,
        }

    @staticmethod
    def _get(arm: Arm, asked: Asked) -> Answer:
        found = arm.must(asked)
        return Answer(200, {key: value for key, value in found.items() if key not in {"etag", "revisions"}})

    @staticmethod
    def _update(arm: Arm, asked: Asked) -> Answer:
        found = arm.must(asked)
        if arm.busy(asked.path) is not None:
            message = "Cannot modify a container app while a provisioning operation is in progress."
            raise Refusal(409, "ContainerAppOperationInProgress", message)
        unknown = set(asked.body) - {"location", "tags", "properties", "identity"}
        if unknown:
            raise Refusal(400, "InvalidRequestContent", f"Could not find member '{min(unknown)}'.")
        template = _judged(found, asked.body.get("properties", {}).get("template", {}))
        merged(found, asked.body)
        found["properties"]["provisioningState"] = "InProgress"
        arm.touch(found)
        if not template:
            return arm.begin(asked, asked.path, lambda: _succeed(found))
        _revise(found)
        return arm.begin(asked, asked.path, lambda: _succeed(found))

    @staticmethod
    def _revision(arm: Arm, asked: Asked) -> Answer:
        app, name = _app(arm, asked)
        return Answer(200, {"id": asked.path, "name": name, "properties": app["revisions"][name]["properties"]})

    @staticmethod
    def _replicas(arm: Arm, asked: Asked) -> Answer:
        app, name = _app(arm, asked)
        return Answer(200, {"value": app["revisions"][name]["replicas"]})


def app_body(least: int, most: int = 10, *, suffix: str = "", **properties: Any) -> Body:
    """An app as a test puts it there, with one revision that serves."""
    template = {"containers": [{"name": "llm"}], "revisionSuffix": suffix, "scale": _scale(least, most)}
    body: Body = {"name": "llm", "properties": {"template": template, "runningStatus": "Running", **properties}}
    _revise(body)
    _succeed(body)
    del body["name"]
    return body


def replica(number: int, *, ready: bool = True) -> Body:
    """One of a revision."""
    return {"name": f"r{number}", "properties": {"runningState": "Running", "containers": [{"ready": ready}]}}


def _scale(least: int, most: int) -> Body:
    return {"minReplicas": least, "maxReplicas": most}


def _judged(found: Body, template: Body) -> Body:
    """What changes of it. Raises Refusal."""
    suffix = template.get("revisionSuffix", found["properties"]["template"].get("revisionSuffix"))
    if template and suffix and any(name.endswith(f"--{suffix}") for name in found["revisions"]):
        raise Refusal(400, "ContainerAppInvalidRevisionSuffix", f"Revision with suffix {suffix} already exists.")
    scale = template.get("scale", {})
    if not 0 <= scale.get("minReplicas", 0) <= scale.get("maxReplicas", 10) <= 1000:
        raise Refusal(400, "ContainerAppInvalidScaleSpec", "minReplicas must not be greater than maxReplicas.")
    return template


def _revise(app: Body) -> None:
    revisions = app.setdefault("revisions", {})
    suffix = app["properties"]["template"].get("revisionSuffix") or f"{len(revisions) + 1:07d}"
    name = f"{app['name']}--{suffix}"
    said = {"provisioningState": "Provisioning", "runningState": "Processing", "healthState": "None"}
    revisions[name] = {"properties": said, "replicas": []}
    app["properties"]["latestRevisionName"] = name


def _succeed(app: Body) -> None:
    app["properties"]["provisioningState"] = "Succeeded"
    revision = app["revisions"][app["properties"]["latestRevisionName"]]
    broken = app.get("broken")
    if broken:
        failed = {"provisioningState": "Failed", "runningState": "Failed", "healthState": "Unhealthy"}
        revision["properties"] = {**failed, "provisioningError": broken}
        return
    revision["properties"] = {"provisioningState": "Provisioned", "runningState": "Running", "healthState": "Healthy"}
    least = app["properties"]["template"]["scale"]["minReplicas"]
    revision["replicas"] = [replica(number) for number in range(least)]


def _app(arm: Arm, asked: Asked) -> tuple[Body, str]:
    path, _, rest = asked.path.partition("/revisions/")
    app, name = arm.must(asked, path), rest.partition("/")[0]
    if name not in app["revisions"]:
        raise Refusal(404, "ContainerAppRevisionNotFound", f"Revision {name} was not found.")
    return app, name
