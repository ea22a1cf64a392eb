"""What two Valkey servers hold, compared key by key while both are in use.

`DUMP` is quick, and equal where the data are; where it differs the values are compared themselves.
"""

from collections.abc import AsyncIterator, Iterable, Sequence

from activities.clients.valkey import Answer, Server

Key = bytes
BATCH = 500

_READ = {
    b"string": (b"GET",),
    b"list": (b"LRANGE", 0, -1),
    b"hash": (b"HGETALL",),
    b"set": (b"SMEMBERS",),
    b"zset": (b"ZRANGE", 0, -1, b"WITHSCORES"),
    b"stream": (b"XRANGE", b"-", b"+"),
}
"""How each type is read, key first: two servers may keep the same hash or set in another order."""


async def databases(server: Server) -> tuple[int, ...]:
    """The numbers of the databases that hold anything. Raises StepError."""
    text = bytes(await server.ask("INFO", "keyspace")).decode()
    return tuple(int(line.partition(":")[0][2:]) for line in text.splitlines() if line.startswith("db"))


async def keys(server: Server) -> AsyncIterator[list[Key]]:
    """Every key of the connection's database, in batches; some may come twice. Raises StepError."""
    cursor: Answer = 0
    while True:
        cursor, found = await server.ask("SCAN", cursor, "COUNT", BATCH)
        yield list(found)
        if int(cursor) == 0:
            return


async def differing(left: Server, right: Server, names: Sequence[Key]) -> list[Key]:
    """The keys among these whose value, type or expiry differ now. Raises StepError."""
    here, there = await _dumps(left, names), await _dumps(right, names)
    suspects = [name for name, a, b in zip(names, here, there, strict=True) if a != b]
    if not suspects:
        return []
    told = zip(suspects, await values(left, suspects), await values(right, suspects), strict=True)
    return [name for name, a, b in told if a != b]


async def _dumps(server: Server, names: Sequence[Key]) -> list[tuple[Answer, Answer]]:
    answers = await server.ask_all([command for name in names for command in (("DUMP", name), ("PEXPIRETIME", name))])
    return list(zip(answers[::2], answers[1::2], strict=True))


async def values(server: Server, names: Sequence[Key]) -> list[tuple[Answer, ...]]:
    """Type, expiry and value of each, in an order that does not depend on the server. Raises StepError."""
    heads = await server.ask_all([command for name in names for command in (("TYPE", name), ("PEXPIRETIME", name))])
    types, expiries = heads[::2], heads[1::2]
    bodies = await server.try_all([_read(name, kind) for name, kind in zip(names, types, strict=True)])
    return [(kind, at, _ordered(kind, body)) for kind, at, body in zip(types, expiries, bodies, strict=True)]


def _read(name: Key, kind: bytes) -> tuple[bytes | int, ...]:
    command, *more = _READ.get(kind, (b"DUMP",))  # a module's own type, or none any more
    return (command, name, *more)


def _ordered(kind: bytes, body: Answer) -> Answer:
    if isinstance(body, Exception):
        return str(body)  # it changed its type meanwhile
    if kind == b"set":
        return sorted(body)
    if kind == b"hash":
        return sorted(_pairs(body))
    return body


def _pairs(flat: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)
