"""The contract between a plan and the activities: one call in, one result out, the same for every technology."""

from enum import StrEnum
from typing import Literal

from pydantic import JsonValue

from runbooks.values import Model, UnixTime


class Verb(StrEnum):
    """What can be done."""

    DETECT = "detect"
    FENCE = "fence"
    SCALE = "scale"
    CATCH_UP = "catch_up"
    """Wait until a standby has everything that its upstream has."""
    PROMOTE = "promote"
    CUT_OVER = "cut_over"
    VERIFY = "verify"
    SALVAGE = "salvage"
    """Find what only a former primary has, and write it to a file for review, before a reseed destroys it."""
    RESEED = "reseed"
    """Make a server follow its upstream again, whatever it was before."""
    COMPARE = "compare"
    """Prove that a standby holds the same data as its upstream."""
    RESTORE = "restore"
    """Restore the newest backup aside, check it by queries, and remove it."""
    REHEARSE = "rehearse"
    """Promote a copy of a standby aside, check that it takes writes, and remove it: traffic is never touched."""
    NOTIFY = "notify"
    RUN = "run"


class ErrorType(StrEnum):
    """How a step failed: the `type` of the ApplicationError it raises. `FINAL_ERRORS` are never retried."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"
    BUSY = "busy"
    CONFLICT = "conflict"
    """Somebody else changed it between look and act: look again."""
    NOT_YET = "not-yet"
    """The wanted state was not seen in time."""
    DENIED = "denied"
    NOT_FOUND = "not-found"
    WRONG_STATE = "wrong-state"
    """It is not what the plan was made for; a person must look."""
    STALE_EPOCH = "stale-epoch"
    """A newer decision has been carried out already."""
    BAD_SETTINGS = "bad-settings"
    NO_CAPACITY = "no-capacity"
    """A cloud has not got what was asked for, or a quota forbids it: waiting a moment does not change that."""


FINAL_ERRORS = frozenset(
    {
        ErrorType.DENIED,
        ErrorType.NOT_FOUND,
        ErrorType.WRONG_STATE,
        ErrorType.STALE_EPOCH,
        ErrorType.BAD_SETTINGS,
        ErrorType.NO_CAPACITY,
    }
)

ASKERS_ERRORS = frozenset({ErrorType.DENIED, ErrorType.NOT_FOUND, ErrorType.BAD_SETTINGS})
"""Failures that speak of the asker (its password, its settings), and not of the health of what was asked."""


class StepCall(Model):
    """What an activity is asked to do.

    `settings` is plain data that the technology validates with its own model; it holds secret
    references, never secrets. `epoch` is the number issued with the decision: a store that has seen
    a higher one refuses the call.
    """

    runbook: str
    run: str
    step: str
    uses: str
    resource: str
    region: str
    epoch: int
    settings: dict[str, JsonValue] = {}
    before: dict[str, JsonValue] = {}
    """For `<uses>.undo` only: what the act to be undone saw before it (its result's `before`)."""


State = Literal["healthy", "unhealthy", "unknown"]
"""What is said of a resource or a region: what could not be seen is unknown, which is never green."""


class Reading(Model):
    """One observation with its age: anything older than a reader's limit counts as `unknown`, which is never green."""

    resource: str
    region: str
    state: State
    reason: str
    values: dict[str, JsonValue] = {}
    observed_at: UnixTime


class Preview(Model):
    """What an act would change, found by its twin before anybody is asked.

    `approved` becomes the step's setting of that name, so the plan's checksum covers it: the act changes that and
    nothing else. `lines` are what the approver reads.
    """

    approved: dict[str, JsonValue]
    lines: tuple[str, ...]


class StepResult(Model):
    """What an activity did: `changed=False` comes with the sentence that says why nothing was to do.

    `proved` is False when the act was done, or could not be done, without proof of its effect (a fence
    that got no answer; a verify that failed after everything was applied): a person or a policy decides.
    """

    changed: bool
    reason: str
    before: dict[str, JsonValue] = {}
    after: dict[str, JsonValue] = {}
    proved: bool = True
    reading: Reading | None = None
    observed_at: UnixTime = 0.0
    preview: Preview | None = None
    """Of a twin whose act changes only what was shown."""
