"""The fence by SQL: who is shut out, and who could write all the same."""

from contextlib import closing

import psycopg
import pytest

from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import perform, refused
from tests.postgres_logical.world import AWAY, HOME, Twins


async def fence(twins: Twins, epoch: int = 7, **more: object) -> StepResult:
    """Where the writer is."""
    return await perform("fence.postgres_logical", twins.settings(HOME, **more), epoch=epoch, within=20)


async def test_writers_are_out_and_stay_out(twins: Twins) -> None:
    """An open session ends, a new one is refused; undone, they log in again, and only this decision can undo it."""
    with closing(psycopg.connect(twins.dsn(HOME, "app"))) as session:
        result = await fence(twins)
        assert (result.changed, result.proved) == (True, True)
        assert result.reason == "No writer can log in any more, and 1 sessions were ended."
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        await twins.write(HOME, "late")
    settings = twins.settings(HOME)
    assert not (await perform("fence.postgres_logical.undo", settings, epoch=8)).changed
    undone = await perform("fence.postgres_logical.undo", settings, epoch=7)
    assert undone.reason == f"{twins.name}_app can log in again."
    await twins.write(HOME, "again")


async def test_whoever_else_can_write_makes_it_no_proof(twins: Twins) -> None:
    """By a right of its own, on a column, by a role that it may take on without its rights, or as a member of all."""
    roles = {
        "own": "GRANT DELETE ON written TO {role}",
        "column": "GRANT UPDATE (word) ON written TO {role}",
        "takes": "ALTER ROLE {role} NOINHERIT; GRANT {app} TO {role}",
        "all": "GRANT pg_write_all_data TO {role}",
        "reads": "GRANT SELECT ON written TO {role}",
    }
    for name, right in roles.items():
        role = f"{twins.name}_{name}"
        await twins.ask(HOME, f"CREATE ROLE {role} LOGIN; {right.format(role=role, app=f'{twins.name}_app')}")
    able = [f"{twins.name}_{name}" for name in ("all", "column", "own", "takes")]
    checked = await perform("fence.postgres_logical.check", twins.settings(HOME))
    result = await fence(twins)
    assert (checked.proved, result.changed, result.proved) == (False, True, False)
    doubt = f"But {', '.join(able)} can log in and write all the same: name them as writers, or as admins."
    assert doubt in result.reason
    assert doubt in checked.reason
    assert (await fence(twins, admins=able)).proved
    names = ", ".join(f"{twins.name}_{name}" for name in roles)
    await twins.ask(HOME, f"DROP OWNED BY {names}; DROP ROLE {names}")


async def test_a_prepared_transaction_makes_it_no_proof(twins: Twins) -> None:
    """It outlives its session, and its commit would come behind the fence."""
    await twins.ask(HOME, "BEGIN; INSERT INTO written (word) VALUES ('p'); PREPARE TRANSACTION 'later'", "app")
    result = await fence(twins)
    assert (result.changed, result.proved) == (True, False)
    assert "prepared transactions wait there (later): commit them, or roll them back." in result.reason
    await twins.ask(HOME, "ROLLBACK PREPARED 'later'")
    assert (await fence(twins)).proved


async def test_silence_is_no_proof(twins: Twins, closed: int, mute: int) -> None:
    """Refusing or hanging: a person or a policy decides; to undo nothing is nothing."""
    for port in (closed, mute):
        settings = twins.settings(HOME, host="127.0.0.1", port=port, connect_timeout=0.4)
        result = await perform("fence.postgres_logical", settings, within=10)
        assert (result.changed, result.proved) == (False, False)
        assert result.reason.startswith("It could not be fenced in eu-west-1, and may still take writes.")
        undone = await perform("fence.postgres_logical.undo", settings, before=result.before)
        assert not undone.changed


async def test_a_late_decision_changes_nothing(twins: Twins) -> None:
    """Neither on the fence of a newer one, nor by undoing its own."""
    await fence(twins, epoch=8)
    settings = twins.settings(HOME)
    sentence = await refused("fence.postgres_logical", settings, ErrorType.STALE_EPOCH, epoch=7)
    assert "has kept decision 8 of book, and this is 7" in sentence
    await refused("fence.postgres_logical.undo", settings, ErrorType.STALE_EPOCH, epoch=7)


async def test_a_subscriber_needs_no_fence(twins: Twins) -> None:
    """Nobody can log in to write; the decision is kept there all the same."""
    result = await perform("fence.postgres_logical", twins.settings(AWAY))
    assert result.proved
    assert (await perform("fence.postgres_logical", twins.settings(AWAY))).changed is False


async def test_its_note_is_copied_to_nobody(twins: Twins) -> None:
    """Not even by a publication of all tables, where it would stop what is copied."""
    await twins.ask(AWAY, f"DROP SUBSCRIPTION {twins.name}")
    await twins.ask(HOME, f"DROP PUBLICATION {twins.name}; CREATE PUBLICATION {twins.name} FOR ALL TABLES")
    await twins.ask(AWAY, "TRUNCATE written, counted")
    await twins.subscribe()
    for region in (AWAY, HOME):
        await perform("fence.postgres_logical", twins.settings(region))
    await perform("fence.postgres_logical.undo", twins.settings(HOME))
    await twins.write(HOME, "second")
    await twins.copied(HOME, AWAY)
