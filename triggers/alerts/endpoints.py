"""How an alert endpoint is declared in the server's file: its source, its name, and how senders prove themselves."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from runbooks.alerts import AlertSource
from runbooks.values import Model, SecretRef, Slug


class Basic(Model):
    """HTTP basic authentication."""

    user: str
    password: SecretRef


class Header(Model):
    """A secret in a header of its own."""

    name: str
    secret: SecretRef


class Query(Model):
    """A secret in the address. The weakest way, since addresses are logged: for sources that know no other."""

    name: str = "auth_token"
    secret: SecretRef


class Hmac(Model):
    """A signature over the raw body (HMAC-SHA256, hex). Grafana and PagerDuty have a header of their own."""

    secret: SecretRef
    header: str = ""
    timestamp_header: str = ""
    """Where the sender puts the time that it signs with the body (`<time>:<body>`); older ones are refused then."""


class Sns(Model):
    """A signature of Amazon SNS, for these topics only. `sha1` also takes signatures of version 1."""

    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    sha1: bool = False


class Jwt(Model):
    """A signed token (OpenID Connect) in `Authorization: Bearer`.

    `claims` say whose token it must be: anyone at the issuer may ask for one for this audience.
    """

    issuer: str
    audience: str
    jwks: str
    """Where the issuer's public keys are, by https."""
    claims: Annotated[dict[str, str], Field(min_length=1)]


class Auth(Model):
    """Exactly one way."""

    bearer: SecretRef | None = None
    basic: Basic | None = None
    header: Header | None = None
    query: Query | None = None
    hmac: Hmac | None = None
    sns: Sns | None = None
    jwt: Jwt | None = None

    def ways(self) -> tuple[str, ...]:
        """The ways that are given."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)


def _shape(value: object) -> str:
    return "none" if isinstance(value, str) else "way"


AuthOrNone = Annotated[
    Annotated[Auth, Tag("way")] | Annotated[Literal["none"], Tag("none")],
    Discriminator(_shape),
]


class Mapping(Model):
    """Where the parts of an alert are in a JSON body: paths such as `$.rule.name`, `$.hosts[0]`, `$["a b"]`.

    `alerts` is the list of them, and the other paths are from each of its items; without it the body is one alert.
    """

    alerts: str = ""
    key: str
    status: str
    firing: Annotated[tuple[str, ...], Field(min_length=1)]
    resolved: tuple[str, ...] = ()
    """Any other value of `status` is neither: the alert is then `unknown`."""
    delivery: str = ""
    at: str = ""
    """A time in ISO 8601, or Unix time in seconds or milliseconds; without it, when the alert was received."""
    title: str = ""
    severity: str = ""
    region: str = ""
    url: str = ""
    labels: dict[str, str] = Field(default_factory=dict)

    def paths(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Every path, and where in the mapping it stands."""
        for name in ("alerts", "key", "status", "delivery", "at", "title", "severity", "region", "url"):
            if getattr(self, name):
                yield (name,), getattr(self, name)
        for label, text in self.labels.items():
            yield ("labels", label), text


class Endpoint(Model):
    """`POST /alerts/{source}/{name}`."""

    source: AlertSource
    name: Slug
    auth: AuthOrNone
    mapping: Mapping | None = None
    """For `generic` only: what the body means."""

    @property
    def path(self) -> str:
        """Where senders post to."""
        return f"/alerts/{self.source}/{self.name}"

    @property
    def open(self) -> bool:
        """Anyone who reaches it is believed."""
        return self.auth == "none"
