"""Completion, in a real bash at a real terminal."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.triggers.conftest import UNREACHABLE

PROGRAMS = Path(sys.executable).parent
EVAC = str(PROGRAMS / "evac")
ROOT = Path(__file__).parents[2]
TAB = "\t"


class Bash:
    """An interactive bash whose words evac completes."""

    def __init__(self, folder: Path) -> None:
        self._side, other = os.openpty()
        self.process = subprocess.Popen(
            [shutil.which("bash") or "bash", "--norc", "--noprofile", "-i"],
            stdin=other,
            stdout=other,
            stderr=other,
            cwd=folder,
            start_new_session=True,
            env={
                "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
                "PYTHONPATH": str(ROOT),
                "HOME": str(folder),
                "EVAC_HOME": str(folder / "state"),
                "TEMPORAL_ADDRESS": UNREACHABLE,
                "TERM": "dumb",
                "PS1": "$ ",
            },
        )
        os.close(other)
        self.seen = ""

    def type(self, keys: str, wanted: str) -> None:
        """Press keys, and wait for what is wanted on the screen."""
        at = len(self.seen)
        os.write(self._side, keys.encode())
        while wanted not in self.seen[at:]:
            self.seen += os.read(self._side, 65536).decode()

    def close(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._side)


@pytest.fixture
def bash(tmp_path: Path) -> Iterator[Bash]:
    """In a folder with a runbook's file and a record."""
    (tmp_path / "my-runbook.yaml").write_text("")
    (tmp_path / "state" / "records" / "llm-platform" / "20261124T120000Z-failover-0198a7c2").mkdir(parents=True)
    shell = Bash(tmp_path)
    shell.type("source <(evac completion bash); echo re''ady\n", "ready")
    yield shell
    shell.close()


def test_it_completes_what_is_typed(bash: Bash) -> None:
    """Commands, options, the names of runbooks, and files."""
    bash.type(f"evac kill-s{TAB}", "kill-switch ")
    bash.type("\x15", "")
    bash.type(f"evac failover x --dry{TAB}", "--dry-run ")
    bash.type("\x15", "")
    bash.type(f"evac approve llm-{TAB}", "llm-platform ")
    bash.type("\x15", "")
    bash.type(f"evac validate my{TAB}", "my-runbook.yaml ")


@pytest.mark.parametrize(
    ("shell", "word"), [("bash", "complete -o"), ("zsh", "#compdef evac"), ("fish", "complete --")]
)
def test_each_shell_has_its_script(shell: str, word: str) -> None:
    """It can be sourced: bash itself finds no fault with its own."""
    ran = subprocess.run([EVAC, "completion", shell], check=True, capture_output=True, text=True)
    assert (word in ran.stdout, ran.stderr) == (True, "")
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=ran.stdout, check=True, text=True)  # noqa: S607 - any bash


def test_what_cannot_be_told_is_not_offered(tmp_path: Path) -> None:
    """Without records and without Temporal there is nothing, and no word of complaint."""
    ran = subprocess.run(
        [EVAC],
        check=True,
        capture_output=True,
        text=True,
        env={
            "COMP_WORDS": "evac status ",
            "COMP_CWORD": "2",
            "_EVAC_COMPLETE": "complete_bash",
            "PYTHONPATH": str(ROOT),
            "EVAC_HOME": str(tmp_path),
            "TEMPORAL_ADDRESS": UNREACHABLE,
        },
    )
    assert (ran.stdout.strip(), ran.stderr) == ("", "")
