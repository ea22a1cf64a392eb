"""Which procedure leads a system home after a drill's way out. Pure."""

from runbooks.candidates import values
from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Procedure, Role, Runbook
from runbooks.steps import Verb
from runbooks.traffic import size


def way_home(book: Runbook, home: str, facts: Facts) -> tuple[Procedure, str]:
    """The procedure that leads home, and why. A failback also rebuilds, shrinks, and leaves others their share."""
    if book.regions[home].role != Role.ACTIVE:
        return Procedure.SWITCHOVER, f"{home} is a standby, so a switchover leads back to it"
    why = _unfollowed(book, home, facts) or _shared(book, home) or _grown(book, home, facts)
    if why is not None:
        return Procedure.FAILBACK, why
    return Procedure.SWITCHOVER, f"every store in {home} follows, so a switchover leads home"


def _unfollowed(book: Runbook, home: str, facts: Facts) -> str | None:
    for name, resource in book.resources.items():
        if not KINDS[resource.kind].holds_data:
            continue
        seen = values(facts.fresh(name, home))
        if seen is None or seen.role != "standby" or not seen.streaming:
            state = "cannot be seen" if seen is None else "is no streaming standby"
            return f"{name} in {home} {state}, so a failback rebuilds it on the way home"
    return None


def _shared(book: Runbook, home: str) -> str | None:
    others = [name for name, region in book.regions.items() if region.role == Role.ACTIVE and name != home]
    keep = "keeps its" if len(others) == 1 else "keep their"
    return f"{' and '.join(others)} {keep} own share, so a failback leads home" if others else None


def _grown(book: Runbook, home: str, facts: Facts) -> str | None:
    for name, resource in book.resources.items():
        for region in book.regions:
            seen = size(facts, name, region) if Verb.SCALE in KINDS[resource.kind].verbs else None
            if region != home and seen is not None and seen > resource.replicas.get(region, 0):
                return f"{name} in {region} has grown, so a failback leads home and shrinks it again"
    return None
