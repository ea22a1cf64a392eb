import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from activities.clients.nats import connected
from activities.clients.nats_stream import read_stream
from activities.secrets import Secrets
from lab import language_model
from lab.inference import InferenceConfig
from lab.journal import Attempt
from lab.manager import running
from lab.passages import ANSWER, CODE_ANSWER, CODE_QUESTION, PASSAGES, QUESTION, seed_passages
from lab.postgres import Databases
from lab.processes import Processes
from lab.queue import Queues
from lab.regions import heal
from lab.service_cache import CacheConfig
from lab.service_database import DatabaseConfig
from lab.service_queue import QueueConfig
from lab.stores import losses
from lab.topology import CACHE, DATABASE, QUEUE, QUEUE_APP, Lab, LabSpec, Part
from tests.activities.publishing import linked
from tests.lab.machine import ask
from tests.lab.started import free_port, serving, stopped, until

EAST, WEST = "us-east-1", "eu-west-1"
NO_MODEL = language_model.available()


@dataclass
class Replica:
    """A running replica, and how a test talks to it."""

    url: str
    session: aiohttp.ClientSession
    process: asyncio.subprocess.Process

    async def health(self) -> tuple[int, Any]:
        """The status and JSON of /healthz."""
        async with self.session.get(f"{self.url}/healthz") as response:
            return response.status, await response.json()

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        """The status and JSON of a POST."""
        async with self.session.post(f"{self.url}{path}", json=body) as response:
            return response.status, await response.json()

    async def chat(self, question: str) -> str:
        """The answer's text."""
        status, body = await self.post("/v1/chat/completions", {"messages": [{"role": "user", "content": question}]})
        assert status == 200, body
        return str(body["choices"][0]["message"]["content"])

    async def write(self, n: int) -> tuple[int, Any]:
        """Write a row."""
        return await self.post("/rows", {"client": "test", "n": n})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """Two databases for the tests that leave them as they are."""
    home = tmp_path_factory.mktemp("inference") / "lab"
    async with running(LabSpec(home=home, parts=frozenset({"postgres"}))) as lab:
        yield lab


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Lab]:
    """Two databases of the test's own, without waiting for the standby."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"postgres"}), mode="asynchronous")) as lab:
        yield lab


def beside(lab: Lab, region: str) -> dict[str, Any]:
    """The cache and the queue of the region, for `replica`."""
    place = lab.region(region)
    cache, queue = lab.secret(f"{CACHE}.password"), lab.secret(f"{QUEUE_APP}.password")
    where = {"host": place.address, "port": place.queue_port, "domain": region}
    return {
        "cache": CacheConfig(host=place.address, port=place.cache_port, password_file=cache),
        "queue": QueueConfig.model_validate({**where, "user": QUEUE_APP, "password_file": queue}),
    }


@asynccontextmanager
async def replica(
    lab: Lab, folder: Path, region: str = EAST, *, work_timeout: float = 1.0, **more: Any
) -> AsyncIterator[Replica]:
    """A replica of the region's service, without a model unless it is told so."""
    place = lab.region(region)
    database = DatabaseConfig(
        host=place.address,
        port=place.postgres_port,
        password_file=lab.secret("app.password"),
        work_timeout=work_timeout,
    )
    where = {"region": region, "address": "127.0.0.1", "port": free_port()}
    config = InferenceConfig.model_validate({**where, "model": False, "database": database, **more})
    file = folder / f"{region}.json"
    file.write_text(config.model_dump_json())
    connector = aiohttp.TCPConnector(force_close=True)
    async with serving("lab.inference", file) as process, aiohttp.ClientSession(connector=connector) as session:
        yield Replica(f"http://127.0.0.1:{config.port}", session, process)


@pytest.mark.skipif(NO_MODEL is not None, reason=str(NO_MODEL))
async def test_the_model_answers_from_what_was_retrieved(shared: Lab, tmp_path: Path) -> None:
    """The real model answers a question of general knowledge, and one whose answer only the database holds."""
    async with replica(shared, tmp_path, model=True) as one:
        assert (await one.health())[1] == {"region": EAST, "database": "primary", "model": True}
        assert ANSWER in await one.chat(QUESTION)
        assert CODE_ANSWER in await one.chat(CODE_QUESTION)
        # The same question again after the passage has changed: the answer was the database's, not the model's.
        other = "UPDATE passages SET text = replace(text, 'heron', 'otter')"
        back = "UPDATE passages SET text = replace(text, 'otter', 'heron')"
        await ask(shared, EAST, other)
        try:
            assert "otter" in await one.chat(CODE_QUESTION)
        finally:
            await ask(shared, EAST, back)
        assert await stopped(one.process) == 0


@pytest.mark.skipif(NO_MODEL is not None, reason=str(NO_MODEL))
async def test_a_thinking_model_keeps_nobody_else_waiting(shared: Lab, tmp_path: Path) -> None:
    """While questions wait for the model, health and rows are answered; past its queue a question gets 503."""
    async with replica(shared, tmp_path, model=True) as one:
        body = {"messages": [{"role": "user", "content": QUESTION}], "max_tokens": 64}
        questions = [asyncio.create_task(one.post("/v1/chat/completions", body)) for _ in range(12)]
        answered = []
        while not all(question.done() for question in questions):
            began = time.monotonic()
            assert (await one.health())[0] == 200
            assert (await one.write(1))[0] == 201
            answered.append(time.monotonic() - began)
        assert len(answered) > 3
        assert max(answered) < 2.0
        codes = sorted([(await question)[0] for question in questions])
        assert codes == [200] * language_model.MOST_WAITING + [503] * 4


async def test_without_a_model_the_nearest_passage_is_the_answer(shared: Lab, tmp_path: Path) -> None:
    """Every passage is found by its own words, and /healthz says that no model thinks here."""
    async with replica(shared, tmp_path) as one:
        assert (await one.health()) == (200, {"region": EAST, "database": "primary", "model": False})
        assert await one.chat(CODE_QUESTION) == "The code word of the lab is heron."
        assert [await one.chat(passage) for passage in PASSAGES] == list(PASSAGES)


async def test_a_row_is_acknowledged_once_it_is_committed(shared: Lab, tmp_path: Path) -> None:
    """201 names client, number and region, the row is there, and the same number again changes nothing."""
    async with replica(shared, tmp_path) as one:
        for _ in range(2):
            assert await one.write(7) == (201, {"client": "test", "n": 7, "region": EAST, "writer": EAST})
        assert await ask(shared, EAST, "SELECT n FROM rows WHERE client = 'test' AND n = 7") == [(7,)]


async def test_a_standby_answers_questions_but_takes_no_rows(shared: Lab, tmp_path: Path) -> None:
    """Beside a standby the service is healthy, retrieves, and refuses rows with a sentence."""
    async with replica(shared, tmp_path, WEST) as one:
        assert await one.health() == (200, {"region": WEST, "database": "standby", "model": False})
        assert "heron" in await one.chat(CODE_QUESTION)
        status, body = await one.write(1)
        assert status == 503
        assert "takes no writes" in body["error"]["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/rows", {"client": "test"}),
        ("/rows", {"client": "", "n": 1}),
        ("/rows", {"client": "test", "n": "1"}),
        ("/v1/chat/completions", {"messages": []}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x" * 2000}]}),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(shared: Lab, tmp_path: Path, path: str, body: Any) -> None:
    """400 and a sentence."""
    async with replica(shared, tmp_path) as one:
        status, answer = await one.post(path, body)
        assert status == 400
        assert answer["error"]["message"].startswith("The request cannot be understood")


async def test_filling_the_database_twice_changes_nothing(shared: Lab) -> None:
    """Seeding is repeatable."""
    before = await ask(shared, EAST, "SELECT xmin, id, text FROM passages ORDER BY id")
    await seed_passages(shared.dsn(EAST))
    assert await ask(shared, EAST, "SELECT xmin, id, text FROM passages ORDER BY id") == before


async def test_a_promoted_standby_takes_rows_at_once(pair: Lab, tmp_path: Path) -> None:
    """The same replica that refused a row on the standby accepts it after the promotion."""
    async with replica(pair, tmp_path, WEST) as one:
        assert (await one.write(1))[0] == 503
        await ask(pair, WEST, "SELECT pg_promote()")
        assert (await one.write(1))[0] == 201
        assert (await one.health())[1]["database"] == "primary"


async def test_the_service_outlives_its_database(pair: Lab, tmp_path: Path) -> None:
    """With the database dead everything says 503; when it is back the same replica serves again."""
    async with replica(pair, tmp_path) as one:
        assert (await one.write(1))[0] == 201
        await asyncio.to_thread(Processes(pair).kill_server, EAST, DATABASE)
        assert await one.health() == (503, {"region": EAST, "database": "down", "model": False})
        assert (await one.write(2))[0] == 503
        assert (await one.post("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}]}))[0] == 503
        await Databases(pair).start(pair.region(EAST))
        assert (await one.write(3))[0] == 201
        assert CODE_ANSWER in await one.chat(CODE_QUESTION)


async def test_a_row_without_its_standby_is_not_acknowledged(pair: Lab, tmp_path: Path) -> None:
    """While commits wait for a standby that is not there a row gets 503 in time, however often it is sent."""
    async with replica(pair, tmp_path) as one:
        await ask(pair, EAST, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        await ask(pair, EAST, "SELECT pg_reload_conf()")
        await until(lambda: is_synchronous(pair))
        for _ in range(3):
            began = time.monotonic()
            status, body = await one.write(5)
            assert (status, time.monotonic() - began < 3.0) == (503, True), body
        # It may well be in the database all the same: that is why 503 means "unknown".
        await ask(pair, EAST, "ALTER SYSTEM RESET synchronous_standby_names")
        await ask(pair, EAST, "SELECT pg_reload_conf()")
        await until(lambda: acknowledged(one, 5))


async def is_synchronous(lab: Lab) -> bool:
    """Whether the setting has arrived."""
    return await ask(lab, EAST, "SHOW synchronous_standby_names") == [("nobody",)]


async def acknowledged(one: Replica, n: int) -> bool:
    """Whether the row is acknowledged now."""
    return (await one.write(n))[0] == 201


async def test_a_cancelled_wait_for_the_standby_is_no_acknowledgement(pair: Lab, tmp_path: Path) -> None:
    """When an administrator cancels a commit's wait, PostgreSQL reports success with a warning; the client gets 503."""
    async with replica(pair, tmp_path, work_timeout=30.0) as one:
        await ask(pair, EAST, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        await ask(pair, EAST, "SELECT pg_reload_conf()")
        await until(lambda: is_synchronous(pair))
        writing = asyncio.create_task(one.write(9))
        cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'app'"

        async def cancelled() -> bool:
            return bool(await ask(pair, EAST, cancel))

        await until(cancelled)
        status, body = await writing
        assert status == 503
        assert "not surely kept" in body["error"]["message"]


async def test_a_stop_is_clean(shared: Lab, tmp_path: Path) -> None:
    """SIGTERM ends a replica that has served, with exit code 0."""
    async with replica(shared, tmp_path) as one:
        assert (await one.write(11))[0] == 201
        assert await stopped(one.process, signal.SIGTERM) == 0


@pytest_asyncio.fixture
async def trio(tmp_path: Path) -> AsyncIterator[Lab]:
    """Two regions with a database, a cache and a queue each."""
    parts: frozenset[Part] = frozenset({"postgres", "cache", "queue"})
    async with running(LabSpec(home=tmp_path / "lab", parts=parts, mode="asynchronous")) as lab:
        yield lab


async def test_an_acknowledged_row_is_in_all_three_stores(trio: Lab, tmp_path: Path) -> None:
    """The row, its event and its mark; written again, there is still one of each."""
    async with replica(trio, tmp_path, **beside(trio, EAST)) as one:
        for n in (1, 2, 2):
            assert (await one.write(n))[0] == 201
    acknowledged = [Attempt(kind="write", client="test", started=n, at=n, good=True, n=n) for n in (1, 2)]
    found = await losses(trio, acknowledged, "test")
    assert {loss.store: loss.missing for loss in found} == {
        f"vector-db.{EAST}": 0,
        f"cache.{EAST}": 0,
        f"queue.{EAST}": 0,
    }
    settings = Queues(trio).settings(trio.region(EAST))
    async with connected(settings, Secrets()) as jet:
        assert (await read_stream(jet, settings)).messages == 2


@pytest.mark.parametrize(("store", "name"), [(CACHE, "cache"), (QUEUE, "queue")])
async def test_without_one_of_its_stores_no_row_is_acknowledged(
    trio: Lab, tmp_path: Path, store: str, name: str
) -> None:
    """503 says which; when it is back, rows are acknowledged again."""
    async with replica(trio, tmp_path, **beside(trio, EAST)) as one:
        assert (await one.write(1))[0] == 201
        await asyncio.to_thread(Processes(trio).kill, EAST, store)
        status, body = await one.write(2)
        assert (status, f"the {name}" in body["error"]["message"]) == (503, True)
        await heal(trio, EAST)

        async def acknowledged() -> bool:
            return (await one.write(2))[0] == 201

        await until(acknowledged)


async def test_an_event_of_another_regions_stream_is_no_acknowledgement(trio: Lab, tmp_path: Path) -> None:
    """The links carry it there, and it is not what was promised: this region's database is primary, its stream not."""
    await asyncio.to_thread(Processes(trio).kill_place, EAST)
    await heal(trio, EAST)
    await ask(trio, WEST, "SELECT pg_promote()")
    await linked(trio, WEST, EAST)
    async with replica(trio, tmp_path, WEST, **beside(trio, WEST)) as one:
        status, body = await one.write(1)
    assert (status, f"the stream of {EAST}" in body["error"]["message"]) == (503, True)


async def test_an_answer_that_was_given_before_comes_from_the_cache(trio: Lab, tmp_path: Path) -> None:
    """In the other region too, by its own replica; a fresh one is made on request; without a cache it is just made."""
    body = {"messages": [{"role": "user", "content": CODE_QUESTION}]}
    async with (
        replica(trio, tmp_path, **beside(trio, EAST)) as one,
        replica(trio, tmp_path, WEST, **beside(trio, WEST)) as other,
    ):
        first = (await one.post("/v1/chat/completions", body))[1]
        again = (await one.post("/v1/chat/completions", body))[1]
        fresh = (await one.post("/v1/chat/completions?fresh=1", body))[1]
        assert [answer["cached"] for answer in (first, again, fresh)] == [False, True, False]
        assert first["choices"][0]["message"] == again["choices"][0]["message"]

        async def copied() -> bool:
            answer = (await other.post("/v1/chat/completions", body))[1]
            return bool(answer["cached"]) and answer["region"] == WEST

        await until(copied)
        await asyncio.to_thread(Processes(trio).kill, EAST, CACHE)
        status, without = await one.post("/v1/chat/completions", body)
        assert (status, without["cached"]) == (200, False)
