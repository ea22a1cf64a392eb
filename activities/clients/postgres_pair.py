"""Settings of the steps that concern two servers: the one where the step happens, and its upstream."""

from pydantic import Field

from runbooks.kinds import PostgresSettings


class FollowerSettings(PostgresSettings):
    """A server and the one that it follows, is compared with, or must have everything of."""

    upstream: PostgresSettings


class PromoteSettings(PostgresSettings):
    """In a planned procedure: the primary of which everything must be there."""

    upstream: PostgresSettings | None = None


class CatchUpSettings(FollowerSettings):
    """How near is near enough."""

    within_bytes: int = Field(default=0, ge=0)
    exact: bool = False
    """It must have replayed all that the upstream had written when the step began: right for one that is fenced."""
