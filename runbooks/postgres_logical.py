"""The kind of resource whose tables are copied by SQL: PostgreSQL with logical replication, of any cloud or owner."""

from typing import Annotated

from pydantic import Field

from runbooks.kind import Kind
from runbooks.postgres_server import PostgresServer, SslMode
from runbooks.steps import Verb
from runbooks.values import Port, Seconds, SecretRef

SlotName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,63}$")]
"""What PostgreSQL takes as the name of a replication slot, too."""


class PostgresLogicalSettings(PostgresServer):
    """One database in one region: written here, or copied from another region by a subscription.

    Roles belong to the whole server: a writer must be a role that applications use for this database alone.
    """

    connect_timeout: Seconds = 2.0
    sslmode: SslMode = "require"
    writers: tuple[str, ...] = Field(min_length=1)
    """The roles that applications log in with: they may log in only where the writer is."""
    admins: tuple[str, ...] = ()
    """Roles of people that may write besides: the fence leaves them, and still is a proof."""
    publication: SlotName = "evac"
    """What this server offers while it is the primary: the tables that are copied."""
    subscription: SlotName = "evac"
    """By what this server follows the primary, and its slot there: with three regions or more, one name for each."""
    replication_user: str | None = None
    """Whom the other regions' servers log in as here, to follow it; as `user` where it is not set."""
    replication_password: SecretRef | None = None
    """Its password; with `replication_user` alone."""
    replication_host: str | None = None
    """Where the other regions' servers reach this one, if it is not `host`."""
    replication_port: Port | None = None
    """Besides, if it is not `port`."""
    replication_sslmode: SslMode = "require"
    """How they connect. A server of a cloud has no file to verify another one by."""
    not_copied: tuple[str, ...] = ()
    """Tables, as `schema.table`, that are left out on purpose: any other that is not copied is told."""
    sequence_margin: int = Field(default=1000, ge=0)
    """Sequences are not copied: a promotion sets each so many values beyond the last that a row has."""


KINDS: tuple[Kind, ...] = (
    Kind(
        "postgres_logical",
        frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.SALVAGE, Verb.RESEED, Verb.COMPARE}),
        PostgresLogicalSettings,
        identity=("host", "port"),
        name_of=("subscription",),
        undoes=frozenset({Verb.FENCE}),
    ),
)
