"""Where `evac` begins and ends."""

import os
import signal
import sys
import traceback
from typing import Any, NoReturn

import typer
from typer.main import get_command

from triggers.cli.exits import MEANING, Exit
from triggers.cli.group import Commands
from triggers.cli.out import complain

_EPILOG = "Exit codes:\n" + "\n".join(f"{code.value:>3}  {meaning}" for code, meaning in MEANING.items())

app = typer.Typer(cls=Commands, no_args_is_help=True, rich_markup_mode="rich", epilog=_EPILOG)


@app.callback()
def evac() -> None:
    """Get an AI system out of a failing region, and prove it.

    Begin with `evac init`. A command's options: `evac help COMMAND`.

    \b
    EVAC_HOME                  where state and records are (default ./.evac)
    EVAC_PROFILE, TEMPORAL_*   how Temporal is reached
    EVAC_ACTOR                 who acts
    EVAC_DEBUG=1               show where a fault is
    NO_COLOR                   no colours
    """  # noqa: D301 - click's mark for text that keeps its lines


def main() -> NoReturn:
    """Run the command and leave with exactly its code.

    The interpreter's own exit is not used: after a Temporal client was used it aborts now and then
    (`PyGILState_Release`), which would turn a good code into a bad one. So: flush, then `os._exit`.
    """
    code = run(sys.argv[1:])
    os._exit(_flushed(code))


def run(arguments: list[str]) -> int:
    """Run the command; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text files here
    command = get_command(app)
    try:
        result: Any = command.main(arguments, prog_name="evac", standalone_mode=False)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except SystemExit as error:  # of typer's own accord, such as a help text that nobody reads
        return error.code if isinstance(error.code, int) else Exit.PIPE_CLOSED
    except typer.Abort:
        return Exit.INTERRUPTED
    except typer.TyperException as error:
        _misused(error)
        return int(error.exit_code)
    except Exception:  # noqa: BLE001 - the last one: nothing may pass by os._exit below unseen
        traceback.print_exc()
        return Exit.INTERNAL
    return result if isinstance(result, int) else Exit.DONE


def _misused(error: typer.TyperException) -> None:
    """Say what was not understood, and where to read more."""
    message = error.format_message().strip()
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "evac"
    if message:  # without one, the help itself was the answer
        stop = "" if message[-1] in ".?!" else "."
        complain(f"{message}{stop} See `{path} --help`.")


def _flushed(code: int) -> int:
    """Flush both streams; the command's own code, even when nobody reads its output any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    return code


if __name__ == "__main__":
    main()
