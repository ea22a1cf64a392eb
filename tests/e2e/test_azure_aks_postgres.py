"""The shipped runbook for AKS, PostgreSQL and Front Door: out of a dead region and home again, on the fake of ARM."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from tests.azure.databases import server, stand_postgres, tell_lag, tell_unsent
from tests.azure.world import HERE, SUBSCRIPTION, THERE, AzureWorld
from tests.e2e.evac_cli import EvacCli, at_work
from tests.e2e.sites import Sites, sites
from tests.e2e.telling import telling

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library"
BOOK, DATABASE = "llm-azure", "llm-vectors"
ADDRESSES = {HERE: "127.0.0.14", THERE: "127.0.0.15"}
DOOR = "127.0.0.16"
_CLUSTER = "Microsoft.ContainerService/managedClusters"
_POOL = f"{_CLUSTER}/agentPools"
pytestmark = pytest.mark.timeout(300)


@dataclass
class Cloud:
    """Both regions, as the fake has them."""

    azure: AzureWorld
    text: str

    def sizes(self) -> dict[str, int]:
        """Of the GPU pools, by region."""
        paths = {region: self.azure.id_of(_POOL, "llm", "gpu", region=region) for region in ADDRESSES}
        return {region: self.azure.arm.resource(path)["properties"]["count"] for region, path in paths.items()}

    def roles(self) -> dict[str, str]:
        """Of the databases, by region."""
        return {region: server(self.azure, DATABASE, region)["properties"]["replicationRole"] for region in ADDRESSES}

    def origins(self) -> dict[str, str]:
        """Whether Front Door leads to each region."""
        found = {region: self.azure.arm.resource(_origin(region)) for region in ADDRESSES}
        return {region: one["properties"]["enabledState"] for region, one in found.items()}

    def tell(self, ago: float) -> None:
        """Azure Monitor hears that nothing is behind."""
        for region in ADDRESSES:
            tell_lag(self.azure, DATABASE, 0.0, region=region, ago=ago)
            tell_unsent(self.azure, DATABASE, 0.0, region=region, ago=ago)


def _origin(region: str) -> str:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/llm-global"
    return f"{group}/providers/Microsoft.Cdn/profiles/llm/originGroups/service/origins/{region}"


def stood(azure: AzureWorld, port: int) -> Cloud:
    """The system as its team has built it, and the shipped runbook with its names in it."""
    for region, count in ((HERE, 5), (THERE, 2)):
        azure.put(_CLUSTER, "llm", region=region)
        gpu = {"vmSize": "Standard_NC24ads_A100_v4", "mode": "User", "osType": "Linux"}
        azure.put(_POOL, "llm", "gpu", region=region, properties={**gpu, "count": count})
        spot = {**gpu, "count": 0, "scaleSetPriority": "Spot"}
        azure.put(_POOL, "llm", "gpuspot", region=region, properties=spot)
    stand_postgres(azure, DATABASE)
    _stand_door(azure)
    text = (LIBRARY / "azure-aks-postgres.yaml").read_text()
    nobody = "subscription: 00000000-0000-0000-0000-000000000000"
    text = text.replace(f"      {nobody}\n", f"      subscription: {SUBSCRIPTION}\n      endpoint: {azure.url}\n")
    for region, address in ADDRESSES.items():
        text = text.replace(f"site: {region}.llm.example.com", f"site: {address}")
    text = text.replace("https://{site}/", f"http://{{site}}:{port}/")
    text = text.replace("https://llm.example.com/", f"http://{DOOR}:{port}/")
    return Cloud(azure, text)


def _stand_door(azure: AzureWorld) -> None:
    azure.arm.groups["llm-global"] = "westus"
    sku = {"sku": {"name": "Premium_AzureFrontDoor"}, "location": "global"}
    group = _origin(HERE).partition("/origins/")[0]
    azure.arm.put(group.partition("/originGroups/")[0], dict(sku))
    azure.arm.put(group, {})
    for region, state in ((HERE, "Enabled"), (THERE, "Disabled")):
        properties = {"enabledState": state, "priority": 1, "weight": 1000, "hostName": ADDRESSES[region]}
        azure.arm.put(_origin(region), {"properties": {**properties, "deploymentStatus": "NotStarted"}})


@asynccontextmanager
async def edge(cloud: Cloud, port: int) -> AsyncIterator[None]:
    """Front Door's data plane: whoever comes is led to an origin that is enabled."""

    async def led(request: web.Request) -> web.Response:
        on = [region for region, state in cloud.origins().items() if state == "Enabled"]
        async with ClientSession() as session, session.get(f"http://{ADDRESSES[on[0]]}:{port}{request.path}") as answer:
            return web.Response(status=answer.status, body=await answer.read())

    app = web.Application()
    app.add_routes([web.get("/{anything:.*}", led)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, DOOR, port).start()
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def system(azure: AzureWorld, home: Path) -> AsyncIterator[tuple[Cloud, Sites, EvacCli]]:
    """Everything, well."""
    async with sites(ADDRESSES) as services:
        cloud = stood(azure, services.port)
        (home / "llm.yaml").write_text(cloud.text)
        async with edge(cloud, services.port), at_work(EvacCli(home), (HERE, THERE)) as evac:
            yield cloud, services, evac


async def test_out_of_a_dead_region_and_home_again(azure: AzureWorld, tmp_path: Path) -> None:
    """Azure's state, before and after each, is what the runbook promises; nothing is asked of our own code."""
    async with system(azure, tmp_path) as (cloud, services, evac):
        file = str(tmp_path / "llm.yaml")
        assert (cloud.sizes(), cloud.origins()) == ({HERE: 5, THERE: 2}, {HERE: "Enabled", THERE: "Disabled"})
        tell_lag(azure, DATABASE, 1.0, ago=100)
        await services.lose(HERE)
        azure.bend(f"@{HERE}", "refuse")
        command = ["failover", file, "--from", HERE, "--accept", "unproved-fence:vector-db"]
        out = await evac.decided(BOOK, command, "bob")
        azure.straighten()
        assert out["outcome"] == "recovered"
        assert (cloud.sizes(), cloud.origins()) == ({HERE: 5, THERE: 5}, {HERE: "Disabled", THERE: "Enabled"})
        assert cloud.roles() == {HERE: "GeoAsyncReplica", THERE: "Primary"}
        await services.start(HERE)
        cloud.tell(ago=100)
        with telling(lambda: cloud.tell(ago=-20)):
            back = await evac.decided(BOOK, ["failback", file], "bob", "dana")
        assert back["outcome"] == "completed"
        assert (cloud.sizes(), cloud.origins()) == ({HERE: 5, THERE: 2}, {HERE: "Enabled", THERE: "Disabled"})
        assert cloud.roles() == {HERE: "Primary", THERE: "GeoAsyncReplica"}
