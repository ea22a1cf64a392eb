"""What only a former primary has."""

import json
from pathlib import Path

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.postgres_logical.world import AWAY, HOME, Twins


async def lost(twins: Twins) -> None:
    """HOME has two rows that never came to AWAY, which has taken over, and has changed and deleted others since."""
    await twins.write(HOME, "changed", "deleted")
    await twins.copied(HOME, AWAY)
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} DISABLE")
    await twins.write(HOME, "lost")
    await twins.ask(HOME, "UPDATE written SET word = 'half' WHERE word = 'first'", "app")
    await perform("fence.postgres_logical", twins.settings(HOME), within=20)
    await perform("promote.postgres_logical", twins.settings(AWAY), within=20)
    await twins.ask(AWAY, "UPDATE written SET word = 'new' WHERE word = 'changed'", "app")
    await twins.ask(AWAY, "DELETE FROM counted", "app")
    await twins.ask(AWAY, "DELETE FROM written WHERE word = 'deleted'", "app")


def found(home: Path) -> list[str]:
    """The rows in the file, by their words, sorted."""
    lines = (home / "orphans" / "run-1" / "it.jsonl").read_text().splitlines()
    return sorted(json.loads(line)["row"]["word"] for line in lines if '"public.written"' in line)


async def test_only_what_was_never_confirmed_is_found(twins: Twins, tmp_path: Path) -> None:
    """By the slot that its successor has left: rows that were changed or deleted there since are no loss."""
    await lost(twins)
    result = await perform("salvage.postgres_logical", twins.settings(HOME, AWAY), home=tmp_path, within=30)
    assert not result.proved
    assert result.after["tables"] == {"public.counted": 1, "public.written": 2}
    assert found(tmp_path) == ["half", "lost"]
    again = await perform("salvage.postgres_logical", twins.settings(HOME, AWAY), home=tmp_path, within=30)
    assert (again.changed, again.reason) == (False, result.reason)


async def test_without_the_slot_all_that_differs_is_found(twins: Twins, tmp_path: Path) -> None:
    """Too much rather than too little."""
    await lost(twins)
    await twins.ask(HOME, f"SELECT pg_drop_replication_slot('{twins.name}')")
    result = await perform("salvage.postgres_logical", twins.settings(HOME, AWAY), home=tmp_path, within=30)
    assert not result.proved
    assert found(tmp_path) == ["changed", "deleted", "half", "lost"]


async def test_only_a_former_primary_is_read(twins: Twins) -> None:
    """Not one that takes writes, and not before somebody has taken over."""
    sentence = await refused("salvage.postgres_logical", twins.settings(HOME, AWAY), ErrorType.WRONG_STATE)
    assert sentence.endswith("nobody took over there.")
    result = await perform("salvage.postgres_logical", twins.settings(AWAY, HOME))
    assert (result.proved, result.reason) == (True, "It is a subscriber, and has nothing of its own.")
