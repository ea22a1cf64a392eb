"""A former primary follows its successor."""

from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from lab.topology import ADMIN
from runbooks.steps import FINAL_ERRORS, ErrorType
from tests.activities.calls import perform, refused
from tests.conformance.bent import Bend, Ways
from tests.conformance.wires import Postgres
from tests.postgres_logical.world import AWAY, HOME, Twins

LINES = ("TRUNCATE", "COMMENT", "COMMIT", "pg_drop_replication_slot", "CREATE SUBSCRIPTION")
"""What a reseed says, one by one: after each of these somebody may be killed."""


async def failed_over(twins: Twins) -> dict[str, Any]:
    """AWAY has taken over; the settings of a reseed of HOME."""
    await perform("fence.postgres_logical", twins.settings(HOME), epoch=5, within=20)
    await perform("promote.postgres_logical", twins.settings(AWAY), epoch=5, within=20)
    await twins.write(AWAY, "after")
    return twins.settings(HOME, AWAY)


async def test_killed_after_any_line_the_next_attempt_goes_on(twins: Twins, bent_ways: Ways) -> None:
    """In the end it has what its successor has, nobody can write there, and no slot is left that nobody reads."""
    settings = await failed_over(twins)
    place = twins.lab.region(HOME)
    way = bent_ways.to(place.address, place.postgres_port, Postgres)
    through = {**settings, "host": "127.0.0.1", "port": way.port}
    for line in LINES:
        way.bend(Bend("lose", line, 1))
        with pytest.raises(ApplicationError) as caught:
            await perform("reseed.postgres_logical", through, within=30)
        assert caught.value.type not in FINAL_ERRORS, caught.value.message
    bent_ways.straighten()
    done = await perform("reseed.postgres_logical", through, within=60)
    assert done.reason.endswith("with 2 tables.")
    assert await twins.words(HOME) == ["after", "first"]
    slots = f"SELECT slot_name::text FROM pg_replication_slots WHERE slot_name = '{twins.name}'"
    assert (await twins.ask(HOME, slots), await twins.ask(AWAY, slots)) == ([], [(twins.name,)])
    assert (await perform("reseed.postgres_logical", through, within=30)).changed is False


async def test_what_is_stuck_is_copied_anew(twins: Twins) -> None:
    """A subscriber with a row of its own, at which all that is copied stops."""
    await twins.ask(AWAY, "INSERT INTO written VALUES (2, 'mine')")
    await twins.write(HOME, "yours")
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} DISABLE")
    done = await perform("reseed.postgres_logical", twins.settings(AWAY, HOME), within=60)
    assert done.reason.startswith("2 tables were emptied, and are copied anew.")
    assert await twins.words(AWAY) == ["first", "yours"]


async def test_who_streams_is_left_as_it_is(twins: Twins) -> None:
    """Only the decision is kept."""
    before = await twins.ask(AWAY, "SELECT subname, oid FROM pg_subscription ORDER BY 1")
    done = await perform("reseed.postgres_logical", twins.settings(AWAY, HOME), within=30)
    assert done.reason.endswith("with 2 tables.")
    assert "emptied" not in done.reason
    assert await twins.ask(AWAY, "SELECT subname, oid FROM pg_subscription ORDER BY 1") == before


async def test_nothing_is_emptied_that_may_be_needed(twins: Twins) -> None:
    """Where writers can log in, where a column is missing, where the successor takes no writes or publishes nothing."""
    await refused("reseed.postgres_logical", twins.settings(HOME, AWAY), ErrorType.WRONG_STATE)
    settings = await failed_over(twins)
    await perform("fence.postgres_logical.undo", twins.settings(HOME), epoch=5)
    sentence = await refused("reseed.postgres_logical", settings, ErrorType.WRONG_STATE)
    assert f"({twins.name}_app): emptied, it would lose them. Fence it first." in sentence
    await perform("fence.postgres_logical", twins.settings(HOME), epoch=5)
    await twins.ask(HOME, "ALTER TABLE written DROP COLUMN word")
    sentence = await refused("reseed.postgres_logical", settings, ErrorType.WRONG_STATE)
    assert sentence.endswith("public.written lacks the columns word: what is copied stops there.")
    await twins.ask(HOME, "ALTER TABLE written ADD COLUMN word text")
    await twins.ask(AWAY, f"DROP PUBLICATION {twins.name}")
    sentence = await refused("reseed.postgres_logical", settings, ErrorType.WRONG_STATE)
    assert "publishes no table" in sentence
    assert await twins.ask(HOME, "SELECT count(*) FROM written") == [(1,)]


async def test_no_password_is_told(twins: Twins, tmp_path: Path) -> None:
    """Neither a right one nor a wrong one, whatever PostgreSQL says of it; killed there, the next attempt goes on."""
    settings = await failed_over(twins)
    (tmp_path / "wrong").write_text("a-wrong-password")
    above = {**settings["upstream"], "replication_password": f"file://{tmp_path / 'wrong'}"}
    with pytest.raises(ApplicationError) as caught:
        await perform("reseed.postgres_logical", {**settings, "upstream": above}, within=30)
    assert "password authentication failed" in caught.value.message
    said = f"{caught.value.message} {caught.value.details}"
    done = await perform("reseed.postgres_logical", settings, within=60)
    said += done.model_dump_json()
    assert [word for word in ("a-wrong-password", twins.lab.password(ADMIN)) if word in said] == []


async def test_a_late_decision_empties_nothing(twins: Twins) -> None:
    """Its successor has kept a newer one."""
    settings = await failed_over(twins)
    await refused("reseed.postgres_logical", settings, ErrorType.STALE_EPOCH, epoch=4)
    assert await twins.words(HOME) == ["first"]


async def test_an_empty_database_is_not_given_back_to_writers(twins: Twins, tmp_path: Path) -> None:
    """Stopped between the emptying and the copy: neither the undoing of its fence nor a promotion opens it."""
    await perform("fence.postgres_logical", twins.settings(HOME), epoch=7, within=20)
    await perform("promote.postgres_logical", twins.settings(AWAY), epoch=7, within=20)
    (tmp_path / "wrong").write_text("a-wrong-password")
    settings = twins.settings(HOME, AWAY)
    settings["upstream"]["replication_password"] = f"file://{tmp_path / 'wrong'}"
    with pytest.raises(ApplicationError):
        await perform("reseed.postgres_logical", settings, within=30)
    assert await twins.words(HOME) == []
    undone = await perform("fence.postgres_logical.undo", twins.settings(HOME), epoch=7)
    assert (undone.changed, undone.reason) == (False, "It has no fence of this decision.")
    await refused("promote.postgres_logical", twins.settings(HOME), ErrorType.WRONG_STATE, epoch=8)


async def test_after_a_planned_move_only_what_stayed_shut_goes_on_without_a_copy(twins: Twins) -> None:
    """Its writers were let in again, and shut out again by the same decision: what they wrote must not stay."""
    await perform("fence.postgres_logical", twins.settings(HOME), within=20)
    await perform("promote.postgres_logical", twins.settings(AWAY, HOME), within=20)
    await perform("fence.postgres_logical.undo", twins.settings(HOME))
    await twins.write(HOME, "stray")
    await perform("fence.postgres_logical", twins.settings(HOME), within=20)
    done = await perform("reseed.postgres_logical", twins.settings(HOME, AWAY), within=60)
    assert done.reason.startswith("2 tables were emptied, and are copied anew.")
    assert await twins.words(HOME) == ["first"]
