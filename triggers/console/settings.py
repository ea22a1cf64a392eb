"""Who may enter the console: the section `console:` of the server's file (`evac serve`)."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from runbooks.values import Model, Seconds, SecretRef
from triggers.console.access import ConsoleRole

GROUP = "oidc-group:"
"""What stands before a group's name, here and in a runbook's `roles:`; anything else is a subject."""


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        message = "give the address in people's browsers, such as https://evac.example.com, without a path"
        raise ValueError(message)
    return f"{parts.scheme}://{parts.netloc.lower()}"


class Roles(Model):
    """Who is what in the console: subjects, or `oidc-group:<group>`. The highest role of a person counts."""

    viewer: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    approver: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()

    def members(self, role: ConsoleRole) -> tuple[str, ...]:
        """Who is named for that role."""
        members: tuple[str, ...] = getattr(self, role.name.lower())
        return members

    def role(self, subject: str, groups: tuple[str, ...]) -> ConsoleRole | None:
        """What that person is here, or None: nobody."""
        names = {*(group for group in groups if group.startswith(GROUP))}
        if not subject.startswith(GROUP):
            names.add(subject)
        return max((role for role in ConsoleRole if names & set(self.members(role))), default=None)


class Oidc(Model):
    """The issuer that people log in at (OpenID Connect, code flow with PKCE)."""

    issuer: str
    """Its name, exactly as its tokens say it; `/.well-known/openid-configuration` is below it."""
    client_id: str
    client_secret: SecretRef | None = None
    """None: a public client; PKCE proves that the code is ours in either case."""
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "preferred_username"
    """What people are called in decisions; the subject where a token lacks it. People must not be able to choose it."""
    groups_claim: str = "groups"
    groups: tuple[str, ...] = ()
    """Groups that runbooks name in `roles:` (as `oidc-group:<group>`), beyond those of `roles` here."""
    roles: Roles = Field(default_factory=Roles)

    def kept(self, groups: tuple[str, ...]) -> tuple[str, ...]:
        """Those of a person's groups that count anywhere, as `oidc-group:<group>`."""
        named = {f"{GROUP}{group}" for group in self.groups}
        named.update(*(self.roles.members(role) for role in ConsoleRole))
        return tuple(sorted({f"{GROUP}{group}" for group in groups} & named))


class ConsoleSettings(Model):
    """Without `oidc` and `tokens` the console is for the people of this machine only."""

    address: Annotated[str, AfterValidator(_origin)] | None = None
    """Where browsers find it, such as https://evac.example.com; needed where others than this machine reach it."""
    oidc: Oidc | None = None
    tokens: bool = False
    """API tokens (`evac console token create`) let scripts in."""
    idle: Annotated[Seconds, Field(ge=60)] = 3600.0
    """A login ends after so long without a page."""
    longest: Annotated[Seconds, Field(ge=60)] = 12 * 3600.0
    """A login ends after so long in any case."""

    @property
    def open(self) -> bool:
        """Nobody has to prove who they are: for loopback only."""
        return self.oidc is None and not self.tokens

    @property
    def secure(self) -> bool:
        """Browsers reach it by https."""
        return self.address is not None and self.address.startswith("https:")
