"""The exit codes. They are a promise to scripts: never renumber them."""

from enum import IntEnum

from runbooks.runs import Outcome


class Exit(IntEnum):
    """How the command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INVALID = 3
    REFUSED = 4
    TIMED_OUT = 5
    NO_TEMPORAL = 6
    WAITING = 8
    INTERNAL = 70
    INTERRUPTED = 130
    PIPE_CLOSED = 141


MEANING: dict[Exit, str] = {
    Exit.DONE: "done",
    Exit.FAILED: "the run failed: aborted, superseded, or applied and not confirmed; or a verdict is bad",
    Exit.USAGE: "the command was not understood, or names something that does not exist",
    Exit.INVALID: "the runbook is not valid",
    Exit.REFUSED: "refused by Evac, or rejected by a person",
    Exit.TIMED_OUT: "out of time: the approval expired, or --timeout passed",
    Exit.NO_TEMPORAL: "Temporal cannot be reached, or no worker answers",
    Exit.WAITING: "the run waits for a person (with --no-wait or --timeout)",
    Exit.INTERNAL: "a fault in Evac itself",
    Exit.INTERRUPTED: "interrupted; a run goes on by itself",
    Exit.PIPE_CLOSED: "the reader of the output went away",
}

OF_OUTCOME: dict[Outcome, Exit] = {
    Outcome.RECOVERED: Exit.DONE,
    Outcome.COMPLETED: Exit.DONE,
    Outcome.SUPERSEDED: Exit.FAILED,
    Outcome.APPLIED_NOT_CONFIRMED: Exit.FAILED,
    Outcome.ABORTED: Exit.FAILED,
    Outcome.REFUSED: Exit.REFUSED,
    Outcome.REJECTED: Exit.REFUSED,
    Outcome.EXPIRED: Exit.TIMED_OUT,
}
