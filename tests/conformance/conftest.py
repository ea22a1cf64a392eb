"""A specimen for each test: the technology of the test's parameter, in a world of its own, or one that is shared."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.demolition import demolish
from lab.manager import up
from lab.topology import Lab, LabSpec
from tests.activities.conftest import caught_up
from tests.activities.machines import MACHINES
from tests.conformance.backstage import backstage  # noqa: F401 - a fixture
from tests.conformance.bent import Ways
from tests.conformance.on_lab import OnLab
from tests.conformance.specimen import OnAws, OnAzure, Specimen
from tests.conformance.specimens import all_specimens
from tests.conformance.stores.caches import Caches
from tests.conformance.stores.databases import Databases
from tests.conformance.stores.logical import Logical
from tests.conformance.stores.queues import Queues
from tests.lab.started import until

LOOKS = ("detect", "verify", "catch_up", "compare", "restore", "rehearse", "salvage")


pytest.register_assert_rewrite("tests.conformance.acts", "tests.conformance.looks")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`acting` is every technology of the file's kinds that changes something, `looking` every one that only looks."""
    kinds = getattr(metafunc.module, "KINDS", ())
    for name, wanted in (("acting", False), ("looking", True)):
        if name in metafunc.fixturenames:
            known = [uses for uses in all_specimens() if (uses.partition(".")[0] in LOOKS) == wanted]
            known = [uses for uses in known if uses.partition(".")[2] in kinds]
            metafunc.parametrize(name, known, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares servers goes on where the last one has left them: technology by technology."""
    known = all_specimens()

    def place(item: pytest.Item) -> tuple[str, str]:
        given = getattr(item, "callspec", None)
        uses = given.params.get("acting", given.params.get("looking", "")) if given else ""
        shared = uses in known and issubclass(known[uses], OnLab)
        return item.path.name, uses if shared else ""

    here = [item for item in items if item.path.parent == Path(__file__).parent]
    for at, item in zip(
        [number for number, item in enumerate(items) if item in set(here)], sorted(here, key=place), strict=True
    ):
        items[at] = item


def _specimen(request: pytest.FixtureRequest, tmp_path: Path) -> Specimen:
    kind = all_specimens()[request.param]
    why = kind.cannot.get(request.node.originalname.removeprefix("test_"))
    if why is not None:
        pytest.skip(f"{request.param}: {why}")
    specimen = kind(tmp_path)
    if isinstance(specimen, OnAws):
        specimen.aws = request.getfixturevalue("aws")
    elif isinstance(specimen, OnAzure):
        specimen.azure = request.getfixturevalue("azure")
    elif isinstance(specimen, OnLab):
        specimen.all_ways = request.getfixturevalue("ways")
        specimen.store = request.getfixturevalue(specimen.stored_in)
    else:
        specimen.request = request  # type: ignore[attr-defined] - one of the lab's asks for what it needs
    return specimen


@pytest.fixture
def acting(request: pytest.FixtureRequest, tmp_path: Path) -> Specimen:
    """What changes something."""
    return _specimen(request, tmp_path)


@pytest.fixture
def looking(request: pytest.FixtureRequest, tmp_path: Path) -> Specimen:
    """What only looks."""
    return _specimen(request, tmp_path)


@pytest.fixture(scope="module")
def ways() -> Iterator[Ways]:
    """To the servers of a file's tests."""
    ways = Ways()
    yield ways
    ways.close()


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory, ways: Ways) -> Iterator[Databases]:
    """A pair of PostgreSQL servers."""
    spec = LabSpec(home=tmp_path_factory.mktemp("databases") / "lab", parts=MACHINES, mode="asynchronous")
    lab = asyncio.run(up(spec))
    asyncio.run(until(lambda: caught_up(lab)))
    yield Databases(lab, ways)
    demolish(lab)


@pytest.fixture(scope="module")
def logical(logical_servers: Lab, ways: Ways) -> Logical:
    """Two PostgreSQL servers that copy to each other by SQL."""
    return Logical(logical_servers, ways)


@pytest.fixture(scope="module")
def queues(tmp_path_factory: pytest.TempPathFactory, ways: Ways) -> Iterator[Queues]:
    """Two linked NATS servers."""
    lab = asyncio.run(up(LabSpec(home=tmp_path_factory.mktemp("queues") / "lab", parts=frozenset({"queue"}))))
    yield Queues(lab, ways)
    demolish(lab)


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory, ways: Ways) -> Iterator[Caches]:
    """Two Valkey servers."""
    lab = asyncio.run(up(LabSpec(home=tmp_path_factory.mktemp("caches") / "lab", parts=frozenset({"cache"}))))
    yield Caches(lab, ways)
    demolish(lab)
