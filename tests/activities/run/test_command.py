import asyncio
import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.clients.marker import MarkerFile
from activities.run.command import RunCommand
from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import EPOCH, call, perform, refused
from tests.lab.started import until


def python(code: str) -> list[str]:
    """A program of one line."""
    return [sys.executable, "-c", code]


def counted(path: Path, then: str = "") -> list[str]:
    """Adds one line to a file each time it runs."""
    return python(f"open({str(path)!r}, 'a').write('ran\\n'); {then}")


def runs(path: Path) -> int:
    """How often it ran."""
    return len(path.read_text().splitlines()) if path.exists() else 0


async def command(home: Path, **settings: Any) -> StepResult:
    """The step, performed."""
    return await perform("run.command", settings, home=home, within=20.0)


async def no(home: Path, kind: ErrorType, **settings: Any) -> str:
    """The sentence of its failure."""
    return await refused("run.command", settings, kind, home=home, within=20.0)


def output(result: StepResult) -> str:
    """What of its output is in the evidence."""
    marker = result.after["marker"]
    assert isinstance(marker, dict)
    return str(marker["output"])


def files(folder: Path) -> list[Path]:
    """All files of a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def scheduled(home: Path, at: datetime, **settings: Any) -> StepResult:
    """The step as the workflow scheduled it at that time; all attempts of one scheduling have the same."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, scheduled_time=at)
    result = await environment.run(RunCommand(home).run, call("run.command", settings))
    assert isinstance(result, StepResult)
    return result


async def test_it_runs_once(tmp_path: Path) -> None:
    """Its output is in the evidence; the second time it is not run."""
    argv = counted(tmp_path / "count", "print('done well')")
    first = await command(tmp_path, argv=argv)
    again = await command(tmp_path, argv=argv)
    assert (first.changed, again.changed, runs(tmp_path / "count")) == (True, False, 1)
    assert first.after["marker"]["output"] == "done well\n"  # type: ignore[call-overload, index]  # plain JSON
    assert "has run already" in again.reason


async def test_there_is_no_shell(tmp_path: Path) -> None:
    """What a shell would act on reaches the program as it is."""
    nasty = ["$(touch hacked)", "; touch hacked", "`id`", "*", "$HOME", "> hacked"]
    result = await command(tmp_path, argv=[*python("import sys; print(sys.argv[1:])"), *nasty])
    assert output(result) == f"{nasty}\n"


async def test_it_is_told_what_it_is_part_of(tmp_path: Path) -> None:
    """Run, step, epoch and region, and the environment of the settings."""
    names = ["EVAC_RUN", "EVAC_STEP", "EVAC_EPOCH", "EVAC_REGION", "MINE"]
    argv = python(f"import os; print([os.environ[name] for name in {names}])")
    result = await command(tmp_path, argv=argv, env={"MINE": "x", "EVAC_RUN": "not mine"})
    expected = ["run-1", "step-1", str(EPOCH), "eu-west-1", "x"]
    assert output(result) == f"{expected}\n"


async def test_its_secrets_are_struck_out_of_its_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the evidence and in the file that is kept."""
    monkeypatch.setenv("DEPLOY_TOKEN", "s3cr3t-token")
    argv = python("import os; print('token', os.environ['TOKEN'])")
    result = await command(tmp_path, argv=argv, secrets={"TOKEN": "env://DEPLOY_TOKEN"})
    assert output(result) == "token [secret]\n"
    assert all("s3cr3t" not in file.read_text() for file in files(tmp_path))


async def test_only_the_end_of_the_output_is_kept(tmp_path: Path) -> None:
    """Four kilobytes of a megabyte, and nothing blocks."""
    result = await command(tmp_path, argv=python("print('x' * 1_000_000); print('the end')"))
    kept = output(result)
    assert (len(kept), kept[-8:]) == (4096, "the end\n")


async def test_unless_says_that_nothing_is_to_do(tmp_path: Path) -> None:
    """Exit 0 of the guard: unchanged; any other: it runs."""
    argv = counted(tmp_path / "count")
    result = await command(tmp_path, argv=argv, unless=python(""))
    assert (result.changed, runs(tmp_path / "count")) == (False, 0)
    assert (await command(tmp_path, argv=argv, unless=python("exit(1)"))).changed is True


async def test_a_failure_of_what_may_not_be_repeated_is_final(tmp_path: Path) -> None:
    """With its code and output; a person's retry runs it again."""
    argv = counted(tmp_path / "count", "print('oh no'); exit(runs := 3)")
    with pytest.raises(ApplicationError) as caught:
        await command(tmp_path, argv=argv)
    assert (caught.value.type, caught.value.non_retryable) == ("wrong-state", True)
    assert caught.value.details == ({"output": "oh no\n", "code": 3},)
    await no(tmp_path, ErrorType.WRONG_STATE, argv=argv)
    assert runs(tmp_path / "count") == 2


async def test_a_failure_of_what_may_be_repeated_is_retried(tmp_path: Path) -> None:
    """Each attempt runs it."""
    argv = counted(tmp_path / "count", "exit(1)")
    for _ in range(2):
        await no(tmp_path, ErrorType.NOT_YET, argv=argv, repeatable=True)
    assert runs(tmp_path / "count") == 2


async def test_what_may_have_run_waits_for_a_person(tmp_path: Path) -> None:
    """A worker died in the middle: attempts of the same scheduling are refused, a person's retry runs it."""
    MarkerFile(tmp_path, "run-1", "step-1").begin(safe=False)
    argv, at = counted(tmp_path / "count"), datetime.now(UTC)
    for _ in range(2):
        with pytest.raises(ApplicationError, match="may have run, or still be running") as caught:
            await scheduled(tmp_path, at, argv=argv)
        assert (caught.value.type, caught.value.non_retryable) == ("wrong-state", True)
    assert runs(tmp_path / "count") == 0
    assert (await scheduled(tmp_path, at + timedelta(minutes=1), argv=argv)).changed is True
    assert runs(tmp_path / "count") == 1


async def test_what_may_have_run_is_repeated_when_it_may_be(tmp_path: Path) -> None:
    """Nobody needs to look."""
    MarkerFile(tmp_path, "run-1", "step-1").begin(safe=False)
    await command(tmp_path, argv=counted(tmp_path / "count"), repeatable=True)
    assert runs(tmp_path / "count") == 1


async def test_two_at_once_run_it_once(tmp_path: Path) -> None:
    """The others wait, and find it done."""
    argv = counted(tmp_path / "count", "import time; time.sleep(0.2)")
    results = await asyncio.gather(*(command(tmp_path, argv=argv) for _ in range(3)))
    assert sum(result.changed for result in results) == 1
    assert runs(tmp_path / "count") == 1


STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"],
    stdout=subprocess.PIPE)
child.stdout.readline()
open(sys.argv[1], "w").write(f"{os.getpid()} {child.pid}")
time.sleep(60)
"""


def lives(pid: str) -> bool:
    """It is there, and no zombie that init will fetch."""
    try:
        return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def told(pids: Path) -> list[str]:
    """The processes that have said who they are."""
    return pids.read_text().split() if pids.exists() else []


async def gone(pids: Path) -> bool:
    """Both of them have ended."""
    return not any(map(lives, told(pids)))


async def test_the_timeout_ends_the_whole_group(tmp_path: Path) -> None:
    """Also a child that ignores SIGTERM; the step says that it took too long."""
    pids = tmp_path / "pids"
    sentence = await no(tmp_path, ErrorType.WRONG_STATE, argv=[*python(STUBBORN), str(pids)], timeout=0.8)
    assert "took longer than 0.8 s" in sentence
    await until(lambda: gone(pids), within=3)


async def test_the_timeout_of_what_may_be_repeated_is_retried(tmp_path: Path) -> None:
    """Retryable as timed out."""
    await no(tmp_path, ErrorType.TIMED_OUT, argv=python("import time; time.sleep(60)"), timeout=0.2, repeatable=True)


async def test_cancellation_ends_the_whole_group(tmp_path: Path) -> None:
    """And goes through; how it ended stays unknown, so that it is not run again unasked."""
    pids = tmp_path / "pids"
    environment = ActivityEnvironment()
    step = call("run.command", {"argv": [*python(STUBBORN), str(pids)]})
    running = asyncio.ensure_future(environment.run(RunCommand(tmp_path).run, step))

    async def started() -> bool:
        return len(told(pids)) == 2

    await until(started)
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: gone(pids), within=3)
    marker = MarkerFile(tmp_path, "run-1", "step-1").read()
    assert marker is not None
    assert marker.ended is False


async def test_a_child_left_behind_does_not_hold_the_step(tmp_path: Path) -> None:
    """A command that starts a daemon ends when it ends itself, although the daemon holds its output open."""
    leave = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)']).pid)"
    began = time.monotonic()
    result = await command(tmp_path, argv=python(leave))
    assert time.monotonic() - began < 5
    daemon = int(output(result))
    os.kill(daemon, 9)


async def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    """As a shell would: code 127."""
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o700)
    with pytest.raises(ApplicationError) as caught:
        await command(tmp_path, argv=[str(script)])
    assert caught.value.details[0]["code"] == 127
    assert "cannot be started: No such file or directory" in caught.value.details[0]["output"]


async def test_a_guard_that_is_not_there_guards_nothing(tmp_path: Path) -> None:
    """Whether something is to do is not known then, so nothing is done."""
    argv = counted(tmp_path / "count")
    sentence = await no(tmp_path, ErrorType.NOT_FOUND, argv=argv, unless=["no-such-guard"])
    assert sentence == "There is no program no-such-guard on this worker: put it there, or correct the runbook."
    assert runs(tmp_path / "count") == 0


async def test_programs_are_looked_for_where_the_settings_say(tmp_path: Path) -> None:
    """In the PATH of the program's own environment."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "a-program-of-its-own"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o700)
    assert (await command(tmp_path, argv=[script.name], env={"PATH": str(script.parent)})).changed


async def test_names_of_runs_and_steps_stay_inside_the_home(tmp_path: Path) -> None:
    """A slash or dots in them is no way out."""
    home = tmp_path / "home"
    step = call("run.command", {"argv": python("")}, step="../../../escape").model_copy(update={"run": "evac/x/.."})
    await ActivityEnvironment().run(RunCommand(home).run, step)
    made = files(tmp_path)
    assert {path.suffix for path in made} == {".json", ".lock"}
    assert all(path.is_relative_to(home) for path in made)
