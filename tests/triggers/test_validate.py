"""Commands that read files: which ones of a folder, and what they say of one that is not there."""

from pathlib import Path

from typer.testing import CliRunner

from tests.runbooks.documents import SMALL
from triggers.cli.main import app
from triggers.serve.load import loads

RUNNER = CliRunner()


def test_a_folder_stands_for_every_runbook_in_it(tmp_path: Path) -> None:
    """By either ending; what is no YAML is left alone."""
    (tmp_path / "one.yaml").write_text(SMALL)
    (tmp_path / "two.yml").write_text("evac: 1\n")
    (tmp_path / "notes.txt").write_text("no runbook")
    shown = RUNNER.invoke(app, ["validate", str(tmp_path)])
    named = {line.partition(":")[0] for line in shown.stdout.splitlines()}
    assert (shown.exit_code, named) == (3, {str(tmp_path / "one.yaml"), str(tmp_path / "two.yml")})
    assert "in 1 of 2 file(s)" in shown.stderr


def test_a_folder_without_a_runbook_is_no_success(tmp_path: Path) -> None:
    """A gate in CI that looks at the wrong folder must not be green."""
    shown = RUNNER.invoke(app, ["validate", str(tmp_path)])
    assert (shown.exit_code, "there is no runbook in" in shown.stderr) == (2, True)


def test_an_evacuation_leaves_out_no_runbook_for_its_ending(tmp_path: Path) -> None:
    """One that ends in `.yml` is read, too: here its fault stops everything."""
    (tmp_path / "one.yaml").write_text(SMALL)
    (tmp_path / "two.yml").write_text("evac: 1\n")
    shown = RUNNER.invoke(app, ["evacuate", "us-east-1", str(tmp_path), "--dry-run"])
    assert (shown.exit_code, "two.yml cannot be used" in " ".join(shown.stderr.split())) == (3, True)


def test_a_server_without_its_file_shows_a_first_one(tmp_path: Path) -> None:
    """Which is valid as it stands."""
    shown = RUNNER.invoke(app, ["serve", "--config", str(tmp_path / "evac-serve.yaml")])
    text = shown.stderr[shown.stderr.index("evac-serve: 1") : shown.stderr.index("evac: ")]
    assert (shown.exit_code, loads(text).console is not None) == (3, True)
