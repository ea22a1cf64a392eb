"""Front Door (standard and premium): https://learn.microsoft.com/rest/api/frontdoor/azurefrontdoorstandardpremium."""

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve, merged

_TIERS = {"Standard_AzureFrontDoor", "Premium_AzureFrontDoor"}

_SOON = {"x-ms-retry-after-ms": "20"}


class Cdn(Provider):
    """A change of an origin ends, and then is deployed to the edge, which few profiles ever say."""

    namespace = "Microsoft.Cdn"
    versions = frozenset({"2026-10-01"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Deployments are not told: `NotStarted` for ever, as most profiles show it."""
        self.deployments: list[str] = []
        """What the next looks at the origins see of the deployment of a changed one, until it has ended."""

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Profiles, origins, and their operations, which are not where those of other providers are."""
        return {
            ("GET", "profiles/*"): self._get,
            ("PATCH", "profiles/*"): self._tag,
            ("GET", "profiles/*/originGroups/*/origins"): self._origins,
            ("GET", "profiles/*/originGroups/*/origins/*"): self._get,
            ("PATCH", "profiles/*/originGroups/*/origins/*"): self._update,
            ("GET", "operationresults/*"): self._operation_of,
        }

    @staticmethod
    def _get(arm: Arm, asked: Asked) -> Answer:
        return Answer(200, arm.must(asked))

    def _tag(self, arm: Arm, asked: Asked) -> Answer:
        found = arm.must(asked)
        if set(asked.body) - {"tags", "identity", "properties"}:
            raise Refusal(400, "BadRequest", "The body has members that no profile has.")
        merged(found, asked.body)
        return self._begun(arm, asked, found)

    def _origins(self, arm: Arm, asked: Asked) -> Answer:
        group = asked.path.rpartition("/")[0]
        profile = arm.must(asked, group.rpartition("/originGroups/")[0])
        if profile["sku"]["name"] not in _TIERS:
            raise Refusal(400, "BadRequest", "The profile has no origin groups of that kind.")
        arm.must(asked, group)
        found = [one for path, one in arm.resources.items() if path.startswith(f"{group}/origins/".lower())]
        for one in found:
            arm.must(asked, one["id"])
            if one.pop("changed", False) and self.deployments:
                told = one["properties"]["deploymentStatus"] = self.deployments.pop(0)
                one["changed"] = told == "InProgress"
        return Answer(200, {"value": [{key: one[key] for key in one if key != "changed"} for one in found]})

    def _update(self, arm: Arm, asked: Asked) -> Answer:
        found = arm.must(asked)
        if arm.busy(asked.path) is not None:
            raise Refusal(409, "Conflict", "Another operation is in progress on this or a dependent entity.")
        properties = asked.body.get("properties", {})
        if set(asked.body) != {"properties"} or set(properties) - {"enabledState", "priority", "weight"}:
            raise Refusal(501, "NotInTheFake", f"{asked.body}")
        if not 1 <= properties.get("priority", 1) <= 5 or not 1 <= properties.get("weight", 1) <= 1000:
            raise Refusal(400, "BadRequest", "The priority or weight is out of range.")
        if properties.get("enabledState", "Enabled") == "Disabled" and not _others_on(arm, asked.path):
            raise Refusal(400, "BadRequest", "Endpoint pools must contain at least one enabled endpoint")
        before = {**found["properties"]}
        found["properties"] |= {**properties, "provisioningState": "Updating"}
        failed = asked.path.lower() in arm.failing
        if failed:
            found["properties"] = before
        return self._begun(arm, asked, found)

    @staticmethod
    def _begun(arm: Arm, asked: Asked, found: Body) -> Answer:
        def finish() -> None:
            found["properties"]["provisioningState"] = "Succeeded"
            if "/origins/" in asked.path:
                found["changed"] = True

        answer = arm.begin(asked, asked.path, finish, status=200)
        answer.status, answer.body = 202, found
        old = answer.headers["Azure-AsyncOperation"]
        name = old.rpartition("/")[2].partition("?")[0]
        group = "/".join(asked.path.split("/")[:5])
        at = f"{arm.url}{group}/providers/Microsoft.Cdn/operationresults/{name}?api-version={asked.version}"
        answer.headers = {"Azure-AsyncOperation": at, "Location": at, **_SOON}
        return answer

    @staticmethod
    def _operation_of(arm: Arm, asked: Asked) -> Answer:
        operation = next((one for one in arm.operations.values() if one.name == asked.names[0]), None)
        if operation is None:
            raise Refusal(404, "NotFound", "The operation was not found.")
        operation.look()
        body: Body = {"status": operation.status}
        if operation.failure is not None and operation.over:
            body["error"] = {"code": operation.failure[0], "message": operation.failure[1]}
        return Answer(200, body, {} if operation.over else {**_SOON})


def _others_on(arm: Arm, path: str) -> bool:
    group = path.lower().rpartition("/")[0]
    others = (one for key, one in arm.resources.items() if key.rpartition("/")[0] == group and key != path.lower())
    return any(one["properties"]["enabledState"] == "Enabled" for one in others)
