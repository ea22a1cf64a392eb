"""A zone in Route 53 for tests: made, changed and read by boto3 alone, with a real name server beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.activities.calls import ACTIVE, STANDBY
from tests.aws.names import Names, name_server
from tests.aws.world import World

OLD, NEW, THIRD = "192.0.2.1", "192.0.2.2", "192.0.2.3"
PUBLIC = "api.example.com."


class Zone:
    """One zone, and its name server."""

    def __init__(self, aws: World, names: Names) -> None:
        self.aws, self.names, self.route53 = aws, names, aws.client("route53")
        made = self.route53.create_hosted_zone(Name="example.com", CallerReference="it")
        self.id = made["HostedZone"]["Id"].rpartition("/")[2]

    def change(self, *changes: dict[str, Any]) -> None:
        """A batch."""
        self.route53.change_resource_record_sets(HostedZoneId=self.id, ChangeBatch={"Changes": list(changes)})

    def weighted(self, **weights: int) -> None:
        """The name leads to `old`, `new` and `third` by these weights."""
        self.change(*(upsert(self.weight(word, weight)) for word, weight in weights.items()))

    def weight(self, word: str, weight: int) -> dict[str, Any]:
        """One of these records."""
        region, address = {"old": (ACTIVE, OLD), "new": (STANDBY, NEW), "third": ("ap-southeast-2", THIRD)}[word]
        return record(address, SetIdentifier=region, Weight=weight)

    def settings(self, **more: Any) -> dict[str, Any]:
        """From old to new, as a plan would say it."""
        return {
            "endpoint": self.aws.url,
            "zone_id": self.id,
            "name": "api.example.com",
            "places": {ACTIVE: {"to": [OLD]}, STANDBY: {"to": [NEW]}},
            "weights": {ACTIVE: 0, STANDBY: 100},
            "before": [ACTIVE],
            "weights_before": {ACTIVE: 100, STANDBY: 0},
            **more,
        }

    def sets(self, name: str = PUBLIC) -> list[dict[str, Any]]:
        """What is there, in words of Route 53's own."""
        found = self.route53.list_resource_record_sets(HostedZoneId=self.id)["ResourceRecordSets"]
        return [each for each in found if each["Name"] == name]

    def weights(self) -> dict[str, int]:
        """By address."""
        return {each["ResourceRecords"][0]["Value"]: each["Weight"] for each in self.sets()}

    def epoch(self) -> list[str]:
        """The note beside the name."""
        return [each["Value"] for one in self.sets(f"_evac.{PUBLIC}") for each in one["ResourceRecords"]]


@contextmanager
def zone_of(aws: World) -> Iterator[Zone]:
    """A zone with nothing in it."""
    with name_server(aws) as names:
        yield Zone(aws, names)


def record(*values: str, name: str = PUBLIC, kind: str = "A", **more: Any) -> dict[str, Any]:
    """A record set."""
    return {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": each} for each in values], **more}


def upsert(one: dict[str, Any]) -> dict[str, Any]:
    """A change that sets it."""
    return {"Action": "UPSERT", "ResourceRecordSet": one}
