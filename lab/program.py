"""What every program of the lab has in common: how it is started, how it reads its configuration, how it stops.

A program is started as `python -m lab.NAME --config FILE`, where FILE is JSON. It says `ready` on a line of its own
on stdout as soon as it serves, logs to stderr, and stops cleanly on SIGTERM or SIGINT. With `--parent PID` it dies
at once when that process is gone, even by SIGKILL.

ConfigError    the configuration file cannot be used; the sentence says why
"""

import argparse
import asyncio
import ctypes
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

PR_SET_PDEATHSIG = 1


class ConfigError(ValueError):
    """The configuration file cannot be used."""


class Config(BaseModel):
    """The base of every program's configuration: frozen, and an unknown key is a fault, since nobody else reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Program:
    """How to start a program: `user` is the Unix user to start it as (None: the caller's own)."""

    argv: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    user: str | None = None


ConfigT = TypeVar("ConfigT", bound=Config)


def python_program(module: str, config_file: Path) -> Program:
    """How to start one of the lab's own programs with this interpreter."""
    return Program(argv=(sys.executable, "-m", module, "--config", str(config_file)))


def read_config(model: type[ConfigT], path: Path) -> ConfigT:
    """The configuration in the file. Raises ConfigError."""
    try:
        return model.model_validate(json.loads(path.read_text()))
    except (OSError, ValueError, ValidationError) as error:
        message = f"the configuration {path} cannot be used: {error}"
        raise ConfigError(message) from None


def config_from_argv(model: type[ConfigT], module: str) -> ConfigT:
    """The configuration named on the command line; leaves the process with a sentence when it cannot be used."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("--config", required=True, type=Path)
    parser.add_argument("--parent", type=int, help="die when this process is gone")
    options = parser.parse_args()
    if options.parent is not None:
        die_with(options.parent)
    try:
        return read_config(model, options.config)
    except ConfigError as error:
        parser.exit(2, f"{error}\n")


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, however that dies."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)


def say_ready() -> None:
    """Tell whoever started this program that it serves now."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def stop_signal() -> asyncio.Event:
    """An event that is set by SIGTERM or SIGINT. Must be called in the running loop's main thread."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def write_durably(path: Path, text: str) -> None:
    """Replace the file as a whole, on disk: a reader, or a restart after a crash, sees the old text or the new."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
