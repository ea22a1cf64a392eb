"""Where the tasks of an event loop stand, for a test that was cut off in the middle of it."""

import asyncio
import traceback
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

_AWAITED = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))


def tasks(trace: TracebackType | None) -> str:
    """The tasks of the loop that the error came out of, each with its whole stack; nothing if a task raised it."""
    loop: asyncio.AbstractEventLoop | None = None
    while trace is not None:
        here = trace.tb_frame.f_locals.get("self")
        loop = here if isinstance(here, asyncio.AbstractEventLoop) else loop
        trace = trace.tb_next
    return "\n".join(map(_stack, asyncio.all_tasks(loop))) if loop is not None else ""


def _stack(task: "asyncio.Task[Any]") -> str:
    """Unlike `Task.print_stack`, which shows only the outermost function of a task that waits."""
    frames = traceback.StackSummary.extract((frame, frame.f_lineno) for frame in _frames(task.get_coro()))
    return f"{task.get_name()} waits for {task._fut_waiter}\n{''.join(frames.format())}"  # type: ignore[attr-defined]


def _frames(awaited: Any) -> Iterator[FrameType]:
    """The function, what it awaits, what that awaits, and so on."""
    while awaited is not None:
        for frame, then in _AWAITED:
            if hasattr(awaited, frame):
                if getattr(awaited, frame) is not None:
                    yield getattr(awaited, frame)
                awaited = getattr(awaited, then)
                break
        else:
            return
