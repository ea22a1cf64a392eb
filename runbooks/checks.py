"""What 'healthy' means: the checks of a runbook. Each kind is a technology of the verbs `detect` and `verify`."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from runbooks.values import Model, Port, Seconds, SecretRef

Use = Literal["detect", "verify"]


class _Check(Model):
    """What every check has.

    `through` says which way the system is asked: `region` asks one region directly (the text may hold
    `{region}` and the region's own `vars`), `public` asks through the public name, after the cut-over.
    """

    name: str = ""
    through: Literal["region", "public"] = "region"
    use: tuple[Use, ...] = ("detect", "verify")
    timeout: Seconds = 2.0


class HttpCheck(_Check):
    """`GET url` must answer `status`, with `contains` somewhere in its body."""

    kind: Literal["http"]
    url: str
    status: int = 200
    contains: str | None = None
    resolve: str | None = None
    """A cut-over resource whose name servers resolve the URL's host (instead of the system's resolver)."""


class TcpCheck(_Check):
    """A TCP connection to `host:port` must open."""

    kind: Literal["tcp"]
    host: str
    port: Port | str


class PostgresCheck(_Check):
    """The named `kind: postgres` resource must accept a connection and answer a query."""

    kind: Literal["postgres"]
    resource: str


class SqlCheck(_Check):
    """A row must be written to the named database, committed, and read back (`verify` only)."""

    kind: Literal["sql"]
    resource: str
    use: tuple[Use, ...] = ("verify",)


class NatsCheck(_Check):
    """The named `kind: nats` resource must take a message and give it back (`verify`), or answer (`detect`)."""

    kind: Literal["nats"]
    resource: str
    use: tuple[Use, ...] = ("verify",)


class ValkeyCheck(_Check):
    """The named `kind: valkey` resource must answer (`detect`), and take a key and give it back (`verify`)."""

    kind: Literal["valkey"]
    resource: str
    use: tuple[Use, ...] = ("verify",)


class DnsCheck(_Check):
    """Every authoritative server of the named cut-over resource must give the new answer (`verify` only)."""

    kind: Literal["dns"]
    resource: str
    through: Literal["region", "public"] = "public"
    use: tuple[Use, ...] = ("verify",)


class InferenceCheck(_Check):
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


class AwsCheck(_Check):
    """What every check on AWS has: where, and as whom it is asked (`runbooks/aws/access.py`)."""

    aws_region: str = "{region}"
    """AWS's name of the region, when it has another one here: `{aws_region}` and a variable of the region, say."""
    role: str | None = None
    external_id: SecretRef | None = None
    profile: str | None = None
    endpoint: str | None = None
    """Where AWS is asked, in place of its public addresses."""
    expect: str
    samples: int = Field(default=1, ge=1, le=100)
    p95: Seconds = 5.0
    use: tuple[Use, ...] = ("verify",)


class SagemakerCheck(AwsCheck):
    """The SageMaker endpoint must answer `body` with `expect` in it; the slowest of `samples` within `p95`."""

    kind: Literal["sagemaker"]
    endpoint_name: str
    variant: str | None = None
    body: JsonValue
    """Sent as JSON: what the model's container takes, such as `{inputs: "2+2="}`."""


class BedrockCheck(AwsCheck):
    """The Bedrock model must answer the prompt with `expect` in it; the slowest of `samples` within `p95`."""

    kind: Literal["bedrock"]
    model: str
    """A model's id, an inference profile's, or an ARN. A profile over several regions says nothing of one of them."""
    prompt: str


Check = Annotated[
    HttpCheck
    | TcpCheck
    | PostgresCheck
    | SqlCheck
    | NatsCheck
    | ValkeyCheck
    | DnsCheck
    | InferenceCheck
    | SagemakerCheck
    | BedrockCheck,
    Field(discriminator="kind"),
]
