"""How a PostgreSQL server is reached: what every kind of it says in each region."""

from typing import Literal

from runbooks.values import Model, Port, Seconds, SecretRef

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
"""https://www.postgresql.org/docs/current/libpq-ssl.html"""


class PostgresServer(Model):
    """A database of a PostgreSQL server, as an administrator reaches it."""

    host: str
    port: Port = 5432
    dbname: str = "postgres"
    user: str = "postgres"
    password: SecretRef | None = None
    connect_timeout: Seconds = 1.0
    sslmode: SslMode = "prefer"

    @property
    def where(self) -> str:
        """The server, for people."""
        return f"{self.host}:{self.port}"
