"""What stands above the runs: the kill switch, and the locks on what several runbooks share."""

from runbooks.values import Model, UnixTime

KILL_SWITCH_ID = "evac/kill-switch"
"""The workflow id of the switch for every runbook: while one of that id runs, the switch is engaged."""


class KillSwitch(Model):
    """Stop everything before its next step that cannot be undone. `scope`: a runbook's name; empty: all of them."""

    by: str
    reason: str
    at: UnixTime
    scope: str = ""
    proof: str = ""
    """How `by` was established, as in Trigger."""


class Release(Model):
    """Let things go on again."""

    by: str
    reason: str = ""
    at: UnixTime = 0.0
    proof: str = ""


class KillSwitchState(Model):
    """Who engaged the switch, and who released it (None: it is engaged)."""

    engaged: KillSwitch
    released: Release | None = None


class Holder(Model):
    """The run that holds a lock. `what` it is doing, in words: `failover of llm out of us-east-1`."""

    workflow_id: str
    run_id: str
    what: str
    at: UnixTime


class LockInput(Model):
    """Take the lock of that name (`Resource.shared`)."""

    name: str
    holder: Holder


class LockState(Model):
    """Who holds the lock, and when it was released (None: it is held)."""

    name: str
    holder: Holder
    released_at: UnixTime | None = None


class HolderCall(Model):
    """Ask who holds the lock of that name."""

    name: str


class HolderAnswer(Model):
    """The holder, or None when nobody is known to hold it now."""

    holder: Holder | None = None


def kill_switch_id(scope: str = "") -> str:
    """The workflow id of the kill switch of that runbook, or of all."""
    return f"{KILL_SWITCH_ID}/{scope}" if scope else KILL_SWITCH_ID


def lock_id(name: str) -> str:
    """The workflow id of the lock: one at a time holds it."""
    return f"evac/lock/{name}"


def engaged_sentence(switch: KillSwitch) -> str:
    """The kill switch in words: what it stops, who engaged it, and why."""
    return f"{engaged_by(switch.scope)} {switch.by}: {switch.reason or 'no reason given'}"


def engaged_by(scope: str) -> str:
    """How the sentence begins, by which a screen knows what would release a run."""
    return f"the kill switch of {scope or 'every runbook'} is engaged by"
