"""What passes on the way to a real server: which requests change something, and how the server turns one away.

Wire            what the ways of `bent.py` ask of a protocol
+-- Postgres    statements
+-- Valkey      commands
+-- Nats        subjects that are published to
+-- Http        methods and paths of an agent
"""

import asyncio
import json
import re
import struct
from abc import ABC, abstractmethod

_SSL_REQUEST, _GSS_REQUEST = 80877103, 80877104
_CHUNK = 65536


class Wire(ABC):
    """One connection, as its client writes it."""

    def __init__(self) -> None:
        self._left = b""

    def changes(self, data: bytes) -> list[str]:
        """The requests that came to their end with these bytes, and change something."""
        self._left += data
        found = []
        while (request := self._next()) is not None:
            if self._is_change(request):
                found.append(request)
        return found

    @abstractmethod
    def _next(self) -> str | None:
        """Take the next whole request off what is left; None while there is none."""

    @abstractmethod
    def _is_change(self, request: str) -> bool:
        """Whatever is not known to change nothing does."""

    @classmethod
    @abstractmethod
    async def turn_away(cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer as the server does when it has one client too many."""


class Postgres(Wire):
    """PostgreSQL's protocol, without encryption."""

    _begun = False
    _CHANGE = re.compile(
        r"\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|CREATE|DROP|ALTER|GRANT|REVOKE|COPY|DO|COMMENT|COMMIT)\b"
        r"|.*\bpg_(promote|reload_conf|terminate_backend|cancel_backend|rotate_logfile|wal_replay_pause|drop_replication_slot)\("
        r"|.*\bsetval\(",
        re.IGNORECASE | re.DOTALL,
    )

    def _next(self) -> str | None:
        start, kind = (1, self._left[:1]) if self._begun else (0, b"")
        if len(self._left) < start + 8 - start * 4:
            return None
        (size,) = struct.unpack_from("!i", self._left, start)
        if len(self._left) < start + size:
            return None
        body, self._left = self._left[start + 4 : start + size], self._left[start + size :]
        if not self._begun:
            self._begun = struct.unpack_from("!i", body)[0] not in (_SSL_REQUEST, _GSS_REQUEST)
        if kind == b"Q":
            return body.rstrip(b"\0").decode()
        return body.split(b"\0")[1].decode() if kind == b"P" else ""

    def _is_change(self, request: str) -> bool:
        return self._CHANGE.match(request) is not None

    @classmethod
    async def turn_away(cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """`sorry, too many clients already`."""
        begin = await reader.read(_CHUNK)
        if len(begin) >= 8 and struct.unpack_from("!i", begin, 4)[0] == _SSL_REQUEST:
            writer.write(b"N")
            await reader.read(_CHUNK)
        fields = b"SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0"
        writer.write(b"E" + struct.pack("!i", len(fields) + 4) + fields)


class Valkey(Wire):
    """RESP; what follows `PSYNC` is a replica's."""

    _READ = re.compile(
        r"(AUTH|HELLO|CLIENT|SELECT|PING|INFO|ROLE|ACL DRYRUN|CONFIG GET|REPLCONF|PSYNC|SCAN|TYPE|DUMP|PEXPIRETIME"
        r"|WATCH|MULTI|EXEC|GET|HMGET|LRANGE|HGETALL|SMEMBERS|ZRANGE|XRANGE)\b",
        re.IGNORECASE,
    )
    _HARMLESS = ("DEL evac:nothing-has-this-name", "SET evac:probe:")
    """A write that finds nothing, and what a verification writes."""

    def _next(self) -> str | None:
        lines = self._left.split(b"\r\n", 1)
        if len(lines) < 2:
            return None
        words, left = [], lines[1]
        for _ in range(int(lines[0][1:])):
            head, found, rest = left.partition(b"\r\n")
            size = int(head[1:] or 0)
            if not found or len(rest) < size + 2:
                return None
            words.append(rest[:size].decode(errors="replace"))
            left = rest[size + 2 :]
        self._left = left
        return " ".join(words)

    def _is_change(self, request: str) -> bool:
        return self._READ.match(request) is None and not request.startswith(self._HARMLESS)

    @classmethod
    async def turn_away(cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """`max number of clients reached`."""
        await reader.read(_CHUNK)
        writer.write(b"-ERR max number of clients reached\r\n")


class Nats(Wire):
    """NATS; a request is its subject, with its headers."""

    _READS = ("$JS.API.INFO", "$JS.API.STREAM.INFO.", "$JS.API.STREAM.MSG.GET.", "$JS.API.CONSUMER.", "$JS.ACK.")
    """A consumer that reads a stream for a comparison is gone again by itself."""

    def _next(self) -> str | None:
        line, ended, left = self._left.partition(b"\r\n")
        if not ended:
            return None
        words = line.decode().split()
        if words and words[0].upper() in ("PUB", "HPUB"):
            size = int(words[-1])
            if len(left) < size + 2:
                return None
            headers = left[: int(words[-2])].decode() if words[0].upper() == "HPUB" else ""
            self._left = left[size + 2 :]
            return f"{words[1]} {headers}"
        self._left = left
        return ""

    def _is_change(self, request: str) -> bool:
        subject, _, headers = request.partition(" ")
        probes = "Nats-Expected-Last-Sequence: 9223372036854775807" in headers or "Nats-Msg-Id: evac-" in headers
        looks = subject.startswith(self._READS) or (subject.startswith("$JS.") and ".API.STREAM.INFO." in subject)
        return bool(subject) and not looks and not probes

    @classmethod
    async def turn_away(cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """`maximum connections exceeded`."""
        said = {"server_id": "N", "version": "2.15.0", "proto": 1, "headers": True, "max_payload": 1 << 20}
        writer.write(f"INFO {json.dumps(said)}\r\n".encode())
        await reader.read(_CHUNK)
        writer.write(b"-ERR 'maximum connections exceeded'\r\n")


class Http(Wire):
    """HTTP/1.1 of the lab's agents. A copy aside (`/scratch`) is nothing that lasts."""

    _REQUEST = re.compile(rb"(?:^|\r\n|\})(GET|PUT|POST|DELETE) (/\S*) HTTP/1\.1\r\n")

    def _next(self) -> str | None:
        found = self._REQUEST.search(self._left)
        if found is None:
            return None
        self._left = self._left[found.end() :]
        return f"{found[1].decode()} {found[2].decode()}"

    def _is_change(self, request: str) -> bool:
        method, _, path = request.partition(" ")
        return method != "GET" and not path.startswith("/scratch")

    @classmethod
    async def turn_away(cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """503."""
        await reader.read(_CHUNK)
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
