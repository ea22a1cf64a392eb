"""What the detector decided of a region, and what stood against starting a failover of it."""

from typing import Literal

from runbooks.values import Model, UnixTime

Action = Literal["started", "joined", "vetoed", "dwelling", "reported", "nothing"]


class Objection(Model):
    """One veto, with its sentence. `until`: when to look again (None: only when something else is seen)."""

    veto: str
    sentence: str
    until: UnixTime | None = None


class WeighAnswer(Model):
    """What stands against a failover; nothing: it may be started. `notes` are worth keeping all the same."""

    objections: tuple[Objection, ...] = ()
    notes: tuple[str, ...] = ()


class WatchDecision(Model):
    """What was decided, and why: also when it was to do nothing. `seen_by` saw the region down at that moment."""

    at: UnixTime
    region: str
    action: Action
    reasons: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()
