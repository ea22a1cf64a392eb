"""Where Terraform works: a copy of the root module for each attempt, in the worker's home.

The user's own is never written to. An earlier attempt may still run (its worker died): so each has a folder of its own.
"""

import asyncio
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import JsonValue

from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType

_LEFT_OUT = shutil.ignore_patterns(".terraform", ".git", "*.tfstate", "*.tfstate.*", "*.tfplan", "crash.log")


@dataclass(frozen=True)
class Copy:
    """A root module that may be written to. `work` holds it, and what is written beside it."""

    module: Path
    work: Path
    backend: Path
    """What `-backend-config` reads; it may hold secrets."""
    plugins: Path
    """Providers, once for this worker."""


def copied(job: Job[Any], home: Path) -> Copy:
    """A copy of the root module, gone when the call ends. Raises StepError."""
    settings = job.settings
    source = Path(settings.directory).resolve()
    root = Path(settings.root).resolve() if settings.root else source
    if not source.is_dir():
        raise StepError(
            ErrorType.NOT_FOUND, f"There is no directory {settings.directory} on this worker: put the module there."
        )
    if not source.is_relative_to(root):
        raise StepError(ErrorType.BAD_SETTINGS, f"{settings.directory} is not in `root`, {settings.root}.")
    work = _folder(job, home)
    shutil.copytree(root, work / "copy", ignore=_LEFT_OUT, ignore_dangling_symlinks=True)
    return _ready(job, work / "copy" / source.relative_to(root), work)


def bare(job: Job[Any], home: Path) -> Copy:
    """A module with nothing but the backend: its state can be read, and no provider is installed for that."""
    work = _folder(job, home)
    (work / "copy").mkdir()
    return _ready(job, work / "copy", work)


@asynccontextmanager
async def alone(plugins: Path) -> AsyncIterator[None]:
    """One `init` at a time: Terraform's plugin cache does not bear two."""
    file = await asyncio.to_thread((plugins / ".lock").open, "w")
    with file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.05)
        yield


def _folder(job: Job[Any], home: Path) -> Path:
    above = home.resolve() / "terraform" / quote(job.call.run, safe="") / quote(job.call.step, safe="")
    above.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=above))
    job.stack.callback(shutil.rmtree, work, ignore_errors=True)
    return work


def _ready(job: Job[Any], module: Path, work: Path) -> Copy:
    """The runbook says where the state is: an override file replaces what the configuration says."""
    override = module / "evac_backend_override.tf"
    override.write_text(f'terraform {{\n  backend "{job.settings.backend.type}" {{}}\n}}\n', encoding="utf-8")
    backend = work / "backend.hcl"
    backend.touch(mode=0o600)  # the command line would show it to everyone on the machine
    backend.write_text(_backend_config(job), encoding="utf-8")
    named = job.settings.env.get("TF_PLUGIN_CACHE_DIR") or os.environ.get("TF_PLUGIN_CACHE_DIR")
    plugins = Path(named) if named else work.parents[2] / ".plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    return Copy(module, work, backend, plugins)


def _backend_config(job: Job[Any]) -> str:
    backend = job.settings.backend
    secrets = {name: job.secrets.reveal(reference) for name, reference in backend.secrets.items()}
    return "".join(f"{name} = {_hcl(value)}\n" for name, value in {**backend.config, **secrets}.items())


def _hcl(value: JsonValue) -> str:
    """A value as HCL reads it: JSON, but for `=` in objects and the templates in texts."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_hcl(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_hcl, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
