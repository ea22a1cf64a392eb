import inspect
from pathlib import Path

import pytest
from temporalio import activity

from activities.acting import Act, Look
from activities.catalog import CATALOG, Row, activities, technology
from activities.contract import Technology
from runbooks.kinds import KINDS
from runbooks.steps import StepCall, StepResult, Verb
from runbooks.values import Model
from tests.aws.faked import actions

ROOM = Path(__file__).parents[2] / "activities"
ROWS = pytest.mark.parametrize("row", CATALOG.values(), ids=CATALOG.keys())


@ROWS
def test_a_row_names_its_file(row: Row) -> None:
    """`promote.postgres` is activities/promote/postgres.py."""
    file = ROOM / f"{row.uses.replace('.', '/')}.py"
    assert Path(inspect.getfile(row.technology)) == file


@ROWS
def test_a_row_has_its_test(row: Row) -> None:
    """`promote.postgres` is tested in tests/activities/promote/test_postgres.py."""
    verb, _, name = row.uses.partition(".")
    assert (Path(__file__).parent / verb / f"test_{name}.py").is_file()


@ROWS
def test_a_row_declares_what_it_needs(row: Row) -> None:
    """Permissions as sentences, and settings as a model that forgets unknown fields."""
    assert row.permissions
    assert all(row.permissions)
    assert issubclass(row.technology.Settings, Model)
    assert row.technology.__doc__


@ROWS
def test_what_changes_something_observes_first(row: Row) -> None:
    """Every verb but those that only look, or try something aside and leave nothing, has the shape of an act."""
    assert issubclass(row.technology, Act) == (row.verb not in ("detect", "verify", "compare", "restore", "rehearse"))
    assert issubclass(row.technology, Look) == (row.verb == "compare")


@ROWS
def test_a_row_says_what_it_is_tested_against(row: Row) -> None:
    """By a class of its own, by that of its cloud, or by its kind; `moto` alone means that no fake is in it."""
    assert row.tested_against
    if row.tested_against == "moto":
        assert set(row.permissions) & actions() == set()


def test_every_row_is_an_activity_with_its_twin(tmp_path: Path) -> None:
    """Each name, each `.check` and each `.undo` resolves to one activity from StepCall to StepResult."""
    found = {}
    for perform in activities(tmp_path):
        definition = activity._Definition.must_from_callable(perform)
        assert definition.name is not None
        assert (definition.arg_types, definition.ret_type) == ([StepCall], StepResult)
        found[definition.name] = perform
    assert sorted(found) == sorted(name for row in CATALOG.values() for name in row.names)
    assert {f"{name}.check" for name in CATALOG} <= set(found)


@ROWS
def test_what_can_be_undone_is_declared(row: Row) -> None:
    """The kind names the verb, the technology gives the way back: a plan never counts on one that is not there."""
    verb, _, name = row.uses.partition(".")
    declared = name in KINDS and Verb(verb) in KINDS[name].undoes
    assert row.technology.undoable == declared
    assert (row.technology._undo is not Technology._undo) == declared


def test_every_verb_of_every_kind_has_a_row() -> None:
    """What a runbook may declare can be done."""
    wanted = {f"{verb}.{kind.name}" for kind in KINDS.values() for verb in kind.verbs}
    assert wanted - set(CATALOG) == set()


def test_every_check_has_its_rows() -> None:
    """Each kind of check can be asked by the verbs that its model allows."""
    wanted = {f"{use}.{kind}" for kind in ("http", "tcp", "postgres", "nats") for use in ("detect", "verify")}
    wanted |= {f"verify.{kind}" for kind in ("sql", "dns", "inference")}
    assert wanted - set(CATALOG) == set()


def test_an_unknown_name_is_not_found() -> None:
    """Nothing is guessed."""
    with pytest.raises(KeyError):
        technology("promote.nothing")
