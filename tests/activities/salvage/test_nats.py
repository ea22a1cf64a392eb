import json
from pathlib import Path

import pytest

from lab.regions import heal, kill
from lab.topology import Lab
from tests.activities.calls import ACTIVE, STANDBY, perform, queue
from tests.activities.publishing import application, linked, mirrored, publish, published


async def parted(lab: Lab) -> None:
    """A failover that loses messages: what came while the mirror was dead is only where it was written."""
    await published(lab, ACTIVE, "one", "two")
    await mirrored(lab, STANDBY, 2)
    await kill(lab, STANDBY)
    async with application(lab, ACTIVE) as client:
        await publish(client, "three", "again", "five")
        await client.jetstream().publish("events.raw", b"\xff\x00")
    await kill(lab, ACTIVE)
    await heal(lab, STANDBY)
    await perform("promote.nats", queue(lab, STANDBY))
    await published(lab, STANDBY, "new", "again")
    await heal(lab, ACTIVE)


async def test_what_only_the_former_primary_has_is_kept_for_review(queues: Lab, tmp_path: Path) -> None:
    """In a file, without what its publisher has published again since; twice the same, and never proved."""
    await parted(queues)
    settings = queue(queues, ACTIVE, follows=STANDBY)
    first, second = [await perform("salvage.nats", settings, home=tmp_path) for _ in range(2)]
    assert [(it.changed, it.proved, it.after["orphans"]) for it in (first, second)] == [
        (True, False, 3),
        (False, False, 3),
    ]
    file = tmp_path / "orphans" / "run-1" / "it.jsonl"
    assert str(file) in first.reason
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(row["sequence"], row["subject"], row.get("text", row.get("base64"))) for row in rows] == [
        (3, "events.order", "three"),
        (5, "events.order", "five"),
        (6, "events.raw", "/wA="),
    ]
    assert rows[0]["headers"] == {"Nats-Msg-Id": "three"}
    assert file.stat().st_mode & 0o777 == 0o600
    assert "three" not in first.model_dump_json()


async def test_after_the_reseed_nothing_is_left_to_salvage(queues: Lab, tmp_path: Path) -> None:
    """The mirror has what its primary has; the file stays."""
    await parted(queues)
    settings = queue(queues, ACTIVE, follows=STANDBY)
    await perform("salvage.nats", settings, home=tmp_path)
    await linked(queues, ACTIVE, STANDBY)
    await perform("reseed.nats", settings)
    result = await perform("salvage.nats", settings, home=tmp_path)
    assert (result.changed, result.proved, result.after["orphans"]) == (False, True, 0)
    assert (tmp_path / "orphans" / "run-1" / "it.jsonl").exists()


@pytest.mark.parametrize("more", [(), ("three",)])
async def test_without_orphans_it_is_proved(queues: Lab, tmp_path: Path, more: tuple[str, ...]) -> None:
    """However much the successor has taken since."""
    await published(queues, ACTIVE, "one", "two")
    await mirrored(queues, STANDBY, 2)
    await perform("fence.nats", queue(queues, ACTIVE))
    await perform("promote.nats", queue(queues, STANDBY))
    await published(queues, STANDBY, *more)
    result = await perform("salvage.nats", queue(queues, ACTIVE, follows=STANDBY), home=tmp_path)
    assert (result.changed, result.proved) == (False, True)
    assert not (tmp_path / "orphans").exists()
