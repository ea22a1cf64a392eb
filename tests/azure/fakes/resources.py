"""Deployments of templates, and tags: https://learn.microsoft.com/rest/api/resources.

Of the language of templates it knows what a test needs: `[parameters('x')]`, and nothing else.
"""

import copy
import re
from typing import Any

from tests.azure.arm import Answer, Arm, Asked, Body, Operation, Provider, Refusal, Serve

_PARAMETER = re.compile(r"\[parameters\('(\w+)'\)\]")
_LONGEST_TAG = 256


class Resources(Provider):
    """Resources are there when the operation ends; what-if compares with what is there."""

    namespace = "Microsoft.Resources"
    versions = frozenset({"2025-04-01", "2026-06-01"})
    looks_only = frozenset({"Microsoft.Resources/deployments/whatIf/action"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing has been asked."""
        self.results: dict[str, tuple[Operation, Body]] = {}
        self.unsure: set[str] = set()
        """Resource types of which what-if cannot tell what would change."""

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Deployments in resource groups, and the tags of any resource."""
        return {
            ("PATCH", "tags/*"): _tag,
            ("GET", "deployments/*"): self._get,
            ("PUT", "deployments/*"): self._put,
            ("POST", "deployments/*/whatIf"): self._what_if,
            ("POST", "deployments/*/cancel"): self._cancel,
            ("GET", "deployments/*/operations"): self._list,
            ("GET", "deployments/*/operationstatuses/*"): lambda arm, asked: arm.operation(asked, results=False),
            ("GET", "subscriptions/*/operationresults/*"): self._result,
        }

    @staticmethod
    def _get(arm: Arm, asked: Asked) -> Answer:
        return Answer(200, _shown(_found(arm, asked)))

    def _put(self, arm: Arm, asked: Asked) -> Answer:
        arm.must_group(asked.path)
        if arm.busy(asked.path) is not None:
            message = f"The deployment '{asked.names[0]}' cannot be saved, because this would overwrite an active one."
            raise Refusal(409, "DeploymentActive", message)
        template, values = _judged(asked.body)
        path, scope = asked.path, _scope(asked)
        made = arm.put(path, {"properties": {"provisioningState": "Running"}, "tags": asked.body.get("tags", {})})
        wanted = [_evaluated(one, values) for one in template["resources"]]
        made["working"] = [_path(scope, one) for one in wanted]
        gone = _gone(arm, scope, wanted) if asked.body["properties"]["mode"] == "Complete" else []

        def finish() -> None:
            for one in wanted:
                _apply(arm, scope, one)
            for one in gone:
                del arm.resources[one]
            outputs = {name: {"value": _evaluated(one["value"], values)} for name, one in _outputs(template).items()}
            made["properties"] = {"provisioningState": "Succeeded", "outputs": outputs}

        def fall_back() -> None:
            state = "Canceled" if made["failure"]["code"] == "Canceled" else "Failed"
            made["properties"] = {"provisioningState": state, "error": made["failure"]}

        answer = arm.begin(asked, path, finish, status=201, fall_back=fall_back)
        return Answer(201, _shown(made), _moved(arm, path, answer))

    def _what_if(self, arm: Arm, asked: Asked) -> Answer:
        path = asked.path.rpartition("/")[0]
        arm.must_group(path)
        properties = asked.body.get("properties", {})
        if properties.pop("whatIfSettings", {}).get("resultFormat") != "FullResourcePayloads":
            raise Refusal(501, "NotInTheFake", "what-if without payloads")
        template, values = _judged(asked.body)
        scope = _scope(asked)
        wanted = [_evaluated(one, values) for one in template["resources"]]
        gone = _gone(arm, scope, wanted) if properties["mode"] == "Complete" else []
        changes = [self._change(arm, scope, one) for one in wanted]
        changes += [{"resourceId": arm.resources[one]["id"], "changeType": "Delete", "before": {}} for one in gone]
        answer = arm.begin(asked, f"{path}/whatIf", lambda: None)
        operation = list(arm.operations.values())[-1]
        operation.looks = min(operation.looks, 2)  # it never takes long
        self.results[operation.name] = (operation, {"status": "Succeeded", "properties": {"changes": changes}})
        subscription = "/".join(asked.path.split("/")[:3])
        where = f"{arm.url}{subscription}/operationresults/{operation.name}?api-version={asked.version}"
        return Answer(answer.status, None, {"Location": where, "x-ms-retry-after-ms": "20"})

    def _result(self, arm: Arm, asked: Asked) -> Answer:
        del arm
        if asked.names[-1] not in self.results:
            raise Refusal(404, "OperationNotFound", "The operation was not found.")
        operation, body = self.results[asked.names[-1]]
        operation.look()
        if not operation.over:
            return Answer(202, None, {"x-ms-retry-after-ms": "20"})
        if operation.failure is not None:
            code, message = operation.failure
            return Answer(200, {"status": "Failed", "error": {"code": code, "message": message}})
        return Answer(200, body)

    @staticmethod
    def _cancel(arm: Arm, asked: Asked) -> Answer:
        path = asked.path.rpartition("/")[0]
        operation = arm.busy(path)
        if operation is None:
            raise Refusal(409, "DeploymentCannotBeCancelled", "The deployment cannot be cancelled: it has ended.")
        operation.failure, operation.looks = ("Canceled", "The deployment was canceled."), 1
        arm.resource(path)["failure"] = {"code": "Canceled", "message": "The deployment was canceled."}
        operation.look()
        return Answer(204)

    @staticmethod
    def _list(arm: Arm, asked: Asked) -> Answer:
        found = _found(arm, asked, asked.path.rpartition("/")[0])
        state = found["properties"]["provisioningState"]
        told = [
            {"operationId": str(number), "properties": {"provisioningState": state, "targetResource": _target(path)}}
            for number, path in enumerate(found["working"])
        ]
        return Answer(200, {"value": told})

    def _change(self, arm: Arm, scope: str, wanted: Body) -> Body:
        path = _path(scope, wanted)
        found = arm.resources.get(path.lower())
        change: Body = {"resourceId": path, "after": {"id": path, **wanted}}
        if wanted["type"] in self.unsure:
            return {**change, "changeType": "Deploy", "after": None}
        if found is None:
            return {**change, "changeType": "Create"}
        before = {key: value for key, value in found.items() if key not in {"etag", "failure"}}
        delta = _delta(before, wanted)
        return {
            **change,
            "changeType": "Modify" if delta else "NoChange",
            "before": copy.deepcopy(before),
            "delta": delta,
        }


def _tag(arm: Arm, asked: Asked) -> Answer:
    """Some tags are merged with those that are there: https://learn.microsoft.com/rest/api/resources/tags."""
    found, properties = arm.must(asked, asked.scope), asked.body.get("properties", {})
    if asked.names != ("default",) or asked.body.get("operation") != "Merge" or set(properties) != {"tags"}:
        raise Refusal(501, "NotInTheFake", f"tags by {sorted(asked.body)}")
    if any(len(value) > _LONGEST_TAG for value in properties["tags"].values()):
        raise Refusal(400, "InvalidTagValueLength", f"Tag value is too long, and may have {_LONGEST_TAG} characters.")
    found["tags"] = {**(found.get("tags") or {}), **properties["tags"]}
    return Answer(200, {"id": asked.path, "name": "default", "properties": {"tags": found["tags"]}})


def _found(arm: Arm, asked: Asked, path: str | None = None) -> Body:
    path = path or asked.path
    arm.must_group(path)
    if path.lower() not in arm.resources:
        raise Refusal(404, "DeploymentNotFound", f"Deployment '{asked.names[0]}' could not be found.")
    return arm.must(asked, path)


def _shown(deployment: Body) -> Body:
    return {key: value for key, value in deployment.items() if key not in {"etag", "failure", "working"}}


def _scope(asked: Asked) -> str:
    return asked.scope.replace("/resourcegroups/", "/resourceGroups/")


def _moved(arm: Arm, path: str, answer: Answer) -> dict[str, str]:
    """Its state is looked at below the deployment itself."""
    key, operation = list(arm.operations.items())[-1]
    del arm.operations[key]
    at = f"{path}/operationstatuses/{operation.name}"
    arm.operations[at.lower()] = operation
    version = operation.url.rpartition("?")[2]
    return {**answer.headers, "Azure-AsyncOperation": f"{arm.url}{at}?{version}"}


def _judged(body: Body) -> tuple[Body, dict[str, Any]]:
    """The template, and the value of each of its parameters. Raises Refusal."""
    properties = body.get("properties", {})
    unknown = set(properties) - {"mode", "template", "parameters"}
    if unknown or properties.get("mode") not in {"Incremental", "Complete"}:
        raise Refusal(400, "InvalidRequestContent", f"The request content was invalid: {sorted(unknown)}.")
    template = properties.get("template") or {}
    if not {"$schema", "contentVersion", "resources"} <= set(template):
        raise Refusal(400, "InvalidTemplate", "Deployment template validation failed: required properties are missing.")
    declared, given = template.get("parameters", {}), properties.get("parameters", {})
    strange = sorted(set(given) - set(declared))
    missing = sorted(name for name, one in declared.items() if name not in given and "defaultValue" not in one)
    if strange or missing:
        raise Refusal(400, "InvalidTemplate", f"The parameters are not the template's: {[*strange, *missing]}.")
    values = {name: one.get("defaultValue") for name, one in declared.items()}
    return template, {**values, **{name: one["value"] for name, one in given.items()}}


def _outputs(template: Body) -> dict[str, Body]:
    found: dict[str, Body] = template.get("outputs", {})
    return found


def _evaluated(value: Any, values: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _evaluated(one, values) for key, one in value.items()}
    if isinstance(value, list):
        return [_evaluated(one, values) for one in value]
    if not isinstance(value, str) or not value.startswith("["):
        return value
    found = _PARAMETER.fullmatch(value)
    if found is None:
        raise Refusal(501, "NotInTheFake", f"the expression {value}")
    return values[found[1]]


def _path(scope: str, resource: Body) -> str:
    return f"{scope}/providers/{resource['type']}/{resource['name']}"


def _target(path: str) -> Body:
    kind, _, name = path.rpartition("/providers/")[2].rpartition("/")
    return {"id": path, "resourceType": kind, "resourceName": name}


def _apply(arm: Arm, scope: str, wanted: Body) -> None:
    path = _path(scope, wanted)
    found = arm.resources.get(path.lower())
    kept = {key: value for key, value in wanted.items() if key not in {"apiVersion", "name", "type"}}
    if found is None:
        arm.put(path, copy.deepcopy(kept))
        return
    properties = {**found["properties"], **kept.pop("properties", {})}
    found.update(copy.deepcopy({**kept, "properties": properties}))
    arm.touch(found)


def _gone(arm: Arm, scope: str, wanted: list[Body]) -> list[str]:
    kept = {_path(scope, one).lower() for one in wanted}
    inside = [path for path in arm.resources if path.startswith(f"{scope}/providers/".lower())]
    return [path for path in inside if path not in kept and "/microsoft.resources/" not in path]


def _delta(before: Body, wanted: Body, above: str = "") -> list[Body]:
    found: list[Body] = []
    for key, value in wanted.items():
        if not above and key in {"apiVersion", "name", "type"}:
            continue
        was = before.get(key)
        if isinstance(value, dict) and isinstance(was, dict):
            children = _delta(was, value, key)
            if children:
                found.append({"path": key, "propertyChangeType": "Modify", "children": children})
        elif was != value:
            kind = "Create" if was is None else "Modify"
            found.append({"path": key, "propertyChangeType": kind, "before": was, "after": value})
    return found
