"""A specimen for each test: the technology of the test's parameter, in a world of its own."""

from pathlib import Path

import pytest

from tests.conformance.specimen import OnAws, Specimen
from tests.conformance.specimens import all_specimens

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


def _specimen(request: pytest.FixtureRequest, tmp_path: Path) -> Specimen:
    kind = all_specimens()[request.param]
    why = kind.cannot.get(request.node.originalname.removeprefix("test_"))
    if why is not None:
        pytest.skip(f"{request.param}: {why}")
    specimen = kind(tmp_path)
    if isinstance(specimen, OnAws):
        specimen.aws = request.getfixturevalue("aws")
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
