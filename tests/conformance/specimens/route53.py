"""Amazon Route 53 on moto, made strict by `FakeRecords` (tests/aws/fakes/route53.py), and with a name server."""

from contextlib import ExitStack
from typing import Any

from runbooks.steps import ErrorType
from tests.aws.names import Names, name_server
from tests.conformance.specimen import OnAws, Settings

OLD, NEW = "192.0.2.1", "192.0.2.2"


class _Route53(OnAws):
    names: Names

    async def stand(self) -> Settings:
        """A weighted name that leads to the region of old."""
        self.route53 = self.aws.client("route53")
        zone = self.route53.create_hosted_zone(Name=f"{self.name}.example.", CallerReference=self.name)["HostedZone"]
        self.zone, self.public = zone["Id"].rpartition("/")[2], f"api.{self.name}.example."
        for region, address, weight in ((self.here, OLD, 100), (self.there, NEW, 0)):
            self.change("CREATE", region, address, weight)
        self.stack = ExitStack()
        self.names = self.stack.enter_context(name_server(self.aws))
        return {
            "endpoint": self.aws.url,
            "zone_id": self.zone,
            "name": self.public.rstrip("."),
            "ttl": 60,
            "places": {self.here: {"to": [OLD]}, self.there: {"to": [NEW]}},
            "weights": {self.here: 0, self.there: 100},
            "before": [self.here],
            "weights_before": {self.here: 100, self.there: 0},
        }

    def change(self, action: str, region: str, address: str, weight: int) -> None:
        """By boto3, as anybody could."""
        record = {
            "Name": self.public,
            "Type": "A",
            "TTL": 60,
            "SetIdentifier": region,
            "Weight": weight,
            "ResourceRecords": [{"Value": address}],
        }
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        self.route53.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch=batch)

    async def effect(self) -> Any:
        """Every record of the name."""
        found = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return sorted(str(each) for each in found if each["Name"] == self.public)

    async def absent(self, settings: Settings) -> Settings:
        """Another zone."""
        return {**settings, "zone_id": "Z0000000NONE"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has led the region's record elsewhere."""
        self.change("UPSERT", self.here, "192.0.2.77", 100)
        return settings


class CutOverRoute53(_Route53):
    """From one region to the other."""

    uses = "cut_over.route53"


class DetectRoute53(_Route53):
    """A look at it."""

    uses = "detect.route53"


class VerifyRoute53(_Route53):
    """What its name servers say."""

    uses = "verify.route53"
    spoiled = ErrorType.NOT_YET

    async def stand(self) -> Settings:
        """It leads there already."""
        settings = await super().stand()
        self.change("UPSERT", self.here, OLD, 0)
        self.change("UPSERT", self.there, NEW, 100)
        return settings

    async def spoil(self, settings: Settings) -> Settings:
        """It was led back by hand."""
        self.change("UPSERT", self.here, OLD, 100)
        self.change("UPSERT", self.there, NEW, 0)
        return settings
