"""A worker copies records to the store by itself, and nothing waits for it."""

import asyncio
from pathlib import Path

import pytest

from audit.pending import pending
from tests.audit.bundles import bundle
from worker.pushing import Pusher
from worker.settings import Settings


async def until_none_pends(settings: Settings) -> None:
    """Until the store has every record; the test's own time limit ends it otherwise."""
    assert settings.records_store is not None
    while pending(settings.records, settings.records_store):
        await asyncio.sleep(0.02)


async def test_what_pends_at_the_start_and_what_comes_later_is_copied(tmp_path: Path) -> None:
    """An older worker's record, and one that is written while this one works."""
    settings = Settings(home=tmp_path, records_store=f"file://{tmp_path}/store")
    bundle(settings.records)
    async with Pusher(settings) as pusher:
        await until_none_pends(settings)
        bundle(settings.records, "failover-aborted")
        pusher.wake()
        await until_none_pends(settings)
    assert len(list((tmp_path / "store" / "llm").iterdir())) == 2


async def test_a_store_that_is_down_is_asked_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is told, and the record is copied when the store is there again."""
    blocked = tmp_path / "store"
    blocked.write_text("not a folder")
    settings = Settings(home=tmp_path, records_store=f"file://{blocked}/inside")
    bundle(settings.records)
    async with Pusher(settings) as pusher:
        while "Records wait to be copied: " not in caplog.text:
            await asyncio.sleep(0.02)
        blocked.unlink()
        pusher.wake()
        await until_none_pends(settings)


async def test_without_a_store_nothing_is_done(tmp_path: Path) -> None:
    """And nothing hinders the worker's end."""
    async with Pusher(Settings(home=tmp_path)) as pusher:
        pusher.wake()
