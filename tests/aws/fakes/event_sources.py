"""Lambda's event source mappings, which take their time to be switched: moto switches them at once."""

import time
from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend


class FakeMappings(Fake):
    """Over moto's own mappings: `Enabling` and `Disabling` for a moment, in which no other order is taken."""

    service = "lambda"

    def reset(self) -> None:
        """A switch takes a fifth of a second."""
        self._takes = 0.2
        self._until: dict[str, float] = {}
        self._result: dict[str, str] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`takes`: seconds that a switch takes; `result`: how the last batch of a function's mappings went."""
        if not {"takes", "result"} & set(what):
            raise NotImplementedError(what)
        self._takes = what.get("takes", self._takes)
        self._result.update(what.get("result", {}))

    def list_event_source_mappings(self, region: str, FunctionName: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Of the function."""
        found = backend("lambda", region).list_event_source_mappings(None, FunctionName)
        return {"EventSourceMappings": [self._shown(one) for one in found]}

    def update_event_source_mapping(self, region: str, UUID: str, Enabled: bool) -> dict[str, Any]:  # noqa: FBT001, N803
        """Switch it, unless it is being switched."""
        mapping = backend("lambda", region).get_event_source_mapping(UUID)
        if mapping is None:
            code, message = "ResourceNotFoundException", "The resource you requested does not exist."
            raise Refusal(code, message)
        if self._under_way(UUID):
            code, message = "ResourceInUseException", "The event source mapping is being updated"
            raise Refusal(code, message)
        if mapping.enabled != Enabled:
            mapping.enabled = Enabled
            self._until[UUID] = time.monotonic() + self._takes
        return self._shown(mapping)

    def _under_way(self, uuid: str) -> bool:
        return time.monotonic() < self._until.get(uuid, 0.0)

    def _shown(self, mapping: Any) -> dict[str, Any]:
        states = ("Enabling", "Disabling") if self._under_way(mapping.uuid) else ("Enabled", "Disabled")
        return {
            "UUID": mapping.uuid,
            "EventSourceArn": mapping.event_source_arn,
            "EventSourceMappingArn": mapping.arn,
            "FunctionArn": mapping.function_arn,
            "State": states[0] if mapping.enabled else states[1],
            "LastProcessingResult": self._result.get(mapping.function_name, "No records processed"),
        }
