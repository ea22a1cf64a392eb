"""What the name servers themselves say of a public name: the proof that needs no control plane."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, Protocol

import dns.rrset

from activities.clients.dns import lookup
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.observing import Sight
from runbooks.steps import ErrorType, StepResult

_EVERY = 0.25
"""Seconds between two questions to the same server."""


class Name(Protocol):
    """What is asked."""

    @property
    def name(self) -> str:
        """The name."""
        ...

    @property
    def type(self) -> str:
        """`A`, `AAAA` or `CNAME`."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds for one question."""
        ...


class Right(NamedTuple):
    """What is a right answer: nothing but `literal`, or any of `resolved`.

    The addresses of a cloud's resource change, and an answer holds some of them: one that is known is proof enough.
    """

    literal: frozenset[str]
    resolved: frozenset[str] = frozenset()


Expect = Callable[[str], Awaitable[Right]]
"""By the server that is asked. Raises StepError when it cannot be known."""


class Said(NamedTuple):
    """Which servers answer as they should, what the others answer, and why the silent ones are silent."""

    good: dict[str, str]
    wrong: dict[str, str]
    silent: dict[str, str]

    def all(self) -> dict[str, str]:
        """Every server's words."""
        return {**self.good, **self.wrong, **self.silent}


async def ask_servers(name: Name, servers: Iterable[str], expect: Expect) -> Said:
    """Ask each server once. Weighted answers differ from time to time: each must be right."""
    asked = tuple(servers)
    answers = await asyncio.gather(*(_ask(name, server, expect) for server in asked))
    said = Said({}, {}, {})
    for server, (answer, good) in zip(asked, answers, strict=True):
        (said.silent if good is None else said.good if good else said.wrong)[server] = answer
    return said


async def confirmed(
    job: Job[Any], result: StepResult, servers: Iterable[str], expect: Expect, *, share: float
) -> StepResult:
    """The same, when the name servers that can be asked say so too, within that share of the call's time.

    Raises StepError (not-yet) when they do not.
    """
    name: Name = job.settings
    asked = tuple(servers)
    said, good = await poll(
        lambda: ask_servers(name, asked, expect),
        lambda said: not said.wrong,
        every=_EVERY,
        within=job.allowed * share,
    )
    if not good:
        answers = "; ".join(f"{server}: {answer}" for server, answer in said.wrong.items())
        raise StepError(
            ErrorType.NOT_YET,
            f"The records of {name.name} are set, but not every name server says so ({answers}): it is looked at "
            "again.",
            dict(said.all()),
        )
    after = {**result.after, "servers": dict(said.all())}
    return result.model_copy(update={"reason": f"{result.reason} {_witnessed(said)}", "after": after})


async def witnessed(name: Name, servers: Iterable[str], serving: Iterable[str], expect: Expect) -> Sight:
    """What a verifier says: good when every one of the servers leads to those regions. Raises StepError."""
    asked, where = tuple(servers), " and ".join(serving)
    if not asked:
        reason = f"The zone of {name.name} has no name servers of its own (it is private): give `servers`."
        return Sight(good=False, reason=reason)
    said = await ask_servers(name, asked, expect)
    if not said.wrong and not said.silent:
        count = f"All {len(asked)} servers lead" if len(asked) > 1 else "The server leads"
        return Sight(good=True, reason=f"{count} {name.name} to {where}.", values=dict(said.all()))
    answers = "; ".join(f"{server}: {answer}" for server, answer in {**said.wrong, **said.silent}.items())
    reason = f"{name.name} should lead to {where}, but not every server says so. {answers}"
    return Sight(good=False, reason=reason if reason.endswith(".") else f"{reason}.", values=dict(said.all()))


def _witnessed(said: Said) -> str:
    if said.good:
        count = "name server says" if len(said.good) == 1 else "name servers say"
        return f"{len(said.good)} {count} so."
    return "None of its name servers could be asked from here."


async def _ask(name: Name, server: str, expect: Expect) -> tuple[str, bool | None]:
    try:
        found = values_of(name.type, await lookup(server, name.name, name.type, name.timeout))
        right = await expect(server)
    except StepError as error:
        return error.sentence, None
    good = bool(found) and (found <= right.literal or bool(found & right.resolved))
    return ", ".join(sorted(found)) or "nothing", good


def values_of(kind: str, found: dns.rrset.RRset | None) -> frozenset[str]:
    """What an answer says, as it is compared."""
    return frozenset(canonical_value(kind, str(record)) for record in found or ())


def canonical_name(name: str) -> str:
    """As names are compared: small letters, one dot at the end."""
    return f"{name.rstrip('.').lower()}."


def canonical_value(kind: str, value: str) -> str:
    """An address or a name, as it is compared."""
    if kind == "CNAME":
        return canonical_name(value)
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return value
