"""The shipped runbook for EKS, Aurora and Route 53: a region of three is lost, and comes home, on moto."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.aws.databases import fenced_group, member, stand_clusters, tell_cluster_lag
from tests.aws.names import Names, name_server
from tests.aws.nodegroups import stand_nodegroup
from tests.aws.world import HERE, THERE, THIRD, World
from tests.e2e.evac_cli import EvacCli, at_work
from tests.e2e.sites import Sites, sites
from tests.e2e.telling import telling
from tests.kubernetes.server import ApiServer
from tests.kubernetes.world import workload

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library"
BOOK, NAME = "embed-aws", "api.embed.example.com."
REGIONS = (HERE, THERE, THIRD)
ADDRESSES = {HERE: "127.0.0.21", THERE: "127.0.0.22", THIRD: "127.0.0.23"}
SHOWN = {HERE: "192.0.2.10", THERE: "198.51.100.10", THIRD: "203.0.113.10"}
SHARES, NODES, PODS = (50, 30, 20), (5, 3, 2), (10, 6, 4)
pytestmark = pytest.mark.timeout(300)


@dataclass
class Cloud:
    """All regions, as they are asked around Evac."""

    aws: World
    clusters: dict[str, ApiServer]
    zone: str
    text: str

    def weights(self) -> tuple[int, ...]:
        """Of the public name's records."""
        found = self.aws.client("route53").list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        known = {each["SetIdentifier"]: each["Weight"] for each in found if each["Name"] == NAME}
        return tuple(known[region] for region in REGIONS)

    def nodes(self) -> tuple[int, ...]:
        """That are wanted."""

        def wanted(region: str) -> int:
            answer = self.aws.client("eks", region).describe_nodegroup(clusterName="embed", nodegroupName="gpu")
            return int(answer["nodegroup"]["scalingConfig"]["desiredSize"])

        return tuple(wanted(region) for region in REGIONS)

    def pods(self) -> tuple[int, ...]:
        """That are wanted."""
        seen = (self.clusters[region].see("apps/v1", "deployments", "embedder") for region in REGIONS)
        return tuple(int(one["spec"]["replicas"]) for one in seen)

    def writers(self) -> tuple[str, ...]:
        """The regions whose cluster is the global one's writer."""
        return tuple(region for region in REGIONS if member(self.aws, "embed", region)["writes"])


def stood(aws: World, names: Names, port: int, clusters: dict[str, ApiServer]) -> Cloud:
    """The system as its team has built it, and the shipped runbook with its names in it."""
    text = (LIBRARY / "aws-active-active.yaml").read_text()
    stand_clusters(aws, "aurora", "embed", REGIONS)
    records: list[dict[str, Any]] = []
    for number, region in enumerate(REGIONS):
        stand_nodegroup(aws, region, "embed", NODES[number], 12)
        workload(clusters[region], "embedder", PODS[number])
        text = text.replace(f"sg-0123456789abcdef{number}", fenced_group(aws, region))
        text = text.replace(SHOWN[region], ADDRESSES[region])
        access = f"eks: {{aws_region: {region}, cluster: embed}}"
        text = text.replace(access, f"server: '{clusters[region].url}', token: env://KUBE_TOKEN")
        address = [{"Value": ADDRESSES[region]}]
        record = {"Name": NAME, "Type": "A", "TTL": 30, "ResourceRecords": address}
        records.append({**record, "SetIdentifier": region, "Weight": SHARES[number]})
    route53 = aws.client("route53")
    made = route53.create_hosted_zone(Name="embed.example.com", CallerReference="it")
    zone = made["HostedZone"]["Id"].rpartition("/")[2]
    changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    for region, domain in ((HERE, "use1"), (THERE, "euw1"), (THIRD, "apse2")):
        text = text.replace(f"{domain}.embed.example.com", ADDRESSES[region])
    text = text.replace("Z0123456789ABCDEFGHIJ", zone).replace("https://{domain}/", f"http://{{domain}}:{port}/")
    text = text.replace("      ttl: 30\n", f'      ttl: 30\n      servers: ["{names.address}"]\n')
    public = "https://api.embed.example.com/healthz"
    text = text.replace(f'"{public}"\n', f'"http://api.embed.example.com:{port}/healthz"\n    resolve: public-name\n')
    return Cloud(aws, clusters, zone, text)


@contextmanager
def kubernetes(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ApiServer]]:
    """A cluster in each region."""
    with ExitStack() as stack:
        made = {region: ApiServer() for region in REGIONS}
        for server in made.values():
            stack.callback(server.close)
        monkeypatch.setenv("KUBE_TOKEN", made[HERE].token)
        yield made


@asynccontextmanager
async def system(
    aws: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Cloud, Sites, EvacCli]]:
    """Everything, well."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    async with sites(ADDRESSES) as services:
        with name_server(aws) as names, kubernetes(monkeypatch) as clusters:
            cloud = stood(aws, names, services.port, clusters)
            (home / "embed.yaml").write_text(cloud.text)
            with telling(lambda: tell(aws)):
                async with at_work(EvacCli(home), REGIONS) as evac:
                    yield cloud, services, evac


def tell(aws: World) -> None:
    """Replication of all secondaries keeps up."""
    for region in REGIONS:
        tell_cluster_lag(aws, "aurora", "embed", 40.0, region=region, ago=0)


async def test_a_region_of_three_is_lost_and_comes_home(
    aws: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer's region dies: nobody is asked; then a person brings everything home. AWS is asked by boto3."""
    async with system(aws, tmp_path, monkeypatch) as (cloud, services, evac):
        file = str(tmp_path / "embed.yaml")
        assert (cloud.weights(), cloud.nodes(), cloud.pods()) == (SHARES, NODES, PODS)
        assert cloud.writers() == (HERE,)
        await services.lose(HERE)
        aws.bend(f"@{HERE}", "refuse")
        code, followed = await evac.run("failover", file, "--from", HERE, "--yes", "--timeout", "200s")
        aws.straighten()
        assert code == 0, followed
        assert cloud.weights() == (0, 60, 40)
        assert (cloud.nodes(), cloud.pods()) == ((5, 6, 4), (10, 12, 8))
        (writer,) = cloud.writers()
        assert writer in (THERE, THIRD)
        await services.start(HERE)
        back = await evac.decided(BOOK, ["failback", file, "--from", writer, "--to", HERE], "bob")
        assert back["outcome"] == "completed"
        assert (cloud.weights(), cloud.nodes(), cloud.pods()) == (SHARES, NODES, PODS)
        assert cloud.writers() == (HERE,)
