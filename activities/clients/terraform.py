"""Terraform (or OpenTofu), driven: each command with a bound, its events read live, its errors classified.

python-terraform builds the command lines; the process is ours (`docs/terraform.md` says why). Every call of an activity
has a working copy of its own in the worker's home. What only looks takes no lock and writes nothing; an apply takes a
plan file that was made here a moment ago, waits for the lock, and refuses a state that has moved on.
https://developer.hashicorp.com/terraform/cli/commands
"""

import asyncio
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from pydantic import JsonValue

from activities.clients.terraform_copy import Copy, alone, bare, copied
from activities.clients.terraform_errors import error_of
from activities.clients.terraform_events import Events, errors_in
from activities.clients.terraform_hcp import Workspace
from activities.clients.terraform_plan import Planned, changes_in, drift_in
from activities.clients.terraform_process import Command, Ended, run
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType
from runbooks.terraform import TerraformSettings

_ENV = frozenset(
    {
        *("HOME", "PATH", "USER", "LANG", "LC_ALL", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSH_AUTH_SOCK"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
        *("TF_CLI_CONFIG_FILE", "KUBECONFIG"),
    }
)
_ENV_BEGINNINGS = ("AWS_", "ARM_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "TF_TOKEN_")
"""What a provider logs in with. Everything else of the worker's environment (and TF_CLI_ARGS, TF_LOG) stays out."""
_LOOK_GRACE = 2.0
_CHANGES = 2
"""The exit code of `plan -detailed-exitcode` when there is something to do."""


class Terraform:
    """One working copy, initialised."""

    def __init__(self, job: Job[Any], copy: Copy) -> None:
        self._job = job
        self._settings: TerraformSettings = job.settings
        self._copy = copy
        self._number = 0

    async def init(self) -> None:
        """Prepare backend, modules and providers, and choose the workspace. Raises StepError."""
        async with alone(self._copy.plugins):
            await self._good("init", input=False, json=FLAG, reconfigure=FLAG, backend_config=str(self._copy.backend))
        if self._settings.workspace != "default":
            await self._good("workspace select", self._settings.workspace)

    async def outputs(self) -> dict[str, JsonValue]:
        """The outputs that the state has now, but for the sensitive ones. Raises StepError."""
        return _told((await self._good("output", json=FLAG)).out)

    async def plan(self, more: Mapping[str, JsonValue] | None = None, *, refresh_only: bool = False) -> Planned:
        """What would be changed; `more` are variables besides. Takes no lock. Raises StepError."""
        file = self._copy.work / f"{self._next()}.tfplan"
        words = "plan"
        ended = await self._said(
            words,
            input=False,
            json=FLAG,
            detailed_exitcode=FLAG,
            lock=False,
            out=str(file),
            var_file=self._var_files(more or {}),
            target=list(self._settings.targets),
            refresh_only=FLAG if refresh_only else None,
        )
        if ended.code not in (0, _CHANGES):
            raise self._failure(words, ended)
        shown = json.loads((await self._good("show", str(file), json=FLAG)).out)
        sha256 = await asyncio.to_thread(_sha256, file)
        outputs = {
            name: one.get("value")
            for name, one in shown.get("planned_values", {}).get("outputs", {}).items()
            if not one.get("sensitive")
        }
        drift = drift_in(shown) if refresh_only else ()
        return Planned(changes_in(shown), outputs, file=file, sha256=sha256, drift=drift)

    async def apply(self, planned: Planned) -> Events:
        """Carry that plan file out, and no other; the job's progress says how far it is. Raises StepError."""
        if await asyncio.to_thread(_sha256, planned.file) != planned.sha256:
            sentence = "The plan file is not the one that was judged: nothing was applied."
            raise StepError(ErrorType.WRONG_STATE, sentence)
        events = Events(total=len(planned.changes.resources))

        def take(line: str) -> None:
            events.line(line)
            self._job.progress.text = events.text

        lock = f"{self._settings.lock_timeout:.0f}s"
        ended = await self._said(
            "apply", str(planned.file), input=False, json=FLAG, lock_timeout=lock, each=take, grace=self._settings.grace
        )
        if ended.code != 0:
            failure = self._failure("apply", ended)
            failure.evidence.update(seconds=dict(events.done), failed=list(events.failed))
            raise failure
        return events

    def _var_files(self, more: Mapping[str, JsonValue]) -> list[str]:
        """The files of the settings, then their variables: later ones win."""
        call, files = self._job.call, []
        for name in self._settings.var_files:
            names = {"region": call.region, "runbook": call.runbook, "workspace": self._settings.workspace}
            for key, value in names.items():
                name = name.replace(f"{{{key}}}", value)  # noqa: PLW2901 - filled in, one after another
            path = self._copy.module / name
            if not path.is_file():
                raise StepError(
                    ErrorType.NOT_FOUND, f"{self._settings.directory} has no file {name}: look at `var_files`."
                )
            files.append(str(path))
        own = self._copy.work / f"{self._next()}.tfvars.json"
        own.write_text(json.dumps({**self._settings.variables, **more}), encoding="utf-8")
        return [*files, str(own)]

    async def _good(self, words: str, *arguments: str, **options: Any) -> Ended:
        ended = await self._said(words, *arguments, **options)
        if ended.code != 0:
            raise self._failure(words, ended)
        return ended

    async def _said(
        self,
        words: str,
        *arguments: str,
        each: Callable[[str], None] = lambda _: None,
        grace: float = _LOOK_GRACE,
        **options: Any,
    ) -> Ended:
        argv = command_line(self._settings.program, words, *arguments, **options)
        command = Command(argv, self._environment(), self._copy.module, self._job.allowed, grace)
        return await run(command, self._copy.work / f"{self._next()}.log", each)

    def _environment(self) -> dict[str, str]:
        job, settings = self._job, self._settings
        own = {name: value for name, value in os.environ.items() if name in _ENV or name.startswith(_ENV_BEGINNINGS)}
        own["TF_PLUGIN_CACHE_DIR"] = str(self._copy.plugins)
        secrets = {name: job.secrets.reveal(reference) for name, reference in settings.secrets.items()}
        given = {f"TF_VAR_{name}": job.secrets.reveal(ref) for name, ref in settings.secret_variables.items()}
        ours = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
        return {**own, **settings.env, **secrets, **given, **ours}

    def _failure(self, words: str, ended: Ended) -> StepError:
        what = f"`{Path(self._settings.program).name} {words}` of {self._settings.directory}"
        if ended.code is None:
            return StepError(
                ErrorType.TIMED_OUT, f"{what} took longer than {self._job.allowed:g} s and was interrupted."
            )
        return error_of(what, errors_in(ended.out), ended.error or ended.out)

    def _next(self) -> int:
        self._number += 1
        return self._number


FLAG = object()
"""An option without a value, such as `-json`."""


def command_line(program: str, words: str, *arguments: str, **options: Any) -> list[str]:
    """`terraform plan -input=false ...`, as python-terraform writes it. Raises StepError when that is not installed."""
    try:
        import python_terraform  # noqa: PLC0415 - an extra: only where Terraform is asked
    except ImportError:
        raise StepError(
            ErrorType.BAD_SETTINGS, "This worker has no python-terraform: install `evac[terraform]` for it."
        ) from None
    flags = {name: python_terraform.IsFlagged if value is FLAG else value for name, value in options.items()}
    line = python_terraform.Terraform(terraform_bin_path=program).generate_cmd_string(words, *arguments, **flags)
    # It writes arguments after options, as Terraform wants them; what it was given once as a text stays one word.
    return [str(word) for word in line]


async def initialised(job: Job[Any], home: Path) -> "Root":
    """A working copy of the root module, ready to plan, gone when the call ends; or a workspace. Raises StepError."""
    if job.settings.hcp is not None:
        return Workspace(job)
    return await _initialised(job, await asyncio.to_thread(copied, job, home))


async def state_of(job: Job[Any], home: Path) -> "Root":
    """Only the state, ready to be read. Raises StepError."""
    if job.settings.hcp is not None:
        return Workspace(job)
    return await _initialised(job, await asyncio.to_thread(bare, job, home))


async def _initialised(job: Job[Any], copy: Copy) -> Terraform:
    made = Terraform(job, copy)
    await made.init()
    return made


def _told(output: str) -> dict[str, JsonValue]:
    found: dict[str, dict[str, JsonValue]] = json.loads(output)
    return {name: one.get("value") for name, one in found.items() if not one.get("sensitive")}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Root(Protocol):
    """What can be planned and applied, wherever it runs. Each raises StepError."""

    async def outputs(self) -> dict[str, JsonValue]:
        """The outputs that the state has now, but for the sensitive ones."""
        ...

    async def plan(self, more: Mapping[str, JsonValue] | None = None, *, refresh_only: bool = False) -> Planned:
        """What would be changed; `more` are variables besides."""
        ...

    async def apply(self, planned: Planned) -> Events:
        """Change that, and nothing else."""
        ...
