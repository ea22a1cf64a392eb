"""What every command that follows a run says at its end, whichever way it ends."""

import time
from collections.abc import Callable

from runbooks.durations import duration
from runbooks.outlook import elapsed
from runbooks.runs import RunState
from triggers.cli.awaited import answers
from triggers.cli.exits import Exit
from triggers.cli.lines import closing
from triggers.cli.live import code_of
from triggers.cli.out import Format, Refusal, conclude, document, say


def report(name: str, follow: Callable[[], RunState | None], output: Format) -> Exit:
    """Follow, say how it ended, and return the exit code.

    The person who leaves with Ctrl-C is told that the run goes on, and how to come back.
    """
    try:
        state = follow()
    except KeyboardInterrupt:
        message = f"no longer following; the run goes on by itself. Follow it again with `evac watch {name}`"
        raise Refusal(Exit.INTERRUPTED, message) from None
    code = code_of(state)
    if output is Format.JSON:
        document(run=None if state is None else state.model_dump(mode="json"))
    if state is None:
        say(f"evac: nothing was heard of a run of {name} in time; `evac watch {name}` follows it again")
        return Exit.TIMED_OUT
    if state.outcome is not None:
        (say if output is Format.JSON else conclude)(closing(state))
        return code
    where = f"{state.phase.value} after {duration(elapsed(state, time.time()))}"
    say(f"evac: the run of {name} is {where} and goes on; `evac watch {name}` follows it again")
    for command in answers(state):
        say(f"  answer with: {command}")
    return code
