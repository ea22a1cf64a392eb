"""A decision that comes late: whatever a resource keeps a newer one of is left alone."""

from typing import Any

from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType


def refuse_stale(job: Job[Any], kept: int | None, what: str) -> None:
    """Raises StepError (stale-epoch) when what the resource keeps is newer than this call."""
    if kept is not None and kept > job.call.epoch:
        raise StepError(
            ErrorType.STALE_EPOCH,
            f"{what} was changed by decision {kept}, which is newer than this run's {job.call.epoch}: "
            "nothing was changed.",
            {"epoch": kept},
        )
