"""EC2's status checks, which always pass at moto: here they fail where a test says so."""

from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend


class FakeStatus(Fake):
    """`describe_instance_status` over moto's own instances, and starts that may find no room."""

    service = "ec2"

    def reset(self) -> None:
        """All pass, and there is room for all."""
        self._impaired: set[str] = set()
        self._full: set[str] = set()

    def told(self, what: Mapping[str, Any]) -> Any:
        """`impaired`: instances whose checks fail; `full`: those for which there is no room."""
        if not what.keys() & {"impaired", "full"}:
            raise NotImplementedError(what)
        self._impaired |= set(what.get("impaired", ()))
        self._full |= set(what.get("full", ()))

    def describe_instance_status(self, region: str, InstanceIds: list[str], **_: Any) -> dict[str, Any]:  # noqa: N803
        """Both checks of each."""
        found = []
        for name in InstanceIds:
            instance = _instance(region, name)
            check = {"Status": "impaired" if name in self._impaired else "ok"}
            state = {"Name": instance._state.name, "Code": instance._state.code}
            found.append({"InstanceId": name, "InstanceState": state, "InstanceStatus": check, "SystemStatus": check})
        return {"InstanceStatuses": found}

    def start_instances(self, region: str, InstanceIds: list[str], **_: Any) -> dict[str, Any]:  # noqa: N803
        """All or none of them."""
        instances = [_instance(region, name) for name in InstanceIds]
        if self._full & set(InstanceIds):
            code = "InsufficientInstanceCapacity"
            raise Refusal(code, "We currently do not have sufficient m5.large capacity in the zone you requested")
        for instance in instances:
            if instance._state.name not in {"stopped", "running", "pending"}:
                code = "IncorrectInstanceState"
                message = f"The instance '{instance.id}' is not in a state from which it can be started."
                raise Refusal(code, message)
            instance.start()
        return {"StartingInstances": [{"InstanceId": name} for name in InstanceIds]}


def _instance(region: str, name: str) -> Any:
    known = backend("ec2", region)
    found = {one.id: one for reservation in known.reservations.values() for one in reservation.instances}.get(name)
    if found is None:
        code = "InvalidInstanceID.NotFound"
        raise Refusal(code, f"The instance ID '{name}' does not exist")
    return found
