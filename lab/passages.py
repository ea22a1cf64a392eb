"""What the lab's inference service knows: short true passages, and the tables of its database.

The schema is made and filled once, on the primary, by an administrator; replication carries it to the standbys.
"""

import psycopg
from psycopg import sql

from lab.embedding import DIMENSIONS, as_literal, embed

SCHEMA = f"""
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS passages (
  id integer PRIMARY KEY,
  text text NOT NULL,
  embedding vector({DIMENSIONS}) NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_nearest ON passages USING hnsw (embedding vector_cosine_ops);
CREATE TABLE IF NOT EXISTS rows (
  client text NOT NULL,
  n bigint NOT NULL,
  region text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (client, n)
);
"""

QUESTION = "What is the capital of France?"
ANSWER = "Paris"
"""A question that the model answers reliably at temperature 0."""

CODE_QUESTION = "What is the code word of the lab?"
CODE_ANSWER = "heron"
"""A question whose answer is nowhere but in the database: only retrieval can answer it."""

PASSAGES = (
    "Paris is the capital of France.",
    "The code word of the lab is heron.",
    "Rome is the capital of Italy.",
    "Tokyo is the capital of Japan.",
    "Evac gets an AI system out of a failing region and back again.",
    "A runbook declares regions, resources, objectives and policy; procedures are derived from it.",
    "A run of Evac is one Temporal workflow, so it goes on after its worker is killed.",
    "Fencing makes sure that the old primary can take no more writes.",
    "A standby database is promoted only after the old primary has been fenced.",
    "The epoch is issued with a decision; a call with a stale epoch is refused.",
    "The recovery time objective says how long a service may be away.",
    "The recovery point objective says how much acknowledged data may be lost.",
    "The plan of a failover is approved by its checksum, and nothing else runs.",
    "The point of no return is the first step that cannot be undone, normally the first promotion.",
    "The public name of the lab is moved to another region by a signed DNS update.",
    "TSIG signs DNS messages with a shared secret.",
    "pgvector keeps vectors in PostgreSQL and finds the nearest ones by cosine distance.",
    "With synchronous replication a commit waits until a standby has it on disk.",
    "Water boils at 100 degrees Celsius at sea level.",
    "The Moon goes round the Earth in about 27 days.",
)


async def seed_passages(dsn: str, service_role: str = "app") -> None:
    """Make the tables, fill in the passages, and let the service use them; run again it changes nothing.

    `dsn` Must lead to the primary, as a superuser (for the extension); the role Must exist.
    """
    role = sql.Identifier(service_role)
    async with await psycopg.AsyncConnection.connect(dsn) as connection, connection.cursor() as cursor:
        await cursor.execute(SCHEMA)
        await cursor.executemany(
            "INSERT INTO passages (id, text, embedding) VALUES (%s, %s, %s::vector) ON CONFLICT (id) DO NOTHING",
            [(number, text, as_literal(embed(text))) for number, text in enumerate(PASSAGES, start=1)],
        )
        await cursor.execute(sql.SQL("GRANT SELECT ON passages TO {}").format(role))
        await cursor.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE ON rows TO {}").format(role))
