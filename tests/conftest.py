"""For every test: the long ones go first, so that the last worker is not alone with them at the end."""

from pathlib import Path

import pytest

_FIRST = ("kill", "lab", "triggers", "faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order by room; within a room nothing changes."""

    def place(item: pytest.Item) -> int:
        room = Path(item.path).relative_to(Path(__file__).parent).parts[0]
        return _FIRST.index(room) if room in _FIRST else len(_FIRST)

    items.sort(key=place)
