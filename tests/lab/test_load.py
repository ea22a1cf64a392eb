import asyncio
import base64
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import dns.asyncquery
import dns.rcode
import dns.update
import pytest

from lab.client import LoadConfig
from lab.dns_config import DnsConfig, DnsKey, DnsRecord
from lab.inference import InferenceConfig
from lab.journal import read_journal
from lab.load import Load
from lab.manager import running
from lab.outage import Report
from lab.resolver import CannotResolveError, Resolver
from lab.service_database import DatabaseConfig
from lab.stores import losses
from lab.topology import Lab, LabSpec
from tests.lab.machine import ask
from tests.lab.started import free_port, serving, stopped, until

EAST, WEST = "us-east-1", "eu-west-1"
NAME = "llm.lab.example."


@dataclass
class Dns:
    """A running name server."""

    config: DnsConfig

    @property
    def endpoint(self) -> str:
        """`host:port`."""
        return f"{self.config.address}:{self.config.port}"

    async def point(self, *addresses: str, ttl: int) -> None:
        """Let the public name lead to these addresses."""
        message = dns.update.UpdateMessage(self.config.zone, keyring=self.config.key.tsig_key())
        message.delete(NAME, "A")
        for address in addresses:
            message.add(NAME, ttl, "A", address)
        answer = await dns.asyncquery.udp(message, self.config.address, timeout=2, port=self.config.port)
        assert answer.rcode() == dns.rcode.NOERROR


@pytest.fixture
async def dns_server(tmp_path: Path) -> AsyncIterator[Dns]:
    """A name server that leads the public name to the east for 1 s."""
    secret = tmp_path / "tsig.key"
    secret.write_text(base64.b64encode(b"0123456789abcdef").decode())
    config = DnsConfig(
        address="127.0.0.1",
        port=free_port(),
        zone="lab.example.",
        records=(DnsRecord(name="llm", value="127.0.1.1", ttl=1),),
        key=DnsKey(name="key.", secret_file=secret),
        zone_file=tmp_path / "zone",
    )
    file = tmp_path / "dns.json"
    file.write_text(config.model_dump_json())
    async with serving("lab.dns_server", file):
        yield Dns(config)


@dataclass
class System:
    """Two regions with a database and a replica without a model each, behind one name."""

    lab: Lab
    dns: Dns
    folder: Path
    east: asyncio.subprocess.Process
    """The eastern replica."""

    def config(self) -> LoadConfig:
        """A client of this system."""
        return LoadConfig(
            name=NAME,
            port=self.lab.public_port,
            servers=(self.dns.endpoint,),
            journal=self.folder / "journal.jsonl",
            report=self.folder / "report.json",
            ask_every=0.1,
        )


@pytest.fixture
async def system(tmp_path: Path, dns_server: Dns) -> AsyncIterator[System]:
    """The whole system, serving from the east."""
    spec = LabSpec(home=tmp_path / "lab", parts=frozenset({"postgres"}), mode="synchronous")
    async with running(spec) as lab, AsyncExitStack() as stack:
        processes = []
        for region in lab.regions:
            config = InferenceConfig(
                region=region.name,
                address=region.address,
                port=lab.public_port,
                model=False,
                database=DatabaseConfig(
                    host=region.address, port=region.postgres_port, password_file=lab.secret("app.password")
                ),
            )
            file = tmp_path / f"{region.name}.json"
            file.write_text(config.model_dump_json())
            processes.append(await stack.enter_async_context(serving("lab.inference", file)))
        yield System(lab, dns_server, tmp_path, processes[0])


async def fail_over(system: System) -> float:
    """Kill the eastern replica, promote the west and move the name; the moment of the kill."""
    killed_at = time.time()
    await stopped(system.east, signal.SIGKILL)
    await ask(system.lab, WEST, "SELECT pg_promote()")
    await system.dns.point("127.0.2.1", ttl=1)
    return killed_at


async def test_the_report_tells_the_outage_that_the_client_saw(system: System) -> None:
    """Served by the east before the kill and by the west after it; every acknowledged write is in the new primary."""
    async with asyncio.timeout(40), Load(system.config()) as load:
        await load.until_good(after=time.time())
        killed_at = await fail_over(system)
        assert not load.report(killed_at).recovered
        await load.until_good(after=killed_at)
        seen = load.report(killed_at)
        assert seen.recovered
        assert (seen.regions_before, seen.regions_after) == ((EAST,), (WEST,))
        assert seen.seconds_without_service is not None
        assert 0 < seen.seconds_without_service < time.time() - killed_at + 1
        assert seen.acknowledged < seen.attempted
    assert seen.writes is not None
    told = await losses(system.lab, load.attempts, load.config.client, seen.writes.started_at)
    found = next(loss for loss in told if loss.store == f"vector-db.{WEST}")
    assert (found.acknowledged >= seen.acknowledged, found.missing) == (True, 0)


async def test_a_lost_write_is_found(system: System) -> None:
    """An acknowledged number that a database does not have is counted and named."""
    async with asyncio.timeout(40), Load(system.config()) as load:
        await load.until_good(after=time.time())
        await until(lambda: enough(load))
    await ask(system.lab, EAST, "DELETE FROM rows WHERE n IN (2, 4)")
    outage_at = load.attempts[-1].at
    (found,) = await losses(system.lab, load.attempts, load.config.client, outage_at)
    lost = sorted((a.at, a.n) for a in load.attempts if a.n in (2, 4))  # who began first may be acknowledged last
    assert (2, tuple(n for _, n in lost), outage_at - lost[0][0]) == (found.missing, found.numbers, found.seconds)


async def test_what_is_acknowledged_while_the_store_is_asked_is_not_lost(system: System) -> None:
    """Counted while the client goes on, a system that has lost nothing has lost nothing."""
    async with asyncio.timeout(40), Load(system.config()) as load:
        await until(lambda: enough(load))
        for _ in range(10):
            assert [found.missing for found in await losses(system.lab, load.attempts, load.config.client)] == [0]


async def enough(load: Load) -> bool:
    """Whether a few writes are acknowledged."""
    return load.report().acknowledged > 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
async def test_the_program_loses_nothing_however_it_ends(system: System, number: signal.Signals) -> None:
    """Stopped, it leaves a report; killed, it leaves a journal from which the same can be told."""
    config = system.config()
    file = system.folder / "load.json"
    file.write_text(config.model_dump_json())
    assert config.report is not None
    async with serving("lab.load", file) as process:
        await until(lambda: many_lines(config.journal))
        assert await stopped(process, number) == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    attempts = read_journal(config.journal)
    acknowledged = [a.n for a in attempts if a.kind == "write" and a.good]
    assert len(acknowledged) > 5
    assert [found.missing for found in await losses(system.lab, attempts, config.client)] == [0]
    if number == signal.SIGTERM:
        assert Report.model_validate_json(config.report.read_text()).acknowledged == len(acknowledged)
    else:
        assert not config.report.exists()


async def many_lines(journal: Path) -> bool:
    """Whether the journal has grown."""
    return len(read_journal(journal)) > 15


async def test_an_answer_is_kept_for_its_time_to_live(dns_server: Dns) -> None:
    """A moved name is seen when the old answer has expired, not before."""
    resolver = Resolver(NAME, [dns_server.endpoint])
    await dns_server.point("127.0.1.1", ttl=1)
    began = time.monotonic()
    assert await resolver.addresses() == ("127.0.1.1",)
    await dns_server.point("127.0.2.1", "127.0.3.1", ttl=0)

    async def moved() -> bool:
        return set(await resolver.addresses()) == {"127.0.2.1", "127.0.3.1"}

    await until(moved)
    assert time.monotonic() - began >= 1.0
    await dns_server.point("127.0.4.1", ttl=0)
    assert await resolver.addresses() == ("127.0.4.1",)


async def test_the_next_server_is_asked_when_one_is_silent(dns_server: Dns) -> None:
    """One dead name server of two costs time, not the answer; with none left the reason names each."""
    dead = f"127.0.0.1:{free_port()}"
    assert await Resolver(NAME, [dead, dns_server.endpoint]).addresses() == ("127.0.1.1",)
    with pytest.raises(CannotResolveError, match=dead):
        await Resolver(NAME, [dead]).addresses()
    with pytest.raises(CannotResolveError, match="NXDOMAIN"):
        await Resolver("nobody.lab.example.", [dns_server.endpoint]).addresses()
