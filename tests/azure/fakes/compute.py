"""Virtual machine scale sets and quotas: https://learn.microsoft.com/rest/api/compute/."""

import re
from typing import Any

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve, merged

_FULL = "Allocation failed. We do not have sufficient capacity for the requested VM size in this region."
_OF_SET = re.compile(r"'virtualMachineScaleSet/id' eq '(/subscriptions/.+)'")
_LOCATION = re.compile(r"location eq '([a-z0-9]+)'")


class Compute(Provider):
    """Instances come up when the operation that orders them ends: as many as there is `room` for, if a set says so.

    `sizes` and `used` are what the test says of VM sizes (family, vCPUs, restrictions) and quotas (used, limit).
    """

    namespace = "Microsoft.Compute"
    versions = frozenset({"2021-07-01", "2026-03-02", "2026-03-03", "2026-04-01"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """No size is known, and no quota."""
        self.sizes: dict[str, Body] = {}
        self.used: dict[str, tuple[int, int]] = {}

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Scale sets, their instances, sizes, and quotas."""
        return {
            ("GET", "virtualMachineScaleSets/*"): self._get,
            ("PATCH", "virtualMachineScaleSets/*"): self._update,
            ("GET", "virtualMachineScaleSets/*/instanceView"): self._view,
            ("GET", "virtualMachineScaleSets/*/virtualMachines"): self._instances,
            ("GET", "virtualMachines"): self._machines,
            ("GET", "locations/*/usages"): self._usages,
            ("GET", "skus"): self._skus,
        }

    @staticmethod
    def _get(arm: Arm, asked: Asked) -> Answer:
        return Answer(200, arm.must(asked))

    @staticmethod
    def _update(arm: Arm, asked: Asked) -> Answer:
        found = arm.must(asked)
        arm.matched(asked, found)
        unknown = set(asked.body) - {"sku", "tags", "properties", "identity", "plan", "zones"}
        if unknown:
            raise Refusal(
                400, "BadRequest", f"Could not find member '{min(unknown)}' on object of type 'VirtualMachineScaleSet'."
            )
        if arm.busy(asked.path) is not None:
            raise Refusal(409, "OperationNotAllowed", "Another operation is in progress on the scale set.")
        sku = asked.body.get("sku", {})
        if not isinstance(sku.get("capacity", 0), int) or sku.get("capacity", 0) < 0:
            raise Refusal(400, "InvalidParameter", "The value of parameter sku.capacity is invalid.")
        found.setdefault("running", found["sku"]["capacity"])
        merged(found, asked.body)
        found["properties"]["provisioningState"] = "Updating"
        found.pop("failure", None)
        arm.touch(found)
        wanted, room = found["sku"]["capacity"], found.get("room", found["sku"]["capacity"])

        def finish() -> None:
            found["properties"]["provisioningState"] = "Succeeded"
            found["running"] = wanted
            arm.touch(found)

        def fall_back() -> None:
            found["properties"]["provisioningState"] = "Failed"
            arm.touch(found)

        if wanted > room:
            found["running"] = max(room, found["running"])
            arm.fail_next(asked.path, "AllocationFailed", _FULL)
        return arm.begin(asked, asked.path, finish, status=200, fall_back=fall_back)

    @staticmethod
    def _view(arm: Arm, asked: Asked) -> Answer:
        found = arm.must(asked, asked.path.rpartition("/")[0])
        return Answer(200, {"statuses": [_status(found)]})

    @staticmethod
    def _instances(arm: Arm, asked: Asked) -> Answer:
        found = arm.must(asked, asked.path.rpartition("/")[0])
        if found["properties"].get("orchestrationMode") == "Flexible":
            raise Refusal(400, "OperationNotAllowed", "This is not supported for Flexible orchestration mode.")
        return Answer(200, {"value": _all(found, "virtualMachineScaleSets/{}/virtualMachines")})

    @staticmethod
    def _machines(arm: Arm, asked: Asked) -> Answer:
        chosen = _OF_SET.fullmatch(asked.query.get("$filter", ""))
        if chosen is None:
            raise Refusal(501, "NotInTheFake", "machines that are in no scale set")
        found = arm.must(asked, chosen[1])
        if found["properties"].get("orchestrationMode") != "Flexible":
            return Answer(200, {"value": []})
        return Answer(200, {"value": _all(found, "virtualMachines")})

    def _usages(self, arm: Arm, asked: Asked) -> Answer:
        del arm, asked
        found = [
            {"name": {"value": name, "localizedValue": name}, "currentValue": used, "limit": limit, "unit": "Count"}
            for name, (used, limit) in self.used.items()
        ]
        return Answer(200, {"value": found})

    def _skus(self, arm: Arm, asked: Asked) -> Answer:
        del arm
        chosen = _LOCATION.fullmatch(asked.query.get("$filter", ""))
        if chosen is None:
            raise Refusal(400, "InvalidFilter", "Only the location filter is supported.")
        found = [
            {"name": name, "resourceType": "virtualMachines", "locations": [chosen[1]], **_sku(**size)}
            for name, size in self.sizes.items()
        ]
        return Answer(200, {"value": found})


def _sku(family: str, cores: int, barred: str = "") -> Body:
    restrictions = [{"type": "Location", "reasonCode": barred, "values": []}] if barred else []
    return {
        "family": family,
        "capabilities": [{"name": "vCPUs", "value": str(cores)}],
        "restrictions": restrictions,
    }


def _status(scale_set: Body) -> Body:
    failure = scale_set.get("failure")
    if failure is None:
        return {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded"}
    code = f"ProvisioningState/failed/{failure['code']}"
    return {"code": code, "level": "Error", "displayStatus": "Provisioning failed", "message": failure["message"]}


def _all(scale_set: Body, where: str) -> list[Body]:
    running = scale_set.get("running", scale_set["sku"]["capacity"])
    return [_machine(scale_set, number, where.format(scale_set["name"])) for number in range(running)]


def _machine(scale_set: Body, number: int, where: str) -> Body:
    codes = ("ProvisioningState/succeeded", "PowerState/running")
    view: dict[str, Any] = {"statuses": [{"code": code} for code in codes]}
    healths = scale_set.get("healths", {})
    if str(number) in healths:
        view["vmHealth"] = {"status": {"code": f"HealthState/{healths[str(number)]}"}}
    group = scale_set["id"].partition("/virtualMachineScaleSets/")[0]
    name = f"{scale_set['name']}_{number}"
    return {
        "id": f"{group}/{where}/{number}",
        "name": name,
        "location": scale_set["location"],
        "properties": {"instanceView": view},
    }
