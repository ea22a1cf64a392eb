"""Settings of the steps that concern two databases of logical replication: where the step happens, and its upstream."""

from pydantic import Field

from runbooks.postgres_logical import PostgresLogicalSettings


def identity(settings: PostgresLogicalSettings) -> str:
    """The database, as notes know it."""
    return f"{settings.where}/{settings.dbname}"


class FollowerSettings(PostgresLogicalSettings):
    """A database, and the one that it follows, is compared with, or must have everything of."""

    upstream: PostgresLogicalSettings


class PromoteSettings(PostgresLogicalSettings):
    """In a planned procedure: the primary of which everything must be there."""

    upstream: PostgresLogicalSettings | None = None


class CatchUpSettings(FollowerSettings):
    """How near is near enough."""

    within_bytes: int = Field(default=0, ge=0)
    exact: bool = False
    """It must have applied all that the upstream had written when the step began: right for one that is fenced."""
