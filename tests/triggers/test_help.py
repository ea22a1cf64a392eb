"""The command line itself: its list, its speed, its plugins, and commands that need no server."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from triggers.cli.commands import COMMANDS, SPOKEN
from triggers.cli.main import app
from triggers.slack.said import Word

EVAC = str(Path(sys.executable).parent / "evac")
ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "runbooks" / "library"
RUNNER = CliRunner()


def _plugin(folder: Path, name: str, source: str) -> dict[str, str]:
    """An installed package that adds a command; the environment that sees it."""
    (folder / f"{name}_plugin.py").write_text(source)
    info = folder / f"{name}_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[evac.commands]\n{name} = {name}_plugin:app\n")
    return {"PYTHONPATH": f"{ROOT}:{folder}", "PYTHONDONTWRITEBYTECODE": "1"}


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [EVAC, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"COLUMNS": "100", "PYTHONPATH": str(ROOT), **environment},
    )


def test_help_lists_every_command_in_its_panel() -> None:
    """The list of commands is the golden one, and the exit codes are explained beneath."""
    shown = _run("--help")
    assert shown.returncode == 0
    listed = [line.split()[1] for line in shown.stdout.splitlines() if line.startswith("│ ") and "--" not in line[:6]]
    ours = [command.name for command in COMMANDS]
    assert [name for name in listed if name in ours] == [
        *("init", "validate", "plan", "doctor", "schema", "readiness", "restore-test", "schedule"),
        *("permissions", "docs"),
        *("failover", "switchover", "failback", "drill", "evacuate", "detect"),
        *("approve", "reject", "veto", "accept", "retry", "skip", "abort", "hold", "resume", "confirm", "kill-switch"),
        *("list", "status", "watch", "history", "replay", "estimate", "audit", "alerts"),
        *("serve", "console", "worker", "completion", "help", "version"),
    ]
    assert "  8  the run waits for a person" in shown.stdout


def test_help_imports_nothing_heavy() -> None:
    """A person who asks for help does not wait for a database driver or for Temporal."""
    program = (
        "import sys; from triggers.cli.main import run; run(['--help']); heavy = 'temporalio psycopg ruamel lab.cli'; "
        "sys.stderr.write(' '.join(name for name in heavy.split() if name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stderr == ""


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_command_explains_itself(name: str) -> None:
    """Each command in the table can be loaded and has a help text."""
    shown = RUNNER.invoke(app, [name, "--help"])
    assert shown.exit_code == 0
    assert f"Usage: evac {name}" in shown.output.replace("root", "evac")


def test_help_is_a_command_too() -> None:
    """Alone it is `evac --help`; with a command, that command's; with a typo, a sentence."""
    assert RUNNER.invoke(app, ["help"]).stdout.strip() == RUNNER.invoke(app, ["--help"]).stdout.strip()
    drill = RUNNER.invoke(app, ["help", "drill"])
    assert (drill.exit_code, drill.stdout.strip()) == (0, RUNNER.invoke(app, ["drill", "--help"]).stdout.strip())
    ran = _run("help", "dril")
    assert (ran.returncode, "No such command 'dril'. Did you mean 'drill'?" in ran.stderr) == (2, True)


def test_a_help_text_is_folded_where_the_terminal_ends() -> None:
    """Not where the lines of our source do."""
    shown = " ".join(_run("failover", "--help", COLUMNS="200").stdout.split("\n")[:12])
    assert "A switchover, failback or drill that is going gives way. A run goes on by itself" in shown


def test_what_can_be_said_in_chat_is_a_command() -> None:
    """Slack's words and the commands that are marked so are the same, by the same names."""
    assert {command.name for command in COMMANDS} >= SPOKEN
    assert {word.value for word in Word} == SPOKEN
    assert not {"worker", "init", "doctor", "kill-switch"} & SPOKEN


def test_no_command_shows_the_help() -> None:
    """Alone, `evac` is a question."""
    shown = _run()
    assert (shown.returncode, "Usage: evac" in shown.stdout) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["statuss"], "evac: No such command 'statuss'. Did you mean 'status'? See `evac --help`."),
        (["status", "--colour"], "evac: No such option: --colour. See `evac status --help`."),
        (["failover"], "evac: Missing argument 'file'. See `evac failover --help`."),
        (["watch", "x", "--timeout", "soon"], "is not a duration"),
    ],
)
def test_a_usage_error_is_one_sentence(arguments: list[str], sentence: str) -> None:
    """What was not understood, and where to read more, on one line of stderr."""
    ran = _run(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert sentence in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_plugin_adds_a_command(tmp_path: Path) -> None:
    """Another package's command is listed with its module's first line, and runs like ours."""
    source = (
        '"""Says hello to the region."""\nimport typer\napp = typer.Typer()\n\n'
        "@app.command()\ndef hello(region: str) -> None:\n    print(f'hello {region}')\n    raise typer.Exit(3)\n"
    )
    environment = _plugin(tmp_path, "hello", source)
    assert "Says hello to the region." in _run("--help", **environment).stdout
    ran = _run("hello", "mars", **environment)
    assert (ran.returncode, ran.stdout) == (3, "hello mars\n")


def test_a_broken_plugin_breaks_only_itself(tmp_path: Path) -> None:
    """It is listed, it fails with a sentence, and every other command works."""
    environment = _plugin(tmp_path, "broken", '"""Is broken."""\nraise RuntimeError("no luck")\n')
    assert "Is broken." in _run("--help", **environment).stdout
    assert _run("version", **environment).returncode == 0
    ran = _run("broken", **environment)
    assert (ran.returncode, ran.stdout) == (70, "")
    assert ran.stderr == "evac: the command broken of broken-plugin cannot be loaded: RuntimeError: no luck\n"


def test_a_plugin_never_replaces_a_command(tmp_path: Path) -> None:
    """A package cannot put itself in the place of `approve`."""
    environment = _plugin(tmp_path, "approve", '"""Approves everything."""\nraise RuntimeError("loaded")\n')
    assert "Approves everything." not in _run("--help", **environment).stdout
    assert "Say yes to the plan" in _run("approve", "--help", **environment).stdout


def test_validate_says_every_fault_at_once(tmp_path: Path) -> None:
    """All files are checked, faults have places, and the answer as JSON is one document."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("evac: 1\nname: broken\ncolour: red\n")
    files = [str(SHIPPED / "active-passive.yaml"), str(broken)]
    text = RUNNER.invoke(app, ["validate", *files])
    assert text.exit_code == 3
    assert f"{files[0]}: valid" in text.stdout
    assert f"{broken}:3:1: " in text.stdout
    found = json.loads(RUNNER.invoke(app, ["validate", *files, "-o", "json"]).stdout)
    assert [file["valid"] for file in found["files"]] == [True, False]
    assert {"line", "column", "path", "sentence"} == set(found["files"][1]["faults"][0])


def test_validate_accepts_what_is_shipped() -> None:
    """The shipped runbooks are valid."""
    ran = RUNNER.invoke(app, ["validate", *map(str, sorted(SHIPPED.glob("*.yaml")))])
    assert ran.exit_code == 0


def test_the_schema_is_json() -> None:
    """Editors read it from stdout."""
    assert json.loads(RUNNER.invoke(app, ["schema"]).stdout)["$schema"].startswith("https://json-schema.org/")


def test_the_version_is_told() -> None:
    """Evac's own, and what it stands on."""
    found = json.loads(RUNNER.invoke(app, ["version", "-o", "json"]).stdout)
    assert set(found["versions"]) == {"evac", "python", "temporalio", "pydantic"}
