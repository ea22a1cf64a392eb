"""docs/postgres-logical.md: its example is valid, and what it says to do by SQL is enough for a move."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lab.topology import ADMIN, Lab
from runbooks.load import loads
from tests.activities.calls import perform, secret
from tests.lab.started import until
from tests.postgres_logical.world import AWAY, HOME
from tests.runbooks.documents import spoilt

PAGE = (Path(__file__).parents[2] / "docs" / "postgres-logical.md").read_text()
GRANTS, PUBLISH, SUBSCRIBE = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
TABLES = """
CREATE ROLE app_owner; CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app_owner; SET ROLE app_owner;
CREATE TABLE orders (id serial PRIMARY KEY); CREATE TABLE lines (id int PRIMARY KEY REFERENCES orders);
GRANT INSERT ON orders, lines TO app
"""


def test_its_example_is_valid() -> None:
    """The resource, as it stands."""
    (block,) = re.findall(r"```yaml\n(resources:.*?)```", PAGE, re.DOTALL)
    book = loads(spoilt(("resources:\n", f"resources:\n{block.partition(chr(10))[2]}"))).runbook
    assert book.settings_of("orders", "eu-west-1")["subscription"] == "evac_euw1"


@pytest.fixture
def _orders(logical_servers: Lab) -> None:
    """Done as the page says."""
    lab = logical_servers
    grants = GRANTS.replace("'secret'", f"'{lab.password(ADMIN)}'")
    for region in (HOME, AWAY):
        with psycopg.connect(lab.dsn(region, dbname="postgres"), autocommit=True) as server:
            server.execute("CREATE DATABASE orders")
        with psycopg.connect(lab.dsn(region, dbname="orders"), autocommit=True) as server:
            server.execute(TABLES.encode())
            server.execute(b"RESET ROLE")
            server.execute(grants.encode())
    place = lab.region(HOME)
    way = f"host={place.address} port={place.postgres_port}"
    subscribe = SUBSCRIBE.replace("host=orders.abc.us-east-1.rds.amazonaws.com", way).replace("=require", "=disable")
    for region, script in ((HOME, PUBLISH), (AWAY, subscribe.replace("=secret", f"={lab.password(ADMIN)}"))):
        admin = psycopg.conninfo.make_conninfo(lab.dsn(region, dbname="orders"), user="evac")
        with psycopg.connect(admin, autocommit=True) as server:
            for statement in script.split(";"):
                server.execute(statement.encode())


def settings(lab: Lab, region: str, upstream: str | None = None) -> dict[str, Any]:
    """As the page's example has them."""
    place, password = lab.region(region), secret(lab, f"{ADMIN}.password")
    reached = {"host": place.address, "port": place.postgres_port, "dbname": "orders", "sslmode": "disable"}
    admin = {"user": "evac", "password": password, "writers": ["app"]}
    copier = {"replication_user": "evac_copier", "replication_password": password, "replication_sslmode": "disable"}
    name = {HOME: "evac_use1", AWAY: "evac_euw1"}[region]
    above = {"upstream": settings(lab, upstream)} if upstream else {}
    return {**reached, **admin, **copier, "subscription": name, **above}


@pytest.mark.usefixtures("_orders")
async def test_its_statements_are_enough(logical_servers: Lab) -> None:
    """The checks are content, and the database moves, with its former primary behind it."""
    lab = logical_servers

    async def streams() -> bool:
        seen = await perform("detect.postgres_logical", settings(lab, AWAY))
        return seen.reading is not None and bool(seen.reading.values.get("streaming"))

    await until(streams, within=60)
    for check in (
        await perform("fence.postgres_logical.check", settings(lab, HOME)),
        await perform("promote.postgres_logical.check", settings(lab, AWAY, HOME)),
    ):
        assert check.proved, check.reason
    assert (await perform("fence.postgres_logical", settings(lab, HOME))).proved
    await perform("promote.postgres_logical", settings(lab, AWAY, HOME), within=30)
    await perform("reseed.postgres_logical", settings(lab, HOME, AWAY), within=60)
    compared = await perform("compare.postgres_logical", settings(lab, HOME, AWAY), within=30)
    assert compared.proved, compared.reason
