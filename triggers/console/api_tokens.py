"""API tokens of the console, in `$EVAC_HOME/console-tokens.json`: only their SHA-256, so that the file lets nobody in.

TokenError    a token cannot be made or found; the sentence says why
"""

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from runbooks.values import Model, UnixTime, is_slug
from triggers.alerts.keyring import same
from triggers.console.access import ConsoleRole, Visitor

_MARK = "evac_"
_COARSE = 3600.0
"""The last use is kept to the hour: nobody's habits are of interest."""


class TokenError(RuntimeError):
    """It cannot be made, or is not there."""


class ApiToken(Model):
    """One token: who it stands for, and for how long."""

    id: str
    name: str
    role: ConsoleRole
    digest: str
    made: UnixTime
    expires: UnixTime
    used: UnixTime | None = None
    revoked: UnixTime | None = None

    @property
    def visitor(self) -> Visitor:
        """Who comes with it."""
        return Visitor(name=self.name, proof=f"api token {self.id}", role=self.role)

    def why_not(self, now: float) -> str | None:
        """Why it does not count, or None."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if now >= self.expires else None


class _Kept(Model):
    tokens: tuple[ApiToken, ...] = ()


class ApiTokens:
    """The file. What the command line changes counts in a running server at once."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = home / "console-tokens.json"
        self._clock = clock

    def all(self) -> tuple[ApiToken, ...]:
        """Every token that was made, the revoked ones, too. Raises TokenError."""
        try:
            return _Kept.model_validate_json(self.path.read_bytes()).tokens
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            message = (
                f"{self.path} cannot be read ({type(error).__name__}): mend it, or move it away and make new tokens"
            )
            raise TokenError(message) from None

    def create(self, name: str, role: ConsoleRole, lasts: float) -> tuple[ApiToken, str]:
        """A new one, and its text, which is kept nowhere. Raises TokenError."""
        if not is_slug(name):
            message = f"a token's name is 1 to 64 lower-case letters, digits and inner hyphens, not `{name}`"
            raise TokenError(message)
        text = f"{_MARK}{secrets.token_urlsafe(32)}"
        digest, now = _digest(text), self._clock()
        made = ApiToken(id=digest[:8], name=name, role=role, digest=digest, made=now, expires=now + lasts)
        with self._changing() as before:
            if any(other.name == name and other.why_not(now) is None for other in before):
                message = f"there is a token {name} already: revoke it first, or choose another name"
                raise TokenError(message)
            self._write((*before, made))
        return made, text

    def revoke(self, which: str) -> ApiToken:
        """The token of that name or id counts no more. Raises TokenError."""
        now = self._clock()
        with self._changing() as before:
            found = [one for one in before if which in (one.name, one.id) and one.why_not(now) is None]
            if not found:
                message = f"there is no token {which} that counts: `evac console token list` shows all"
                raise TokenError(message)
            gone = found[0].model_copy(update={"revoked": now})
            self._write(tuple(gone if one.id == gone.id else one for one in before))
        return gone

    def use(self, text: str) -> ApiToken | None:
        """The token of that text, if it counts now. Raises TokenError."""
        digest, now = _digest(text), self._clock()
        found = [one for one in self.all() if same(one.digest, digest)]
        if not found or found[0].why_not(now) is not None:
            return None
        if found[0].used is None or now - found[0].used >= _COARSE:
            self._note(found[0].id, now - now % _COARSE)
        return found[0]

    def _note(self, number: str, used: float) -> None:
        with self._changing() as before:
            noted = (one.model_copy(update={"used": used}) if one.id == number else one for one in before)
            self._write(tuple(noted))

    @contextmanager
    def _changing(self) -> Iterator[tuple[ApiToken, ...]]:
        """Nobody else changes it meanwhile."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.all()
        finally:
            os.close(lock)

    def _write(self, tokens: tuple[ApiToken, ...]) -> None:
        draft = self.path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(_Kept(tokens=tokens).model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
