"""A person's login, as the signed cookie keeps it: who, since when, and when last seen."""

import secrets
import time
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from runbooks.values import Model, UnixTime
from triggers.console.access import Visitor
from triggers.console.settings import ConsoleSettings, Oidc

_KEY = "login"
_COARSE = 60.0
"""A cookie is renewed so often at most."""
_LONGEST = 255


class Login(Model):
    """What the issuer said, and the times. The role is not in it: the server's file says it, each time."""

    id: str
    name: str
    subject: str
    issuer: str
    groups: tuple[str, ...] = ()
    since: UnixTime
    seen: UnixTime


class Logins:
    """The logins that count. One that was ended stays ended, whoever has kept its cookie."""

    def __init__(self, console: ConsoleSettings, clock: Callable[[], float] = time.time) -> None:
        self._console = console
        self._clock = clock
        self._ended: dict[str, float] = {}

    def begin(self, session: dict[str, Any], name: str, subject: str, groups: tuple[str, ...]) -> None:
        """A session of its own for this login: nothing that was in the browser before goes on."""
        assert self._console.oidc is not None
        session.clear()
        now = self._clock()
        login = Login(
            id=secrets.token_urlsafe(16),
            name=name,
            subject=subject,
            issuer=self._console.oidc.issuer,
            groups=groups,
            since=now,
            seen=now,
        )
        session[_KEY] = login.model_dump(mode="json")

    def end(self, session: dict[str, Any]) -> None:
        """Log out."""
        login = _login(session)
        now = self._clock()
        self._ended = {number: until for number, until in self._ended.items() if until > now}
        if login is not None:
            self._ended[login.id] = login.since + self._console.longest
        session.clear()

    def visitor(self, session: dict[str, Any]) -> Visitor | None:
        """Who is logged in, or None: nobody, or no more."""
        login, oidc = _login(session), self._console.oidc
        if login is None or oidc is None or login.issuer != oidc.issuer:
            return None
        now = self._clock()
        old = now - login.since >= self._console.longest or now - login.seen >= self._console.idle
        role = oidc.roles.role(login.subject, login.groups)
        if old or login.id in self._ended or role is None:
            session.clear()
            return None
        if now - login.seen >= _COARSE:
            session[_KEY] = login.model_copy(update={"seen": now}).model_dump(mode="json")
        proof = f"OIDC subject {login.subject} of {login.issuer}"
        return Visitor(name=login.name, proof=proof, groups=login.groups, role=role)


def claimed(oidc: Oidc, claims: dict[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """A person's name and groups by the token's claims; None: the name could be taken for something else."""
    subject = claims.get("sub")
    name = claims.get(oidc.name_claim) or subject
    if not (_plain(subject) and isinstance(name, str) and _plain(name)) or "-group:" in name:
        return None
    groups = claims.get(oidc.groups_claim)
    listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    return name, oidc.kept(tuple(group for group in listed if isinstance(group, str)))


def _plain(text: object) -> bool:
    """It can stand in a decision as it is."""
    return isinstance(text, str) and text.isprintable() and text == text.strip() and 0 < len(text) <= _LONGEST


def _login(session: dict[str, Any]) -> Login | None:
    try:
        return Login.model_validate(session.get(_KEY))
    except ValidationError:
        return None
