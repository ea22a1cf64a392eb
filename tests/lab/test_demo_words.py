"""What the demo says at its end."""

import shlex
from pathlib import Path

from typer.testing import CliRunner

from lab.demo_cli import with_record
from tests.audit.bundles import bundle
from triggers.cli.main import app


def test_each_command_that_is_offered_for_the_record_can_read_it(tmp_path: Path) -> None:
    """Nothing else is left of a demo, so these are a newcomer's next steps."""
    record = bundle(tmp_path)
    offered = [shlex.split(line.partition("evac ")[2]) for line in with_record(str(record))]
    assert [line[:-1] for line in offered] == [["audit", "show"], ["audit", "verify"], ["replay", "--step"]]
    read = [CliRunner().invoke(app, words).exit_code for words in offered[:2]]
    assert read == [0, 0]
    assert with_record("") == []
