"""Application Recovery Controller's routing controls, which moto lacks: a cluster's data plane, and its panels' tags.

All five endpoints show the same states; each takes only what is signed for its own region.
"""

from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal

ENDPOINTS = ("us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2", "ap-northeast-1")
_CONTROL_PLANE = "us-west-2"
_panels: dict[str, dict[str, str]] = {}
"""Tags by panel: the control plane knows what the data plane has."""


class FakeCluster(Fake):
    """`route53-recovery-cluster`."""

    service = "route53-recovery-cluster"

    def reset(self) -> None:
        """No controls."""
        self._states: dict[str, str] = {}
        self._rules: dict[str, int] = {}
        _panels.clear()

    def told(self, what: Mapping[str, Any]) -> Any:
        """`controls`: ARNs that are there, each On or Off; `rules`: by ARN, how many at least must stay on."""
        self._states.update(what.get("controls", {}))
        self._rules.update(what.get("rules", {}))
        for control in self._states:
            _panels.setdefault(_panel(control), {})

    def get_routing_control_state(self, region: str, **asked: Any) -> dict[str, Any]:
        """One control's."""
        self._at(region)
        control = self._known(asked["RoutingControlArn"])
        return {"RoutingControlArn": control, "RoutingControlState": self._states[control]}

    def update_routing_control_states(self, region: str, **asked: Any) -> dict[str, Any]:
        """All of them or none."""
        self._at(region)
        wanted = {
            self._known(each["RoutingControlArn"]): each["RoutingControlState"]
            for each in asked["UpdateRoutingControlStateEntries"]
        }
        after = {**self._states, **wanted}
        for rule, least in self._rules.items():
            on = [state for control, state in after.items() if _panel(control) == _panel(rule) and state == "On"]
            if len(on) < least and rule not in asked.get("SafetyRulesToOverride", ()):
                code = "ConflictException"
                raise Refusal(code, f"Violation in safety rule: {rule} requires {least} routing controls to be On")
        self._states = after
        return {}

    def _at(self, region: str) -> None:
        if region not in ENDPOINTS:
            code, message = "AccessDeniedException", f"Credential should be scoped to a region of the cluster: {region}"
            raise Refusal(code, message)

    def _known(self, control: str) -> str:
        if control not in self._states:
            code, message = "ResourceNotFoundException", f"Routing control not found: {control}"
            raise Refusal(code, message)
        return control


class FakePanels(Fake):
    """`route53-recovery-control-config`."""

    service = "route53-recovery-control-config"

    def list_tags_for_resource(self, region: str, **asked: Any) -> dict[str, Any]:
        """A panel's."""
        return {"Tags": dict(self._tags(region, asked["ResourceArn"]))}

    def tag_resource(self, region: str, **asked: Any) -> dict[str, Any]:
        """Set some."""
        self._tags(region, asked["ResourceArn"]).update(asked["Tags"])
        return {}

    @staticmethod
    def _tags(region: str, panel: str) -> dict[str, str]:
        if region != _CONTROL_PLANE or panel not in _panels:
            code, message = "ResourceNotFoundException", f"There is no {panel} in {region}"
            raise Refusal(code, message)
        return _panels[panel]


def _panel(arn: str) -> str:
    return arn.partition("/routingcontrol/")[0].partition("/safetyrule/")[0]
