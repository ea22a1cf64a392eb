"""AWS Health, which moto has not got: events that a test makes, listed as AWS lists them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.aws.fake import Fake, Refusal

_PLACES = ("us-east-1", "us-west-2")
_FILTERS = {
    "services": "service",
    "regions": "region",
    "eventStatusCodes": "statusCode",
    "eventTypeCategories": "eventTypeCategory",
}


class FakeHealth(Fake):
    """`describe_events`."""

    service = "health"

    def reset(self) -> None:
        """All is well, and the account has a plan of AWS Support."""
        self._events: list[dict[str, Any]] = []
        self._unpaid = False

    def told(self, what: Mapping[str, Any]) -> Any:
        """`event`: one more, of a service and region; `unpaid`: the account has no such plan."""
        self._unpaid = what.get("unpaid", self._unpaid)
        if "event" in what:
            usual = {"statusCode": "open", "eventTypeCategory": "issue", "eventScopeCode": "PUBLIC"}
            event = {**usual, "startTime": datetime(2026, 11, 29, 12, 3, tzinfo=UTC), **what["event"]}
            event["eventTypeCode"] = f"AWS_{event['service']}_OPERATIONAL_ISSUE"
            place = f"{event['region']}::event/{event['service']}/{event['eventTypeCode']}"
            self._events.append({**event, "arn": f"arn:aws:health:{place}/{len(self._events)}"})

    def describe_events(self, region: str, **given: Any) -> dict[str, Any]:
        """Only at its own two places."""
        if region not in _PLACES:
            code = "InvalidSignatureException"
            raise Refusal(code, "Credential should be scoped to a valid region.")
        if self._unpaid:
            code = "SubscriptionRequiredException"
            raise Refusal(code, "")
        wanted = given.get("filter", {})
        keys = {_FILTERS[name]: values for name, values in wanted.items()}
        return {"events": [one for one in self._events if all(one[key] in values for key, values in keys.items())]}
