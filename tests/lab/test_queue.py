"""The lab's message queues: their links and mirrors, and who gets in."""

from pathlib import Path

import nats.errors
import pytest

from activities.clients.nats import connected
from activities.secrets import Secrets
from lab.manager import running
from lab.processes import Processes
from lab.queue_disk import stream_on_disk
from lab.regions import heal, kill
from lab.topology import QUEUE, LabSpec, Part
from runbooks.kinds import NatsSettings
from tests.activities.calls import ACTIVE, STANDBY, perform, queue
from tests.activities.publishing import application, linked, mirrored, published, stream

QUEUES: frozenset[Part] = frozenset({"queue"})
THIRD = "ap-southeast-1"


async def test_two_survivors_find_each_other(tmp_path: Path) -> None:
    """With the first of three regions dead, the third follows its successor, and so does the first when it is back."""
    async with running(LabSpec(home=tmp_path / "lab", parts=QUEUES, regions=3)) as lab:
        await published(lab, ACTIVE, "one")
        await mirrored(lab, STANDBY, 1)
        await kill(lab, ACTIVE)
        await perform("promote.nats", queue(lab, STANDBY))
        await published(lab, STANDBY, "two")
        await linked(lab, THIRD, STANDBY)
        await perform("reseed.nats", queue(lab, THIRD, follows=STANDBY))
        await heal(lab, ACTIVE)
        await linked(lab, ACTIVE, STANDBY)
        await perform("reseed.nats", queue(lab, ACTIVE, follows=STANDBY))
        assert {(await stream(lab, region)).last for region in (ACTIVE, STANDBY, THIRD)} == {2}


async def test_a_region_that_nobody_replaced_comes_back_as_it_was(tmp_path: Path) -> None:
    """Its stream takes messages again; healing it twice changes nothing."""
    async with running(LabSpec(home=tmp_path / "lab", parts=QUEUES)) as lab:
        await published(lab, ACTIVE, "one")
        await kill(lab, ACTIVE)
        assert Processes(lab).find(ACTIVE, QUEUE) is None
        assert await heal(lab, ACTIVE) == (f"queue.{ACTIVE} is up.",)
        assert await published(lab, ACTIVE, "two") == [2]
        assert await heal(lab, ACTIVE) == (f"queue.{ACTIVE} is up already.",)
        seen = [stream_on_disk(lab.queue_store(region)) for region in (ACTIVE, STANDBY)]
        assert [it.writer for it in seen if it is not None] == [True, False]


async def test_only_the_labs_users_get_in_and_the_application_changes_nothing(tmp_path: Path) -> None:
    """Everybody needs a password, and the application may publish and read, not configure."""
    async with running(LabSpec(home=tmp_path / "lab", parts=QUEUES)) as lab:
        nobody = await perform("detect.nats", queue(lab, ACTIVE, user=None, password=None))
        assert "refuses the user" in nobody.reason
        async with application(lab, ACTIVE) as client:
            with pytest.raises(nats.errors.TimeoutError):
                await client.request("$JS.API.STREAM.PURGE.events", b"", timeout=0.3)
        settings = NatsSettings.model_validate(queue(lab, ACTIVE))
        async with connected(settings, Secrets()) as jet:
            assert (await jet.api("INFO"))["streams"] == 1
        config = lab.home / "config" / f"{ACTIVE}.queue.conf"
        assert config.stat().st_mode & 0o777 == 0o600
