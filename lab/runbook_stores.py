"""The data stores in the lab's runbook: a database, a cache and a queue, each with one writer that must move."""

from collections.abc import Iterable

from lab.topology import (
    ADMIN,
    CACHE,
    DATABASE,
    DBNAME,
    PROBE,
    QUEUE,
    QUEUE_ADMIN,
    STREAM,
    SUBJECTS,
    Lab,
)
from lab.yaml_text import quoted, secret_file


def stores(lab: Lab) -> Iterable[str]:
    """Each store that the lab has, as lines of YAML."""
    yield from _database(lab)
    yield ""
    if "cache" in lab.parts:
        yield from _cache(lab)
        yield ""
    if "queue" in lab.parts:
        yield from _queue(lab)
        yield ""


def _database(lab: Lab) -> Iterable[str]:
    yield f"{DATABASE}:  # PostgreSQL with pgvector: one primary, {lab.mode} standbys"
    yield "  kind: postgres"
    yield "  common:"
    yield f"    dbname: {DBNAME}"
    yield f"    user: {ADMIN}"
    yield f"    password: {secret_file(lab, f'{ADMIN}.password')}"
    yield "    connect_timeout: 1s"
    yield "    # Outside the regions: switches a server off that does not answer, and so proves the fence."
    yield from _power(lab)
    if "agents" in lab.parts:
        yield f"    agent_token: {secret_file(lab, 'database.token')}"
    if lab.mode == "synchronous":
        yield "    synchronous: true  # a commit waits for a standby, as soon as there is one"
    yield "  settings:"
    for region in lab.regions:
        where = f"host: {region.edge}, port: {region.postgres_port}"
        agent = f", agent: {quoted(region.database_agent)}" if "agents" in lab.parts else ""
        yield f"    {region.name}: {{{where}, application_name: {region.database}{agent}}}"
    if "agents" in lab.parts:
        yield "  backup:  # the agents take them; a restore test proves them"
        yield "    max_age: 24h"
        yield "    queries:"
        yield '      - {sql: "SELECT count(*) FROM passages", at_least: 1}'
        yield '      - {sql: "SELECT count(*) FROM rows", at_least: 0}'


def _cache(lab: Lab) -> Iterable[str]:
    yield f"{CACHE}:  # Valkey: one primary, asynchronous replicas; keeps answers, and a mark of each row"
    yield "  kind: valkey"
    yield "  common:"
    yield f"    password: {secret_file(lab, f'{CACHE}.password')}"
    yield "    connect_timeout: 1s"
    yield from _power(lab)
    yield "  settings:"
    for region in lab.regions:
        yield f"    {region.name}: {{host: {region.edge}, port: {region.cache_port}, name: {region.cache}}}"


def _queue(lab: Lab) -> Iterable[str]:
    yield f"{QUEUE}:  # NATS JetStream: one stream, mirrored in every other region; takes an event of each row"
    yield "  kind: nats"
    yield "  common:"
    yield f"    stream: {STREAM}"
    yield f"    subjects: [{', '.join(map(quoted, SUBJECTS))}]"
    yield f"    domains: [{', '.join(region.name for region in lab.regions)}]"
    yield f"    probe: {PROBE}"
    yield f"    user: {QUEUE_ADMIN}"
    yield f"    password: {secret_file(lab, f'{QUEUE_ADMIN}.password')}"
    yield "    connect_timeout: 1s"
    yield from _power(lab)
    yield "  settings:"
    for region in lab.regions:
        where = f"host: {region.edge}, port: {region.queue_port}, domain: {region.name}"
        yield f"    {region.name}: {{{where}, server: {region.queue}}}"


def _power(lab: Lab) -> Iterable[str]:
    yield f"    power: {lab.power}"
    yield f"    power_token: {secret_file(lab, 'power.token')}"
