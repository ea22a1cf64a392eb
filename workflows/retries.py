"""How long each verb may take, and how often it is tried: one table.

Heartbeat timeouts are short, so that a killed worker costs seconds; every activity beats by itself. When the attempts
are used up the run does not die: the step waits for a person (`procedure.py`).
"""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy

from runbooks.kinds import KINDS
from runbooks.plan import Step
from runbooks.steps import FINAL_ERRORS, Verb

HEARTBEAT = timedelta(seconds=3)


@dataclass(frozen=True)
class Patience:
    """Bounds of one verb: `attempt` for one try, `tries` in all, waiting `first` doubling up to `longest` between."""

    attempt: timedelta
    tries: int
    first: timedelta = timedelta(milliseconds=100)
    longest: timedelta = timedelta(seconds=5)

    def policy(self) -> RetryPolicy:
        """As Temporal takes it: final errors are never tried again."""
        return RetryPolicy(
            initial_interval=self.first,
            backoff_coefficient=2.0,
            maximum_interval=self.longest,
            maximum_attempts=self.tries,
            non_retryable_error_types=sorted(FINAL_ERRORS),
        )


_GLITCH = timedelta(seconds=2)
"""Where clients do not wait for it: one that does not answer for a few seconds is no matter for a person yet."""

PATIENCE: dict[Verb, Patience] = {
    Verb.DETECT: Patience(timedelta(seconds=5), tries=4),
    Verb.FENCE: Patience(timedelta(seconds=30), tries=4),
    Verb.SCALE: Patience(timedelta(minutes=30), tries=10),
    Verb.CATCH_UP: Patience(timedelta(minutes=5), tries=10),
    Verb.PROMOTE: Patience(timedelta(minutes=5), tries=10),
    Verb.CUT_OVER: Patience(timedelta(minutes=2), tries=10),
    Verb.VERIFY: Patience(timedelta(minutes=2), tries=10),
    Verb.SALVAGE: Patience(timedelta(hours=2), tries=3, first=_GLITCH),
    Verb.RESEED: Patience(timedelta(hours=12), tries=3, first=_GLITCH),
    Verb.COMPARE: Patience(timedelta(hours=2), tries=3, first=_GLITCH),
    Verb.RESTORE: Patience(timedelta(hours=12), tries=3, first=_GLITCH),
    Verb.REHEARSE: Patience(timedelta(hours=2), tries=3, first=_GLITCH),
    Verb.NOTIFY: Patience(timedelta(seconds=10), tries=5),
    Verb.RUN: Patience(timedelta(hours=2), tries=3, first=timedelta(milliseconds=500)),
}

MOST_LOST = 10
"""So often a step is begun anew whose last try was lost with its worker; then a person looks at the workers."""

PREVIEWING = Patience(timedelta(minutes=5), tries=3)
"""A twin that finds what its act would change: Terraform asks a cloud about each resource."""

WRITES_STOPPED = Patience(timedelta(seconds=20), tries=2)
"""The wait between the fence and the promotion: nobody can write, so a person must hear of it soon, who may abort."""

METERED = {
    Verb.FENCE: Patience(timedelta(minutes=5), tries=3),
    Verb.PROMOTE: Patience(timedelta(minutes=30), tries=4),
}
"""For a cloud's databases, whose fence and promotion restart them."""
METERED_WRITES_STOPPED = Patience(timedelta(minutes=10), tries=1)
"""That a replica has everything is told by the next value of a metric, at the earliest."""


def patience(step: Step) -> Patience:
    """The bounds of one step of a plan."""
    kind = KINDS.get(step.uses.partition(".")[2])
    metered = kind is not None and "metered" in kind.abilities
    if step.verb is Verb.CATCH_UP and step.settings.get("exact") is True:
        return METERED_WRITES_STOPPED if metered else WRITES_STOPPED
    return METERED.get(step.verb, PATIENCE[step.verb]) if metered else PATIENCE[step.verb]


# These two do not beat, so a killed worker costs the whole attempt: keep it short.
PLANNING = Patience(timedelta(seconds=3), tries=10)
RECORDING = Patience(timedelta(seconds=10), tries=5)
FOLLOWING = Patience(timedelta(days=30), tries=0, first=timedelta(seconds=1), longest=timedelta(seconds=30))
"""A run's live message: as long as the run lasts, and however often its worker dies (0 tries: no end)."""
