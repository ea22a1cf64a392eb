"""A subscriber and its upstream, table by table."""

import asyncio

from runbooks.steps import StepResult
from tests.activities.calls import perform
from tests.postgres_logical.world import AWAY, HOME, Twins


async def compare(twins: Twins) -> StepResult:
    """AWAY, with HOME."""
    return await perform("compare.postgres_logical", twins.settings(AWAY, HOME), within=30)


async def test_equal_while_applications_write(twins: Twins) -> None:
    """Both are read at the same moment; the order of columns may be another one."""
    await twins.ask(AWAY, "ALTER TABLE counted DROP of_written, ADD of_written bigint, ADD mine text")
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} REFRESH PUBLICATION")
    await twins.ask(HOME, "DELETE FROM counted")

    async def write() -> None:
        for number in range(20):
            await twins.write(HOME, f"word {number}")

    writing = asyncio.create_task(write())
    compared = await compare(twins)
    await writing
    assert compared.proved, compared.reason
    assert "2 tables with" in compared.reason


async def test_what_differs_is_named(twins: Twins) -> None:
    """A row, a table that nobody copies, and a column without its sequence."""
    await twins.ask(AWAY, "UPDATE written SET word = 'other'; ALTER TABLE written ALTER id DROP IDENTITY")
    await twins.ask(HOME, "CREATE TABLE forgotten (n int PRIMARY KEY)")
    compared = await compare(twins)
    assert not compared.proved
    assert "in public.written: rebuild it before it is used." in compared.reason
    assert "Tables that are in no publication, and would be lost: public.forgotten." in compared.reason
    assert compared.reason.endswith("No sequence feeds public.written.id here, as on its upstream.")
    checked = await perform("compare.postgres_logical.check", twins.settings(AWAY, HOME))
    assert not checked.proved
