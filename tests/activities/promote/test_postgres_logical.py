"""A subscriber becomes the primary: with its former primary, and without."""

from contextlib import closing

import psycopg
import pytest
from temporalio.exceptions import ApplicationError

from runbooks.steps import FINAL_ERRORS, ErrorType
from tests.activities.calls import perform, refused
from tests.conformance.bent import Bend, Ways
from tests.conformance.wires import Postgres
from tests.postgres_logical.world import AWAY, HOME, Twins

LINES = (
    "COMMENT",
    "CREATE PUBLICATION",
    "DISABLE",
    "slot_name = NONE",
    "DROP SUBSCRIPTION",
    "COMMIT",
    "setval",
    "ALTER ROLE",
    "COMMIT",
)
"""What a promotion says, one by one: after each of these somebody may be killed."""


async def test_killed_after_any_line_the_next_attempt_goes_on(twins: Twins, bent_ways: Ways) -> None:
    """Nobody can write before all is done; then rows are drawn from sequences without a clash."""
    place = twins.lab.region(AWAY)
    way = bent_ways.to(place.address, place.postgres_port, Postgres)
    settings = twins.settings(AWAY, host="127.0.0.1", port=way.port)
    roles = []
    for line in LINES:
        way.bend(Bend("lose", line, 1))
        with pytest.raises(ApplicationError) as caught:
            await perform("promote.postgres_logical", settings, within=20)
        assert caught.value.type not in FINAL_ERRORS, caught.value.message
        seen = await perform("detect.postgres_logical", twins.settings(AWAY))
        assert seen.reading is not None
        roles.append(seen.reading.values["role"])
    assert roles == [*["standby"] * (len(LINES) - 1), "primary"]
    bent_ways.straighten()
    await perform("promote.postgres_logical", settings, within=20)
    assert (await perform("promote.postgres_logical", settings, within=20)).changed is False
    await twins.write(AWAY, "second")
    assert await twins.ask(AWAY, f"SELECT count(*) FROM pg_publication_tables WHERE pubname = '{twins.name}'") == [(2,)]


async def test_a_dead_source_is_not_asked(twins: Twins, bent_ways: Ways) -> None:
    """The subscription is dropped although its upstream hangs; the slot that is left there is said."""
    place = twins.lab.region(HOME)
    way = bent_ways.to(place.address, place.postgres_port, Postgres)
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} CONNECTION '{twins.way('127.0.0.1', way.port)}'", "admin")
    way.bend(Bend("hang"))
    promoted = await perform("promote.postgres_logical", twins.settings(AWAY), within=20)
    assert f"the slot {twins.name} is left at the former primary" in promoted.reason
    assert await twins.ask(AWAY, f"SELECT FROM pg_subscription WHERE subname = '{twins.name}'") == []
    await twins.write(AWAY, "second")


async def test_in_a_planned_move_the_source_must_be_fenced_and_empty(twins: Twins) -> None:
    """Writers can log in there, or it has what is not applied here: nothing is done."""
    settings = twins.settings(AWAY, HOME)
    sentence = await refused("promote.postgres_logical", settings, ErrorType.WRONG_STATE)
    assert "still takes writes: fence it before another one is promoted." in sentence
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} DISABLE")
    await twins.write(HOME, "more")
    await perform("fence.postgres_logical", twins.settings(HOME))
    sentence = await refused("promote.postgres_logical", settings, ErrorType.NOT_YET, within=1)
    assert sentence.endswith("It would be lost.")
    assert (await perform("detect.postgres_logical", twins.settings(AWAY))).reason == "Its subscription is disabled."


async def test_sequences_go_beyond_both_their_rows_and_their_former_values(twins: Twins) -> None:
    """Upwards and downwards, by the margin; one that is ahead is left."""
    await twins.ask(HOME, "SELECT setval('written_id_seq', 500), setval('down', -50)")
    await twins.ask(AWAY, "SELECT setval('down', -90001, false)")
    await perform("fence.postgres_logical", twins.settings(HOME))
    settings = twins.settings(AWAY, HOME, sequence_margin=100)
    promoted = await perform("promote.postgres_logical", settings, within=20)
    assert "1 sequences were set beyond what rows have" in promoted.reason
    query = "SELECT a.last_value, b.last_value FROM written_id_seq a, down b"
    assert await twins.ask(AWAY, query) == [(600, -90001)]


async def test_a_former_primary_is_not_promoted(twins: Twins) -> None:
    """Fenced, it follows nobody: what it lacks is unknown. Nor is one that two kinds of writers can reach."""
    await perform("fence.postgres_logical", twins.settings(HOME))
    sentence = await refused("promote.postgres_logical", twins.settings(HOME), ErrorType.WRONG_STATE)
    assert sentence.endswith("it is a former primary; reseed it.")
    await twins.ask(AWAY, f"ALTER ROLE {twins.name}_app LOGIN", "admin")
    sentence = await refused("promote.postgres_logical", twins.settings(AWAY), ErrorType.WRONG_STATE)
    assert f"and yet {twins.name}_app can log in and write: fence it, then reseed it." in sentence


async def test_what_is_missing_is_said_beforehand(twins: Twins) -> None:
    """A role, a right, a table that is copied from nowhere; with the upstream, what it has besides."""
    checked = await perform("promote.postgres_logical.check", twins.settings(AWAY))
    assert checked.proved, checked.reason
    await twins.ask(AWAY, "CREATE TABLE lonely (n int)")
    await twins.ask(HOME, "CREATE TABLE forgotten (n int)")
    await twins.ask(AWAY, f"REVOKE ADMIN OPTION FOR {twins.name}_app FROM {twins.name}_admin CASCADE")
    alone = await perform("promote.postgres_logical.check", twins.settings(AWAY))
    both = await perform("promote.postgres_logical.check", twins.settings(AWAY, HOME))
    await twins.ask(AWAY, f"GRANT {twins.name}_app TO {twins.name}_admin WITH ADMIN OPTION, INHERIT FALSE, SET FALSE")
    assert not alone.proved
    assert "Tables that are here, but copied from nowhere: public.lonely." in alone.reason
    assert f"has no ADMIN OPTION on {twins.name}_app" in alone.reason
    assert "Tables that are in no publication, and would be lost: public.forgotten." in both.reason
    nobody = twins.settings(AWAY, writers=["nobody_of_that_name"])
    sentence = await refused("promote.postgres_logical", nobody, ErrorType.WRONG_STATE)
    assert "has no role nobody_of_that_name" in sentence


async def test_a_publication_that_cannot_be_made_does_not_keep_it_from_writing(twins: Twins) -> None:
    """Somebody else owns a table: the region is saved, and the sentence says that nobody can follow."""
    await twins.ask(AWAY, "ALTER TABLE counted OWNER TO CURRENT_USER; GRANT SELECT ON counted TO PUBLIC")
    promoted = await perform("promote.postgres_logical", twins.settings(AWAY), within=20)
    assert f"its publication {twins.name} could not be made" in promoted.reason
    assert await twins.ask(AWAY, f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{twins.name}_app'") == [(True,)]


async def test_a_transaction_that_goes_on_does_not_keep_it_from_writing(twins: Twins) -> None:
    """A slot for the former primary would wait for its end: that one is copied anew instead."""
    with closing(psycopg.connect(twins.dsn(AWAY, "admin"))) as long:
        long.execute("SELECT pg_current_xact_id()")
        await perform("fence.postgres_logical", twins.settings(HOME))
        await perform("promote.postgres_logical", twins.settings(AWAY, HOME), within=30)
        await twins.write(AWAY, "second")
        long.rollback()
    done = await perform("reseed.postgres_logical", twins.settings(HOME, AWAY), within=60)
    assert done.reason.startswith("2 tables were emptied, and are copied anew.")
