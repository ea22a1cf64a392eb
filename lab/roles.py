"""The lab's database on a fresh primary: its roles, and the database itself (`passages.py` fills it)."""

import psycopg
from psycopg import sql

from lab.topology import APP, DBNAME, REPLICATOR, Lab


async def create_roles(lab: Lab, region: str) -> None:
    """On a fresh primary: the service's and the standbys' roles."""
    dsn = lab.dsn(region, dbname="postgres")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        for role, right in ((APP, "LOGIN"), (REPLICATOR, "LOGIN REPLICATION")):
            # Hashed here, so that the password itself never travels in a statement that could be logged.
            hashed = connection.pgconn.encrypt_password(lab.password(role).encode(), role.encode(), b"scram-sha-256")
            create = sql.SQL("CREATE ROLE {} " + right + " PASSWORD {}")
            await connection.execute(create.format(sql.Identifier(role), sql.Literal(hashed.decode())))


async def create_database(lab: Lab, region: str) -> None:
    """On a fresh primary: the empty database."""
    dsn = lab.dsn(region, dbname="postgres")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DBNAME)))
