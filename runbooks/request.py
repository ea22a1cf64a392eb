"""What a planner is asked, and whether the question makes sense at all."""

from runbooks.models import Runbook
from runbooks.plan import PlanError
from runbooks.values import Model


class Request(Model):
    """What is asked: move everything out of `source`, to `target` or to where it is best (a failback: to its home)."""

    source: str
    target: str | None = None
    accept: tuple[str, ...] = ()


def check_request(runbook: Runbook, request: Request) -> None:
    """Refuse a question that makes no sense, before anything is looked at. Raises PlanError."""
    known = ", ".join(runbook.regions)
    for region in filter(None, (request.source, request.target)):
        if region not in runbook.regions:
            message = f"{runbook.name} has no region {region!r}; it has {known}"
            raise PlanError(message)
    if request.source == request.target:
        message = f"source and target are both {request.source}; the target must be another region of {known}"
        raise PlanError(message)
