"""AWS Global Accelerator, which moto lacks: accelerators and the dials of their endpoint groups, in us-west-2 alone."""

from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal

_HOME = "us-west-2"


class FakeAccelerators(Fake):
    """As much of it as dials need."""

    service = "globalaccelerator"

    def reset(self) -> None:
        """None."""
        self._groups: dict[str, dict[str, Any]] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._takes = 0
        self._left: dict[str, int] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`groups`: endpoint groups that are there, by ARN, each with its region and its dial.

        `takes`: so many looks after a change find the accelerator IN_PROGRESS.
        """
        self._takes = what.get("takes", self._takes)
        for arn, (region, dial) in what.get("groups", {}).items():
            self._groups[arn] = {"EndpointGroupArn": arn, "EndpointGroupRegion": region, "TrafficDialPercentage": dial}
            self._tags.setdefault(_accelerator(arn), {})

    def describe_endpoint_group(self, region: str, **asked: Any) -> dict[str, Any]:
        """One."""
        return {"EndpointGroup": self._group(region, asked["EndpointGroupArn"])}

    def update_endpoint_group(self, region: str, **asked: Any) -> dict[str, Any]:
        """Only what is given changes."""
        group = self._group(region, asked["EndpointGroupArn"])
        group.update(asked)
        self._left[_accelerator(group["EndpointGroupArn"])] = self._takes
        return {"EndpointGroup": group}

    def describe_accelerator(self, region: str, **asked: Any) -> dict[str, Any]:
        """Its status."""
        arn = asked["AcceleratorArn"]
        self._known(region, arn)
        left = self._left.get(arn, 0)
        self._left[arn] = max(0, left - 1)
        return {"Accelerator": {"AcceleratorArn": arn, "Status": "IN_PROGRESS" if left else "DEPLOYED"}}

    def list_tags_for_resource(self, region: str, **asked: Any) -> dict[str, Any]:
        """Of an accelerator."""
        tags = self._known(region, asked["ResourceArn"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def tag_resource(self, region: str, **asked: Any) -> dict[str, Any]:
        """Only accelerators have tags."""
        self._known(region, asked["ResourceArn"]).update({each["Key"]: each["Value"] for each in asked["Tags"]})
        return {}

    def _group(self, region: str, arn: str) -> dict[str, Any]:
        if region != _HOME or arn not in self._groups:
            code = "EndpointGroupNotFoundException"
            raise Refusal(code, f"There is no endpoint group {arn} in {region}")
        return self._groups[arn]

    def _known(self, region: str, arn: str) -> dict[str, str]:
        if region != _HOME or arn not in self._tags:
            code = "AcceleratorNotFoundException"
            raise Refusal(code, f"There is no accelerator {arn} in {region}")
        return self._tags[arn]


def _accelerator(arn: str) -> str:
    return arn.partition("/listener/")[0]
