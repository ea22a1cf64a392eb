"""The detector's decisions: kept when they are news, the newest of them, and counted. Pure."""

from collections.abc import Sequence

from runbooks.objection import Action, WatchDecision

KEPT = 200
"""How many of the newest decisions are kept."""

BACK = "it came back: no vantage point sees it down any more"
HEARD = "enough vantage points can speak of it again"
_QUIET = frozenset({(BACK,), (HEARD,)})

_PENDING: frozenset[Action] = frozenset({"vetoed", "dwelling", "nothing"})
"""What leaves a question open. The others are acts: each is another one."""


class Decided:
    """What was decided of each region, one after another."""

    def __init__(self, decisions: Sequence[WatchDecision], count: int) -> None:
        self.newest = list(decisions)
        self.count = count

    def keep(self, decision: WatchDecision) -> bool:
        """Keep it, unless it is what was decided of the region last and is still so; whether it was kept."""
        last = self._last(decision.region)
        same = last is not None and (last.action, last.reasons) == (decision.action, decision.reasons)
        if same and decision.action in _PENDING:
            return False
        self.newest = [*self.newest, decision][-KEPT:]
        self.count += 1
        return True

    def calm(self, region: str) -> tuple[str, ...]:
        """The reasons of doing nothing about a region that nothing is said against: none, unless something was."""
        last = self._last(region)
        if last is None or last.action not in _PENDING or last.reasons in _QUIET:
            return ()
        return (BACK,) if last.seen_by else (HEARD,)

    def open(self, region: str) -> bool:
        """What was decided of the region last leaves a question open."""
        last = self._last(region)
        return last is not None and last.action in _PENDING

    def _last(self, region: str) -> WatchDecision | None:
        return next((decision for decision in reversed(self.newest) if decision.region == region), None)
