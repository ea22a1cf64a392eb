"""Nothing is left out of the suite."""

from collections import Counter
from importlib import import_module
from pathlib import Path

from activities.catalog import CATALOG
from tests.conformance.specimens import all_specimens


def test_every_technology_is_a_specimen() -> None:
    """What has not stood this suite is not in the catalog."""
    assert sorted(set(CATALOG) - set(all_specimens())) == []


def test_every_specimen_is_tried_in_one_file() -> None:
    """The kinds are divided among the files, since a file is tried by one process."""
    files = [path.stem for path in Path(__file__).parent.glob("test_*.py") if path.stem != "test_whole"]
    tried = Counter(kind for name in files for kind in import_module(f"tests.conformance.{name}").KINDS)
    assert set(tried) == {uses.partition(".")[2] for uses in all_specimens()}
    assert set(tried.values()) == {1}
