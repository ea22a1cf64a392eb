"""What 'healthy' means: the checks of a runbook. Each kind is a technology of the verbs `detect` and `verify`."""

from typing import Annotated, Literal

from pydantic import Field

from runbooks.aws.checks import AwsHealthCheck, BedrockCheck, CloudwatchCheck, SagemakerCheck, TargetGroupCheck
from runbooks.azure.checks import MonitorCheck, ResourceHealthCheck, ServiceHealthCheck
from runbooks.check_base import CheckBase, Use
from runbooks.values import Port, Seconds


class HttpCheck(CheckBase):
    """`GET url` must answer `status`, with `contains` somewhere in its body."""

    kind: Literal["http"]
    url: str
    status: int = 200
    contains: str | None = None
    resolve: str | None = None
    """A cut-over resource whose name servers resolve the URL's host (instead of the system's resolver)."""


class TcpCheck(CheckBase):
    """A TCP connection to `host:port` must open."""

    kind: Literal["tcp"]
    host: str
    port: Port | str


class PostgresCheck(CheckBase):
    """The named `kind: postgres` resource must accept a connection and answer a query."""

    kind: Literal["postgres"]
    resource: str


class SqlCheck(CheckBase):
    """A row must be written to the named database, committed, and read back (`verify` only)."""

    kind: Literal["sql"]
    resource: str
    use: tuple[Use, ...] = ("verify",)


class NatsCheck(CheckBase):
    """The named `kind: nats` resource must take a message and give it back (`verify`), or answer (`detect`)."""

    kind: Literal["nats"]
    resource: str
    use: tuple[Use, ...] = ("verify",)


class ValkeyCheck(CheckBase):
    """The named `kind: valkey` resource must answer (`detect`), and take a key and give it back (`verify`)."""

    kind: Literal["valkey"]
    resource: str
    use: tuple[Use, ...] = ("verify",)


class DnsCheck(CheckBase):
    """Every authoritative server of the named cut-over resource must give the new answer (`verify` only)."""

    kind: Literal["dns"]
    resource: str
    through: Literal["region", "public"] = "public"
    use: tuple[Use, ...] = ("verify",)


class InferenceCheck(CheckBase):
    """`POST url` with the prompt must answer with `expect` in it; the slowest of `samples` within `p95`."""

    kind: Literal["inference"]
    url: str
    prompt: str
    expect: str
    samples: int = Field(default=1, ge=1, le=100)
    p95: Seconds = 5.0
    use: tuple[Use, ...] = ("verify",)
    resolve: str | None = None
    """As in `http`."""


Check = Annotated[
    HttpCheck
    | TcpCheck
    | PostgresCheck
    | SqlCheck
    | NatsCheck
    | ValkeyCheck
    | DnsCheck
    | InferenceCheck
    | TargetGroupCheck
    | CloudwatchCheck
    | AwsHealthCheck
    | SagemakerCheck
    | BedrockCheck
    | MonitorCheck
    | ResourceHealthCheck
    | ServiceHealthCheck,
    Field(discriminator="kind"),
]
