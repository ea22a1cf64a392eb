import os
import time
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.ports import PortChooser

HERE = ["127.0.0.1"]


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    """The folders of two labs."""
    found = tmp_path / "one", tmp_path / "two"
    for home in found:
        home.mkdir()
    return found


def test_a_port_of_a_region_that_is_down_is_not_given_to_another_lab(tmp_path: Path, homes: tuple[Path, Path]) -> None:
    """Nothing listens there, and the lab to which it belongs is still there."""
    one, two = (PortChooser(home, tmp_path / "register", range(19000, 19002)) for home in homes)
    assert {19000, 19001} == {one.free(HERE), one.free(HERE)}
    with pytest.raises(LabError):
        two.free(HERE)


def test_the_ports_of_a_lab_that_is_gone_are_given_again(tmp_path: Path, homes: tuple[Path, Path]) -> None:
    """Those of an earlier lab in the same folder too; a lab that is just being made keeps its own."""
    register = tmp_path / "register"
    one, two = (PortChooser(home, register) for home in homes)
    old, kept = one.free(HERE), two.free(HERE)
    young = PortChooser(tmp_path / "not there yet", register).free(HERE)
    homes[0].rmdir()
    long_ago = time.time() - 3600
    os.utime(register / str(old), (long_ago, long_ago))
    two.forget()
    assert {str(young)} == {file.name for file in register.iterdir()} - {str(kept)}
    assert not (register / str(kept)).exists()
