"""Resource Health and Service Health: https://learn.microsoft.com/rest/api/resourcehealth."""

from datetime import UTC, datetime, timedelta

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve

_ACTIVE = "eventType eq 'ServiceIssue' and status eq 'Active'"


class ResourceHealth(Provider):
    """Every resource is available, as it was looked at a minute ago, until a test tells otherwise."""

    namespace = "Microsoft.ResourceHealth"
    versions = frozenset({"2025-05-01"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """All is well."""
        self.states: dict[str, Body] = {}
        """By resource id: properties of its availability that are not as usual."""
        self.events: list[Body] = []

    def tell(self, service: str, *places: str, kind: str = "ServiceIssue", status: str = "Active") -> None:
        """Something goes on in these regions, as people call them."""
        regions = [{"impactedRegion": place, "status": status, "updates": []} for place in places]
        properties = {
            "eventType": kind,
            "status": status,
            "title": f"{service} is hit",
            "impactStartTime": "2026-11-02T03:00:00Z",
            "impact": [{"impactedService": service, "impactedRegions": regions}],
        }
        number = len(self.events)
        at = f"/subscriptions/x/providers/Microsoft.ResourceHealth/events/E-{number}"
        self.events.append({"id": at, "name": f"E-{number}", "type": "/events", "properties": properties})

    def routes(self) -> dict[tuple[str, str], Serve]:
        """The state of one resource; the events of a subscription."""
        return {("GET", "availabilityStatuses/*"): self._status, ("GET", "events"): self._events}

    def _status(self, arm: Arm, asked: Asked) -> Answer:
        if asked.names != ("current",):
            raise Refusal(501, "NotInTheFake", asked.path)
        arm.must(asked, asked.scope)
        looked = (datetime.now(UTC) - timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
        usual = {"availabilityState": "Available", "reportedTime": looked, "reasonChronicity": "Persistent"}
        properties = {**usual, **self.states.get(asked.scope.lower(), {})}
        return Answer(200, {"id": asked.path, "name": "current", "properties": properties})

    def _events(self, arm: Arm, asked: Asked) -> Answer:
        del arm
        if asked.query.get("$filter") != _ACTIVE:
            raise Refusal(501, "NotInTheFake", f"events by {asked.query}")
        found = [
            one
            for one in self.events
            if (one["properties"]["eventType"], one["properties"]["status"]) == ("ServiceIssue", "Active")
        ]
        return Answer(200, {"value": found})
