import asyncio
import time
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio

from lab.freezing import freeze
from lab.processes import Processes
from lab.regions import heal, kill
from lab.switches import Switches
from lab.topology import APP, DATABASE, Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, postgres, powered, refused, secret
from tests.lab.machine import ask, processes_of
from tests.lab.started import until

WRITE = "INSERT INTO written VALUES (1)"


@pytest_asyncio.fixture
async def target(calm_pair: Lab) -> AsyncIterator[Lab]:
    """A pair whose primary is alive and not fenced, and is so again for the next test."""
    yield calm_pair
    pgdata = calm_pair.pgdata(ACTIVE)
    await kill(calm_pair, ACTIVE)
    if (before := pgdata / "pg_hba.conf.before-evac").exists():
        before.replace(pgdata / "pg_hba.conf")
    (pgdata / "postgresql.auto.conf").write_text("")
    switches, name = Switches(calm_pair.home), calm_pair.region(ACTIVE).database
    switches.set(name, "on", switches.read(name).epoch)
    await heal(calm_pair, ACTIVE)
    await ask(calm_pair, ACTIVE, "DROP TABLE IF EXISTS written")
    await ask(calm_pair, ACTIVE, "DROP SCHEMA IF EXISTS evac CASCADE")


async def writer(lab: Lab, region: str = ACTIVE) -> psycopg.AsyncConnection:
    """The application's connection."""
    return await psycopg.AsyncConnection.connect(lab.dsn(region, APP), autocommit=True)


async def make_table(lab: Lab) -> None:
    """Something that the application may write to."""
    await ask(lab, ACTIVE, "CREATE TABLE written (n int); ")
    await ask(lab, ACTIVE, f"GRANT INSERT, SELECT ON written TO {APP}")


async def test_a_live_primary_takes_no_more_writes(target: Lab) -> None:
    """The application's session is ended, it cannot log in again, and nothing of it is lost or half done."""
    await make_table(target)
    session = await writer(target)
    await session.execute(WRITE)
    result = await perform("fence.postgres", postgres(target, ACTIVE))
    assert (result.changed, result.proved, result.after["epoch"]) == (True, True, EPOCH)
    with pytest.raises(psycopg.OperationalError, match="terminating connection"):
        await session.execute(WRITE)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        await writer(target)
    assert await ask(target, ACTIVE, "SELECT n FROM written") == [(1,)]
    await session.close()


async def test_writers_that_never_give_up_are_kept_out(target: Lab) -> None:
    """Clients that log in again at once, while the fence goes up, write nothing after it is proved."""
    await make_table(target)
    fenced = asyncio.Event()

    async def insist() -> int:
        late = 0
        while not fenced.is_set():
            try:
                async with await writer(target) as session:
                    for _ in range(3):
                        sure = fenced.is_set()
                        await session.execute(WRITE)
                        late += sure
            except psycopg.Error:
                await asyncio.sleep(0)
        return late

    writers = [asyncio.create_task(insist()) for _ in range(4)]
    result = await perform("fence.postgres", postgres(target, ACTIVE))
    rows = await ask(target, ACTIVE, "SELECT count(*) FROM written")
    fenced.set()
    assert sum(await asyncio.gather(*writers)) == 0
    assert result.proved
    assert await ask(target, ACTIVE, "SELECT count(*) FROM written") == rows


async def test_a_second_fence_changes_nothing(target: Lab) -> None:
    """It says that it is fenced already, and has read that from the server; the newer decision is kept there."""
    await perform("fence.postgres", postgres(target, ACTIVE))
    again = await perform("fence.postgres", postgres(target, ACTIVE), epoch=EPOCH + 1)
    assert (again.changed, again.proved) == (False, True)
    assert "fenced already" in again.reason
    assert again.after["direct"] == {**again.before["direct"], "kept": EPOCH + 1}


async def test_fences_at_once_agree(target: Lab) -> None:
    """Four at the same time all prove the fence, and exactly one of them put it up."""
    results = await asyncio.gather(*(perform("fence.postgres", postgres(target, ACTIVE)) for _ in range(4)))
    assert [result.proved for result in results] == [True] * 4
    assert sum(result.changed for result in results) == 1


async def test_the_fence_does_not_reach_the_standby(pair: Lab) -> None:
    """Promoted afterwards, the standby admits the application and takes its writes."""
    await make_table(pair)
    (position,) = (await ask(pair, ACTIVE, "SELECT pg_current_wal_lsn()"))[0]

    async def replayed() -> bool:
        return await ask(pair, STANDBY, f"SELECT pg_last_wal_replay_lsn() >= '{position}'") == [(True,)]

    await until(replayed)
    await perform("fence.postgres", postgres(pair, ACTIVE))
    await perform("promote.postgres", postgres(pair, STANDBY))
    async with await writer(pair, STANDBY) as session:
        await session.execute(WRITE)
    assert await ask(pair, STANDBY, "SELECT count(*) FROM written") == [(1,)]


async def test_the_fence_outlives_a_restart(target: Lab) -> None:
    """Killed and started again, the old primary still keeps the application out."""
    await perform("fence.postgres", postgres(target, ACTIVE))
    await kill(target, ACTIVE)
    await heal(target, ACTIVE)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        await writer(target)


async def test_the_file_before_is_kept_as_it_was(target: Lab) -> None:
    """A person can lift the fence with the file beside it, byte by byte the old one."""
    file = target.pgdata(ACTIVE) / "pg_hba.conf"
    before = file.read_text()
    await perform("fence.postgres", postgres(target, ACTIVE))
    assert file.with_name("pg_hba.conf.before-evac").read_text() == before
    assert file.read_text().startswith("# Fenced by Evac at ")


async def test_a_standby_is_left_alone(target: Lab) -> None:
    """There is nothing to fence on a server in recovery, even when its power could be switched off."""
    result = await perform("fence.postgres", powered(target, STANDBY))
    assert (result.changed, result.proved) == (False, True)
    assert Switches(target.home).read(f"vector-db.{STANDBY}").state == "on"


async def test_a_dead_server_is_switched_off(target: Lab) -> None:
    """A refused connection costs no waiting: the power controller bars the server from coming back."""
    await kill(target, ACTIVE)
    began = time.monotonic()
    result = await perform("fence.postgres", powered(target, ACTIVE))
    assert time.monotonic() - began < 4.0
    assert (result.changed, result.proved) == (True, True)
    again = await perform("fence.postgres", powered(target, ACTIVE))
    assert (again.changed, again.proved) == (False, True)
    (told,) = await heal(target, ACTIVE)
    assert f"switched off by the power controller (epoch {EPOCH})" in told


async def test_a_frozen_server_is_switched_off(target: Lab) -> None:
    """One that takes connections and says nothing is given up after `connect_timeout`, and killed."""
    server = Processes(target).find(ACTIVE, DATABASE)
    assert server is not None
    freeze([server])
    began = time.monotonic()
    result = await perform("fence.postgres", powered(target, ACTIVE, connect_timeout=0.3))
    assert time.monotonic() - began < 4.0
    assert (result.changed, result.proved) == (True, True)
    assert processes_of(target.pgdata(ACTIVE)) == []
    again = await perform("fence.postgres", powered(target, ACTIVE, connect_timeout=30))
    assert again.changed is False


async def test_a_stale_decision_does_not_switch_off(pair: Lab) -> None:
    """A run that has been overtaken is refused by the power controller."""
    await kill(pair, ACTIVE)
    Switches(pair.home).set(f"vector-db.{ACTIVE}", "on", EPOCH + 1)
    sentence = await refused("fence.postgres", powered(pair, ACTIVE), ErrorType.STALE_EPOCH)
    assert "out of date" in sentence


async def test_without_an_answer_and_without_power_nothing_is_proved(target: Lab) -> None:
    """The sentence says both, and a person or a policy decides."""
    await kill(target, ACTIVE)
    result = await perform("fence.postgres", postgres(target, ACTIVE))
    assert (result.changed, result.proved) == (False, False)
    assert "may still take writes. PostgreSQL at " in result.reason
    assert "No power controller is set" in result.reason


async def test_a_silent_power_controller_is_asked_again(target: Lab, closed: int) -> None:
    """A glitch is no lack of proof, which may have been accepted beforehand: it is an error that is tried again."""
    await kill(target, ACTIVE)
    settings = powered(target, ACTIVE) | {"power": f"http://127.0.0.1:{closed}"}
    sentence = await refused("fence.postgres", settings, ErrorType.UNREACHABLE)
    assert "may still take writes" in sentence


async def test_a_wrong_power_token_proves_nothing(target: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason says which token is refused, and not what it is."""
    monkeypatch.setenv("WRONG_TOKEN", "wrong-token-value")
    await kill(target, ACTIVE)
    result = await perform("fence.postgres", powered(target, ACTIVE) | {"power_token": "env://WRONG_TOKEN"})
    assert (result.changed, result.proved) == (False, False)
    assert "refuses the token" in result.reason
    assert "wrong-token-value" not in result.model_dump_json()


async def test_check_says_whether_it_could_be_fenced(target: Lab) -> None:
    """Ready while the primary answers; not ready when it is gone and nothing can switch it off."""
    ready = await perform("fence.postgres.check", postgres(target, ACTIVE))
    assert (ready.changed, ready.proved) == (False, True)
    await kill(target, ACTIVE)
    assert (await perform("fence.postgres.check", postgres(target, ACTIVE))).proved is False
    assert (await perform("fence.postgres.check", powered(target, ACTIVE))).proved is True


async def test_check_does_not_wait_for_a_host_that_hangs(target: Lab, mute: int) -> None:
    """When it can be switched off, that is enough to know."""
    settings = powered(target, ACTIVE, connect_timeout=30) | {"host": "127.0.0.1", "port": mute}
    began = time.monotonic()
    ready = await perform("fence.postgres.check", settings)
    assert time.monotonic() - began < 5.0
    assert (ready.proved, ready.reason) == (True, "It could be switched off.")


async def test_a_user_who_may_not_fence_needs_the_power(target: Lab) -> None:
    """Without it the check says what is missing; with it the server is switched off."""
    app = {"user": APP, "password": secret(target, f"{APP}.password")}
    unready = await perform("fence.postgres.check", postgres(target, ACTIVE) | app)
    assert (unready.proved, "no superuser" in unready.reason) == (False, True)
    await refused("fence.postgres", postgres(target, ACTIVE) | app, ErrorType.DENIED)
    assert (await perform("fence.postgres.check", powered(target, ACTIVE) | app)).proved is True
    result = await perform("fence.postgres", powered(target, ACTIVE) | app)
    assert (result.changed, result.proved) == (True, True)
    assert "It was switched off by its power controller. By SQL it failed" in result.reason


async def test_a_fence_by_sql_is_lifted_again(target: Lab) -> None:
    """An abort: the application writes as before, and its pg_hba.conf is byte by byte the old one; twice the same."""
    await make_table(target)
    file = target.pgdata(ACTIVE) / "pg_hba.conf"
    before = file.read_text()
    fenced = await perform("fence.postgres", postgres(target, ACTIVE))
    result = await perform("fence.postgres.undo", postgres(target, ACTIVE), before=fenced.before)
    assert (result.changed, result.proved) == (True, True)
    assert file.read_text() == before
    async with await writer(target) as session:
        await session.execute(WRITE)
    again = await perform("fence.postgres.undo", postgres(target, ACTIVE), before=fenced.before)
    assert (again.changed, again.reason) == (False, "It has no fence of this decision.")


async def test_a_newer_fence_is_not_lifted(target: Lab) -> None:
    """A run that has been overtaken leaves it."""
    await perform("fence.postgres", postgres(target, ACTIVE), epoch=EPOCH + 1)
    await refused("fence.postgres.undo", postgres(target, ACTIVE), ErrorType.STALE_EPOCH)


async def test_a_fence_by_power_is_lifted_again(pair: Lab) -> None:
    """The bar is taken away; without an agent nobody starts the server, which was down before as well."""
    await kill(pair, ACTIVE)
    fenced = await perform("fence.postgres", powered(pair, ACTIVE))
    result = await perform("fence.postgres.undo", powered(pair, ACTIVE), before=fenced.before)
    assert (result.changed, "it was switched on" in result.reason) == (True, True)
    (told,) = await heal(pair, ACTIVE)
    assert "is up again as primary" in told
    again = await perform("fence.postgres.undo", powered(pair, ACTIVE), before=fenced.before)
    assert again.changed is False


async def test_a_stale_decision_neither_fences_nor_switches_off(pair: Lab) -> None:
    """The database has kept a newer one: that is no silence, for which its power would be switched off."""
    await perform("promote.postgres", postgres(pair, ACTIVE), epoch=EPOCH + 1)
    await refused("fence.postgres", powered(pair, ACTIVE), ErrorType.STALE_EPOCH)
    assert Switches(pair.home).read(f"vector-db.{ACTIVE}").state == "on"
    assert not (pair.pgdata(ACTIVE) / "pg_hba.conf").read_text().startswith("# Fenced")
