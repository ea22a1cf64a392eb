"""No more than so many at once, and none is lost."""

import threading
from pathlib import Path

from tests.slots import slot


def test_one_more_than_there_are_waits_until_one_is_free(tmp_path: Path) -> None:
    """And has it then."""
    lock, came = tmp_path / "lock", threading.Event()

    def third() -> None:
        with slot(lock, 2):
            came.set()

    with slot(lock, 2):
        with slot(lock, 2):
            waiting = threading.Thread(target=third)
            waiting.start()
            assert not came.wait(0.3)
        assert came.wait(5)
    waiting.join()
