import asyncio
import base64
import io
import os
import shutil
import signal
import socket
import struct
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import dns.asyncquery
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset
import dns.tsig
import dns.update
import pytest

from lab import bind, dns_server
from lab.dns_config import DnsConfig, DnsKey, DnsRecord, answers
from tests.lab.started import free_port, started, stopped, until

SECRET = b"0123456789abcdef0123456789abcdef"
ZONE = "lab.example."
NAME = "llm.lab.example."
EPOCH = "_evac.llm.lab.example."
UNPRIVILEGED = "nobody" if os.geteuid() == 0 else None


@dataclass
class Server:
    """A running server, and how a test talks to it."""

    config: DnsConfig
    process: asyncio.subprocess.Process

    async def ask(self, name: str, rdtype: str, *, tcp: bool = False) -> dns.message.Message:
        """The server's whole answer."""
        query = dns.message.make_query(name, rdtype)
        ask = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
        return await ask(query, self.config.address, timeout=2, port=self.config.port)

    async def values(self, name: str, rdtype: str) -> set[str]:
        """The texts of a record set."""
        return {rdata.to_text() for rrset in (await self.ask(name, rdtype)).answer for rdata in rrset}

    async def serial(self) -> int:
        """The zone's version."""
        return int((await self.ask(ZONE, "SOA")).answer[0][0].serial)

    async def send(self, message: dns.update.UpdateMessage) -> str:
        """The answer's code, by name."""
        answer = await dns.asyncquery.udp(message, self.config.address, timeout=2, port=self.config.port)
        return dns.rcode.to_text(answer.rcode())


def update(key: dns.tsig.Key | None = None) -> dns.update.UpdateMessage:
    """An empty update, signed with the server's key unless another is given."""
    return dns.update.UpdateMessage(ZONE, keyring=key or dns.tsig.Key("evac-lab.", SECRET, "hmac-sha256"))


def move(address: str, epoch: int, *, seen: str = "127.0.1.1", seen_epoch: int = 1) -> dns.update.UpdateMessage:
    """The cut-over that Evac sends: if the records are as seen, replace the address and the epoch together."""
    message = update()
    message.present(NAME, "A", seen)
    message.present(EPOCH, "TXT", f'"epoch={seen_epoch}"')
    message.replace(NAME, 5, "A", address)
    message.replace(EPOCH, 5, "TXT", f'"epoch={epoch}"')
    return message


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that an unprivileged server can reach; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="evac-dns-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def configuration(home: Path, records: tuple[DnsRecord, ...] = ()) -> DnsConfig:
    """A server on a free port."""
    secret = home / "tsig.key"
    secret.write_text(base64.b64encode(SECRET).decode())
    return DnsConfig(
        address="127.0.0.1",
        port=free_port(),
        zone=ZONE,
        records=(
            DnsRecord(name="llm", value="127.0.1.1"),
            DnsRecord(name="_evac.llm", type="TXT", value="epoch=1"),
            *records,
        ),
        key=DnsKey(name="evac-lab.", secret_file=secret),
        zone_file=home / "zone",
    )


@asynccontextmanager
async def running(kind: ModuleType, config: DnsConfig, home: Path) -> AsyncIterator[Server]:
    """The server of that kind, from when it answers."""
    user = UNPRIVILEGED if kind is bind else None
    async with started(kind.program(config, home, user)) as process:
        await until(lambda: answers(config))
        yield Server(config, process)


@pytest.fixture(params=[dns_server, bind], ids=["ours", "bind"])
def kind(request: pytest.FixtureRequest) -> ModuleType:
    """Both servers, by turns."""
    module: ModuleType = request.param
    if (reason := module.available()) is not None:
        pytest.skip(reason)
    return module


@pytest.fixture
async def server(kind: ModuleType, home: Path) -> AsyncIterator[Server]:
    """A server that leads the public name to 127.0.1.1."""
    async with running(kind, configuration(home), home) as one:
        yield one


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_every_address_is_answered(kind: ModuleType, home: Path, *, tcp: bool) -> None:
    """A name with several addresses is answered with all of them, with authority, over UDP and TCP."""
    config = configuration(home, (DnsRecord(name="llm", value="127.0.2.1"),))
    async with running(kind, config, home) as server:
        answer = await server.ask(NAME, "A", tcp=tcp)
    assert {rdata.to_text() for rdata in answer.answer[0]} == {"127.0.1.1", "127.0.2.1"}
    assert answer.answer[0].ttl == 5
    assert answer.flags & dns.flags.AA


@pytest.mark.parametrize(("name", "rcode"), [("nobody.lab.example.", "NXDOMAIN"), (NAME, "NOERROR")])
async def test_absence_is_answered_with_the_soa(server: Server, name: str, rcode: str) -> None:
    """A missing name and a missing type are told apart, and both answers carry the zone's SOA."""
    answer = await server.ask(name, "AAAA")
    assert (dns.rcode.to_text(answer.rcode()), answer.answer) == (rcode, [])
    assert answer.authority[0].rdtype == dns.rdatatype.SOA


async def test_a_name_above_others_exists(home: Path) -> None:
    """A name that has no records but names below it is no NXDOMAIN."""
    async with running(dns_server, configuration(home, (DnsRecord(name="a.b", value="127.0.0.9"),)), home) as server:
        assert (await server.ask("b.lab.example.", "A")).rcode() == dns.rcode.NOERROR


async def test_other_zones_are_refused(server: Server) -> None:
    """The server speaks for its own zone only."""
    assert (await server.ask("example.org.", "A")).rcode() == dns.rcode.REFUSED


async def test_a_signed_update_is_seen_at_once(server: Server) -> None:
    """After a signed update every question gets the new records, and the serial is higher."""
    serial = await server.serial()
    assert await server.send(move("127.0.2.1", epoch=2)) == "NOERROR"
    assert await server.values(NAME, "A") == {"127.0.2.1"}
    assert await server.values(EPOCH, "TXT") == {'"epoch=2"'}
    assert await server.serial() > serial


async def test_an_unsigned_update_is_refused(server: Server) -> None:
    """Without a signature nothing changes."""
    message = dns.update.UpdateMessage(ZONE)
    message.replace(NAME, 5, "A", "127.0.9.9")
    assert await server.send(message) == "REFUSED"
    assert await server.values(NAME, "A") == {"127.0.1.1"}


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (dns.tsig.Key("evac-lab.", b"wrong" * 7, "hmac-sha256"), dns.tsig.PeerBadSignature),
        (dns.tsig.Key("unknown.", SECRET, "hmac-sha256"), dns.tsig.PeerBadKey),
    ],
    ids=["wrong secret", "unknown key"],
)
async def test_a_badly_signed_update_is_refused(server: Server, key: dns.tsig.Key, error: type[Exception]) -> None:
    """A wrong secret and an unknown key are refused, each by its own name, and nothing changes."""
    message = update(key)
    message.replace(NAME, 5, "A", "127.0.9.9")
    with pytest.raises(error):
        await server.send(message)
    assert await server.values(NAME, "A") == {"127.0.1.1"}


async def test_an_old_signature_is_refused(server: Server) -> None:
    """An update signed an hour ago (recorded, and sent again) is refused with BADTIME."""
    message = update()
    message.replace(NAME, 5, "A", "127.0.9.9")
    assert message.tsig is not None
    tsig, key = message.tsig[0], message.keyring
    message.tsig, message.want_tsig_sign = None, False
    wire = message.to_wire()
    signed, _ = dns.tsig.sign(wire, key, tsig, int(time.time()) - 3600)
    record = io.BytesIO()
    dns.rrset.from_rdata("evac-lab.", 0, signed).to_wire(record)
    wire = wire[:10] + struct.pack("!H", 1) + wire[12:] + record.getvalue()
    loop = asyncio.get_running_loop()
    answer = await loop.run_in_executor(None, exchange, server.config, wire)
    parsed = dns.message.from_wire(answer, keyring=lambda _message, _name: False)
    assert (parsed.rcode(), parsed.tsig_error) == (dns.rcode.NOTAUTH, dns.rcode.BADTIME)
    assert await server.values(NAME, "A") == {"127.0.1.1"}


def exchange(config: DnsConfig, wire: bytes) -> bytes:
    """One raw message over TCP, and its answer."""
    with socket.create_connection((config.address, config.port), timeout=2) as connection:
        connection.sendall(struct.pack("!H", len(wire)) + wire)
        with connection.makefile("rb") as stream:
            (size,) = struct.unpack("!H", stream.read(2))
            return stream.read(size)


async def test_of_two_updates_at_once_one_wins(server: Server) -> None:
    """Ten cut-overs that all saw the same state: exactly one is made, and its address and epoch are there together."""
    codes = await asyncio.gather(*(server.send(move(f"127.0.2.{n}", epoch=n)) for n in range(2, 12)))
    assert sorted(codes) == ["NOERROR"] + ["NXRRSET"] * 9
    winner = codes.index("NOERROR") + 2
    assert await server.values(NAME, "A") == {f"127.0.2.{winner}"}
    assert await server.values(EPOCH, "TXT") == {f'"epoch={winner}"'}


async def test_an_update_is_made_whole_or_not_at_all(server: Server) -> None:
    """When the last of its prerequisites fails, nothing of an update is made."""
    assert await server.send(move("127.0.2.1", epoch=2, seen_epoch=7)) == "NXRRSET"
    assert await server.values(NAME, "A") == {"127.0.1.1"}
    assert await server.values(EPOCH, "TXT") == {'"epoch=1"'}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
async def test_a_restart_keeps_updates(kind: ModuleType, home: Path, number: int) -> None:
    """What was acknowledged is there after a stop, and after a kill."""
    config = configuration(home)
    async with running(kind, config, home) as server:
        assert await server.send(move("127.0.2.1", epoch=2)) == "NOERROR"
        serial = await server.serial()
        code = await stopped(server.process, number)
        assert code == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    async with running(kind, config, home) as server:
        assert await server.values(NAME, "A") == {"127.0.2.1"}
        assert await server.values(EPOCH, "TXT") == {'"epoch=2"'}
        assert await server.serial() == serial


async def test_an_answer_too_long_for_udp_is_asked_again_over_tcp(kind: ModuleType, home: Path) -> None:
    """A cut answer says so, and the whole one comes over TCP."""
    many = tuple(DnsRecord(name="many", value=f"127.1.{n}.1") for n in range(100))
    async with running(kind, configuration(home, many), home) as server:
        query = dns.message.make_query("many.lab.example.", "A")
        answer, used_tcp = await dns.asyncquery.udp_with_fallback(
            query, server.config.address, timeout=2, port=server.config.port
        )
    assert used_tcp
    assert len(answer.answer[0]) == 100


async def test_rubbish_does_not_stop_the_server(server: Server) -> None:
    """After messages that are none, the next question is answered."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=(server.config.address, server.config.port)
    )
    for rubbish in (b"", b"\x00", os.urandom(11), b"\xff" * 40, b"\x12\x34\x28\x00" + b"\x00\x01" * 4 + b"\xc0"):
        transport.sendto(rubbish)
    transport.close()
    assert await server.values(NAME, "A") == {"127.0.1.1"}


def odd_updates() -> Iterator[dns.update.UpdateMessage]:
    """Updates that try every rule of RFC 2136, good and bad ones."""
    steps = [
        lambda u: u.add("a", 60, "A", "127.0.0.1"),
        lambda u: u.add("a", 30, "A", "127.0.0.2"),
        lambda u: u.add("a", 30, "CNAME", "llm"),
        lambda u: u.add("c", 30, "CNAME", "llm"),
        lambda u: u.add("c", 40, "CNAME", "a"),
        lambda u: u.add("c", 30, "A", "127.0.0.3"),
        lambda u: (u.absent("c"), u.delete("c")),
        lambda u: (u.present("c"), u.delete("c")),
        lambda u: (u.absent("a", "A"), u.add("a", 5, "A", "127.0.0.9")),
        lambda u: (u.present("a", "TXT"), u.add("a", 5, "A", "127.0.0.9")),
        lambda u: (u.present("gone"), u.add("a", 5, "A", "127.0.0.9")),
        lambda u: (u.present("a", "A", "127.0.0.1"), u.add("a", 5, "A", "127.0.0.9")),
        lambda u: (u.present("a", "A", "127.0.0.2", "127.0.0.1"), u.add("a", 5, "TXT", "both")),
        lambda u: u.delete("a", "A", "127.0.0.1"),
        lambda u: u.delete("a", "A", "127.0.0.7"),
        lambda u: u.delete("a", "A", "127.0.0.2"),
        lambda u: u.delete("a"),
        lambda u: u.delete("never"),
        lambda u: u.delete("@"),
        lambda u: u.delete("@", "NS"),
        lambda u: u.delete("@", "SOA"),
        lambda u: u.add("out.example.org.", 5, "A", "127.0.0.1"),
        lambda u: (u.absent("out.example.org."), u.add("a", 5, "A", "127.0.0.1")),
        lambda u: (u.delete("llm", "A"), u.add("llm", 7, "A", "127.0.3.1")),
    ]
    for step in steps:
        message = update()
        step(message)
        yield message
    other = dns.update.UpdateMessage("example.org.", keyring=dns.tsig.Key("evac-lab.", SECRET, "hmac-sha256"))
    other.add("a", 5, "A", "127.0.0.1")
    yield other


async def test_ours_does_what_bind_does(home: Path) -> None:
    """After each of many odd updates our server has given the same code and the same records as BIND."""
    if (reason := bind.available()) is not None:
        pytest.skip(reason)
    folders = (home / "ours", home / "bind")
    for folder in folders:
        folder.mkdir()
    names = (ZONE, NAME, "a.lab.example.", "c.lab.example.", "never.lab.example.")
    async with (
        running(dns_server, configuration(folders[0]), folders[0]) as ours,
        running(bind, configuration(folders[1]), folders[1]) as other,
    ):
        for message in odd_updates():
            codes = [await server.send(message) for server in (ours, other)]
            assert codes[0] == codes[1], message
            for name in names:
                for rdtype in ("A", "TXT", "CNAME", "NS"):
                    seen = [await server.ask(name, rdtype) for server in (ours, other)]
                    assert seen[0].answer == seen[1].answer, message
                    assert [r.ttl for r in seen[0].answer] == [r.ttl for r in seen[1].answer], message
                    assert seen[0].rcode() == seen[1].rcode(), message
