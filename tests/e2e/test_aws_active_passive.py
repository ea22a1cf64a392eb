"""The shipped runbook for EC2, RDS and Route 53: out of a dead region and home again, on moto, asked by boto3."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.aws.balancers import stand_targets
from tests.aws.databases import fenced_group, instance, stand_primary, stand_replica, tell_lag
from tests.aws.groups import group_of, stand_group
from tests.aws.names import Names, name_server
from tests.aws.world import ACCOUNT, HERE, THERE, World
from tests.e2e.evac_cli import EvacCli, at_work
from tests.e2e.sites import Sites, sites
from tests.e2e.telling import telling

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library"
BOOK, DATABASE, NAME = "llm-aws", "llm-vectors", "api.llm.example.com."
ADDRESSES = {HERE: "127.0.0.11", THERE: "127.0.0.12"}
BALANCERS = {HERE: "use1-alb.llm.example.com", THERE: "euw1-alb.llm.example.com"}
ALIASES = {HERE: "Z35SXDOTRQ7X7K", THERE: "Z32O12XQLNTSW2"}
pytestmark = pytest.mark.timeout(300)


@dataclass
class Cloud:
    """Both regions, as they are asked around Evac."""

    aws: World
    zone: str
    text: str

    def weights(self) -> dict[str, int]:
        """Of the public name's records, by region."""
        found = self.aws.client("route53").list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return {each["SetIdentifier"]: each["Weight"] for each in found if each["Name"] == NAME}

    def sizes(self) -> dict[str, int]:
        """Of the groups, by region."""
        return {region: group_of(self.aws, "llm", region)["DesiredCapacity"] for region in (HERE, THERE)}

    def source(self, region: str) -> str | None:
        """Whose replica the region's database is."""
        found: str | None = instance(self.aws, DATABASE, region).get("ReadReplicaSourceDBInstanceIdentifier")
        return found


def stood(aws: World, names: Names, port: int) -> Cloud:
    """The system as its team has built it, and the shipped runbook with its names in it."""
    text = (LIBRARY / "aws-active-passive.yaml").read_text()
    for region, size in ((HERE, 5), (THERE, 2)):
        targets, _ = stand_targets(aws, "llm", 0, region)
        stand_group(aws, "llm", size, region, MaxSize=5, TargetGroupARNs=[targets])
        shown = "0123456789abcdef" if region == HERE else "fedcba9876543210"
        text = text.replace(f"arn:aws:elasticloadbalancing:{region}:123456789012:targetgroup/llm/{shown}", targets)
        text = text.replace(f"sg-{shown}0" if region == HERE else f"sg-0{shown}", fenced_group(aws, region))
    stand_primary(aws, DATABASE)
    stand_replica(aws, DATABASE)
    zone = _zone(aws)
    text = text.replace("Z0123456789ABCDEFGHIJ", zone)
    for region, address in ADDRESSES.items():
        text = text.replace(BALANCERS[region].replace("-alb", ""), address)
        text = text.replace(BALANCERS[region], address)
    text = text.replace("https://{site}/", f"http://{{site}}:{port}/")
    text = text.replace("      ttl: 30\n", f'      ttl: 30\n      servers: ["{names.address}"]\n')
    public = "https://api.llm.example.com/healthz"
    text = text.replace(f'"{public}"\n', f'"http://api.llm.example.com:{port}/healthz"\n    resolve: public-name\n')
    return Cloud(aws, zone, text)


def _zone(aws: World) -> str:
    route53 = aws.client("route53")
    zone = route53.create_hosted_zone(Name="llm.example.com", CallerReference="it")["HostedZone"]["Id"].rpartition("/")[
        2
    ]
    records: list[dict[str, Any]] = []
    for region, weight in ((HERE, 100), (THERE, 0)):
        # Any resolver knows where an address leads; a load balancer's name would be known to AWS's alone.
        alias = {"HostedZoneId": ALIASES[region], "DNSName": ADDRESSES[region], "EvaluateTargetHealth": True}
        records.append({"Name": NAME, "Type": "A", "SetIdentifier": region, "Weight": weight, "AliasTarget": alias})
    changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return str(zone)


def tell(aws: World, ago: float = -60) -> None:
    """Replication keeps up, and CloudWatch hears of it, of a minute that has just begun."""
    for region in (HERE, THERE):
        tell_lag(aws, DATABASE, 0.0, region=region, ago=ago)


@asynccontextmanager
async def system(
    aws: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Cloud, Sites, EvacCli]]:
    """Everything, well."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    async with sites(ADDRESSES) as services:
        with name_server(aws) as names:
            cloud = stood(aws, names, services.port)
            (home / "llm.yaml").write_text(cloud.text)
            async with at_work(EvacCli(home), (HERE, THERE)) as evac:
                yield cloud, services, evac


async def test_out_of_a_dead_region_and_home_again(aws: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's state, before and after each, is what the runbook promises; nothing is asked of our own code."""
    async with system(aws, tmp_path, monkeypatch) as (cloud, services, evac):
        file = str(tmp_path / "llm.yaml")
        assert (cloud.weights(), cloud.sizes()) == ({HERE: 100, THERE: 0}, {HERE: 5, THERE: 2})
        tell_lag(aws, DATABASE, 1.0, ago=60)
        await services.lose(HERE)
        aws.bend(f"@{HERE}", "refuse")
        command = ["failover", file, "--from", HERE, "--accept", "unproved-fence:vector-db"]
        out = await evac.decided(BOOK, command, "bob")
        aws.straighten()
        assert out["outcome"] == "recovered"
        assert (cloud.weights(), cloud.sizes()) == ({HERE: 0, THERE: 100}, {HERE: 5, THERE: 5})
        assert cloud.source(THERE) is None
        await services.start(HERE)
        tell(aws, ago=30)
        with telling(lambda: tell(aws)):
            command = ["failback", file, "--accept", "two-writers:vector-db"]
            back = await evac.decided(BOOK, command, "bob", "dana")
        assert back["outcome"] == "completed"
        assert (cloud.weights(), cloud.sizes()) == ({HERE: 100, THERE: 0}, {HERE: 5, THERE: 2})
        assert (cloud.source(HERE), cloud.source(THERE)) == (None, f"arn:aws:rds:{HERE}:{ACCOUNT}:db:{DATABASE}")
