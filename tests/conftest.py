"""For every test: the long ones go first; one that hangs tells where; the checker's coverage is printed at the end."""

import gc
import os
import tempfile
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.slots import slot
from tests.standing import tasks

pytest_plugins = (
    "tests.aws.world",
    "tests.azure.world",
    "tests.kubernetes.world",
    "tests.postgres_logical.world",
)

# Thousands of tests, and all that they import, are no garbage: to look for some among them again and again takes a
# third of their collection, and some of every test after it.
gc.disable()

_LABS = Path(tempfile.gettempdir()) / f"evac-labs-{os.getuid()}"
_FIRST = ("checker", "e2e", "terraform", "kill", "lab", "conformance", "workflows", "triggers", "activities", "faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order by room; within a room nothing changes."""

    def place(item: pytest.Item) -> int:
        room = Path(item.path).relative_to(Path(__file__).parent).parts[0]
        return _FIRST.index(room) if room in _FIRST else len(_FIRST)

    items.sort(key=place)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Two whole labs at once; what a test waits for its turn is not counted by its time-out."""
    if item.get_closest_marker("lab") is None:
        return (yield)
    with slot(_LABS, 2):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """From now on look for garbage again, but only in what the tests make."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that is cut off in its loop, as by a time-out, tells what each of its tasks was waiting for."""
    report = yield
    if call.excinfo is not None and (told := tasks(call.excinfo.tb)):
        report.sections.append(("tasks of the loop", told))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many interleavings the checker has covered. Here, since the one who prints may have run no test itself."""
    reports = [
        report for found in terminalreporter.stats.values() for report in found if hasattr(report, "user_properties")
    ]
    told = [value for report in reports for name, value in report.user_properties if name == "interleavings"]
    if not told:
        return
    from tests.checker.report import table  # noqa: PLC0415 - nothing of it is needed when it was not run

    counts = Counter({(title, column): number for value in told for title, column, number in value})
    terminalreporter.section("interleavings covered")
    terminalreporter.write_line(table(counts))
