"""What a dead database's files say: pure reading, on made-up folders."""

from pathlib import Path

import pytest

from lab.disk import role_on_disk, why_not_start
from lab.layout import lay_out
from lab.topology import Lab, LabSpec

PRIMARY, STANDBY = False, True


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab of three regions, laid out only."""
    laid_out = lay_out(LabSpec(home=tmp_path / "lab", regions=3))
    if not laid_out.data.is_relative_to(tmp_path):
        laid_out.data.rmdir()
    return laid_out.model_copy(update={"data": tmp_path / "data"})


def _write(lab: Lab, region: str, *, timeline: int = 1, standby: bool = False) -> None:
    pgdata = lab.pgdata(region)
    (pgdata / "pg_wal").mkdir(parents=True)
    (pgdata / "PG_VERSION").write_text("18")
    for number in range(2, timeline + 1):
        (pgdata / "pg_wal" / f"{number:08X}.history").touch()
    if standby:
        (pgdata / "standby.signal").touch()


def test_roles_are_read_as_postgresql_reads_them(lab: Lab) -> None:
    """The signal file makes a standby; the newest history file is the timeline, in hexadecimal."""
    assert role_on_disk(lab.pgdata("us-east-1")).role == "absent"
    _write(lab, "us-east-1", timeline=12)
    assert role_on_disk(lab.pgdata("us-east-1")).model_dump() == {"role": "primary", "timeline": 12}
    _write(lab, "eu-west-1", standby=True)
    assert role_on_disk(lab.pgdata("eu-west-1")).model_dump() == {"role": "standby", "timeline": 1}


@pytest.mark.parametrize(
    ("mine", "theirs", "allowed"),
    [
        ((1, PRIMARY), (1, STANDBY), True),  # nothing happened: it is still the primary
        ((1, PRIMARY), (2, PRIMARY), False),  # the other was promoted
        ((1, PRIMARY), (2, STANDBY), False),  # its promotion goes on, or it follows a newer one
        ((2, PRIMARY), (1, PRIMARY), True),  # I was promoted over the other
        ((2, PRIMARY), (2, PRIMARY), False),  # nobody can say: a person must
        ((1, STANDBY), (2, PRIMARY), True),  # a standby never writes
    ],
)
def test_a_server_starts_only_if_it_cannot_become_a_second_writer(
    lab: Lab, mine: tuple[int, bool], theirs: tuple[int, bool], *, allowed: bool
) -> None:
    """Every combination of two disks."""
    for region, (timeline, standby) in (("us-east-1", mine), ("eu-west-1", theirs)):
        _write(lab, region, timeline=timeline, standby=standby)
    reason = why_not_start(lab, lab.region("us-east-1"))
    assert (reason is None) == allowed
    assert allowed or "second writer" in str(reason)
