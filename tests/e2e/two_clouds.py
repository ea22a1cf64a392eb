"""One system in two clouds: EC2 on moto and a scale set on the fake of ARM, PostgreSQL in both, DNS in neither."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.postgres_servers import Servers
from lab.processes import Processes
from lab.topology import ADMIN, DATABASE
from tests.aws.balancers import stand_targets
from tests.aws.groups import group_of, stand_group
from tests.aws.world import HERE, World
from tests.azure.world import SUBSCRIPTION, THERE, AzureWorld
from tests.e2e.sites import Sites, sites
from tests.e2e.writer import Writer
from tests.e2e.zone import Zone, zone
from tests.postgres_logical.world import AWAY, HOME, Twins

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library"
ORIGIN, NAME = "llm.example.com.", "api.llm.example.com."
ADDRESSES = {HERE: "127.0.0.31", THERE: "127.0.0.32"}
_SHOWN = {HERE: ("use1.llm.example.com", "192.0.2.10"), THERE: ("weu.llm.example.com", "198.51.100.10")}
_HOSTS = {
    HERE: "llm-vectors.0123456789ab.us-east-1.rds.amazonaws.com",
    THERE: "llm-vectors.postgres.database.azure.com",
}
_SECRETS = ("EVAC_RDS_PASSWORD", "EVAC_FLEXIBLE_SERVER_PASSWORD", "EVAC_REPLICATION_PASSWORD")
_PLACES = {HERE: HOME, THERE: AWAY}
"""Where the databases' servers are, of each region."""
_SET = "Microsoft.Compute/virtualMachineScaleSets"
SETS = ("llm", "llm-h100", "llm-spot")


@dataclass
class Clouds:
    """Both, as they are asked around Evac."""

    aws: World
    azure: AzureWorld
    sql: Twins
    zone: Zone
    services: Sites
    text: str = ""

    def sizes(self) -> tuple[int, list[int]]:
        """Of the group on EC2, and of each scale set."""
        found = [self.azure.arm.resource(self.azure.id_of(_SET, name, region=THERE)) for name in SETS]
        return group_of(self.aws, "llm", HERE)["DesiredCapacity"], [one["sku"]["capacity"] for one in found]

    async def leads(self) -> str:
        """The region that the public name leads to."""
        (address,) = await self.zone.first.addresses(NAME)
        return {own: region for region, own in ADDRESSES.items()}[address]

    def writer(self) -> Writer:
        """A client of the public name, whose service in each region writes there."""
        return Writer(self.leads, lambda region: self.sql.dsn(_PLACES[region], "app"))

    async def rows(self, region: str) -> dict[int, str]:
        """Every row that the region's database has: its number, and what is in it."""
        return dict(await self.sql.ask(_PLACES[region], "SELECT id, word FROM written"))

    async def has_copied(self, source: str, target: str) -> bool:
        """All that is in one of them now is in the other one."""
        there = (await self.rows(source)).items()
        return there <= (await self.rows(target)).items()

    async def write_astray(self, region: str) -> str:
        """Somebody who asks no name writes in that region: what."""
        word = f"astray in {region}"
        await self.sql.ask(_PLACES[region], f"INSERT INTO written (word) VALUES ('{word}')", "app")
        return word

    async def lose(self) -> None:
        """The region of AWS, without a last word: its services, its database, and its API."""
        await self.services.lose(HERE)
        await asyncio.to_thread(Processes(self.sql.lab).kill, HOME, DATABASE)
        self.aws.bend(f"@{HERE}", "refuse")

    async def regain(self) -> None:
        """All of it is back, as it was."""
        self.aws.straighten()
        await self.restart()
        await self.services.start(HERE)

    async def restart(self) -> None:
        """The database is up; nothing on its disk says whether it may take writes."""
        servers, place = Servers(self.sql.lab), self.sql.lab.region(HOME)
        if not servers.up(place):
            await servers.start(place, fenced=True)


def _stand_groups(aws: World, azure: AzureWorld) -> str:
    """Five instances here; two there, of a size of which Azure has only four. The target group's ARN."""
    targets, _ = stand_targets(aws, "llm", 0, HERE)
    stand_group(aws, "llm", 5, HERE, MaxSize=5, TargetGroupARNs=[targets])
    for name, capacity, more in ((SETS[0], 2, {"room": 4}), (SETS[1], 0, {}), (SETS[2], 0, {})):
        sku = {"name": "Standard_NC24ads_A100_v4", "tier": "Standard", "capacity": capacity}
        priority = {"priority": "Spot"} if name == "llm-spot" else {}
        azure.put(_SET, name, region=THERE, sku=sku, properties={"virtualMachineProfile": priority}, **more)
    return targets


def _named(clouds: Clouds, targets: str) -> str:
    """The shipped runbook with this system's names in it."""
    text, port = (LIBRARY / "aws-to-azure.yaml").read_text(), clouds.services.port
    text = text.replace("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/llm/0123456789abcdef", targets)
    somebody = f"        subscription: {SUBSCRIPTION}\n        endpoint: {clouds.azure.url}\n"
    text = text.replace("        subscription: 00000000-0000-0000-0000-000000000000\n", somebody)
    for region, (site, address) in _SHOWN.items():
        text = text.replace(site, ADDRESSES[region]).replace(address, ADDRESSES[region])
    text = _of_database(text, clouds.sql)
    text = text.replace('"192.0.2.53:53", "198.51.100.53:53"', ", ".join(f'"{one}"' for one in clouds.zone.servers))
    key = clouds.zone.first.config.key
    text = text.replace("file:///etc/evac/tsig.key", f"file://{key.secret_file}")
    text = text.replace("key_name: evac.\n", f"key_name: {key.name}\n")
    text = text.replace("https://{site}/", f"http://{{site}}:{port}/")
    return text.replace("https://api.llm.example.com/", f"http://api.llm.example.com:{port}/")


def _of_database(text: str, sql: Twins) -> str:
    """On loopback there is no TLS, and a password has no environment of its own."""
    name = sql.name
    text = text.replace("dbname: llm\n", f"dbname: {name}\n      publication: {name}\n      subscription: {name}\n")
    text = text.replace("      user: evac ", f"      user: {name}_admin ").replace("[llm_app]", f"[{name}_app]")
    text = text.replace("replication_user: evac_copier", f"replication_user: {name}_copier")
    text = text.replace("      sslmode: require", "      replication_sslmode: disable\n      sslmode: disable")
    for region, host in _HOSTS.items():
        place = sql.lab.region(_PLACES[region])
        text = text.replace(f"host: {host}\n", f"host: {place.address}\n        port: {place.postgres_port}\n")
    for secret in _SECRETS:
        text = text.replace(f"env://{secret}", f"file://{sql.lab.secret(f'{ADMIN}.password')}")
    return text


@asynccontextmanager
async def clouds(aws: World, azure: AzureWorld, sql: Twins, home: Path) -> AsyncIterator[Clouds]:
    """The system as its team has built it."""
    async with sites(ADDRESSES) as services, zone(home, ORIGIN, NAME, ADDRESSES[HERE]) as names:
        made = Clouds(aws, azure, sql, names, services)
        made.text = _named(made, _stand_groups(aws, azure))
        try:
            yield made
        finally:
            await made.restart()  # other tests have databases there, too
