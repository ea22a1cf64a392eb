"""Many small systems behind the names of activities, for what is made of runs: where each serves, and what is said."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.planning import Planner
from runbooks.models import Procedure
from runbooks.reports import PublicCall, PublicReport
from runbooks.runs import Outcome, RunInput
from runbooks.steps import ErrorType, Reading, StepCall, StepResult
from tests.workflows.fake_runs import Moved, Script
from tests.workflows.world import SOURCE, TARGET

CHECKED = ("fence.postgres", "promote.postgres", "scale.process", "cut_over.rfc2136", "restore.postgres")


@dataclass
class Systems:
    """Each runbook's region, and how its next runs are to go."""

    serves: defaultdict[str, str] = field(default_factory=lambda: defaultdict(lambda: SOURCE))
    follows: bool = True
    """The former primary follows the new one by itself."""
    scripts: defaultdict[str, list[Script]] = field(default_factory=lambda: defaultdict(list))
    """By runbook: the next runs, in their order; none: it goes through."""
    began: list[str] = field(default_factory=list)
    going: int = 0
    most_going: int = 0
    asked: list[RunInput] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    sick: Callable[[str, int], str | None] = lambda _vantage, _round: None
    """What a vantage point sees wrong in its so-manieth round."""
    deaf: set[str] = field(default_factory=set)
    rounds: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    obstacles: dict[str, str] = field(default_factory=dict)
    restored: dict[str, StepResult] = field(default_factory=dict)
    behind: float = 0.0
    epoch: int = 1_000_000_000_000
    """The newest decision that was carried out: an older one is refused."""

    def detect(self, call: StepCall) -> StepResult:
        """One reading."""
        kind = call.uses.partition(".")[2]
        home = self.serves[call.runbook]
        values: dict[str, Any] = {"regions": [home], "addresses": [], "ttl": 1}
        if kind == "postgres":
            role, streams = "primary" if call.region == home else "standby", self.follows and not self.behind
            seen = {"state": "streaming", "sync_state": "async", "lag_bytes": 0}
            values = {
                "role": role,
                "streaming": streams,
                "timeline": 1,
                "position": 100,
                "lag_bytes": 0,
                "last_commit_at": time.time() - self.behind,
                "standbys": {f"vector-db.{AWAY}": seen} if role == "primary" else {},
            }
        elif kind == "process":
            size = 2 if call.region == HOME else 1
            values = {"desired": size, "ready": size}
        reading = Reading(
            resource=call.resource,
            region=call.region,
            state="healthy",
            reason="",
            values=values,
            observed_at=time.time(),
        )
        return StepResult(changed=False, reason="looked", reading=reading)

    def runs(self) -> list[Callable[..., Any]]:
        """What runs do."""

        @activity.defn(name="fake.begin")
        async def begin(request: RunInput) -> Script:
            self.began.append(f"{request.runbook.name}:{request.procedure}")
            self.asked.append(request)
            self.going += 1
            self.most_going = max(self.most_going, self.going)
            scripts = self.scripts[request.runbook.name]
            usual = Outcome.RECOVERED if request.procedure == Procedure.FAILOVER else Outcome.COMPLETED
            script = scripts.pop(0) if scripts else Script(outcome=usual)
            if script.outcome not in (Outcome.RECOVERED, Outcome.COMPLETED, Outcome.APPLIED_NOT_CONFIRMED):
                self.going -= 1
            return script

        @activity.defn(name="fake.move")
        async def move(request: RunInput) -> Moved:
            self.going -= 1
            others = [region for region in request.runbook.regions if region != request.source]
            target = request.target or others[0]
            if request.procedure != Procedure.DRILL:
                self.serves[request.runbook.name] = target
            return Moved(target=target)

        return [begin, move]

    def activities(self) -> list[Callable[..., Any]]:
        """What the procedure worker does."""

        async def detect(call: StepCall) -> StepResult:
            return self.detect(call)

        async def check(call: StepCall) -> StepResult:
            if call.epoch < self.epoch:
                return StepResult(changed=False, proved=False, reason="a newer decision was carried out")
            if call.uses in self.restored:
                return self.restored[call.uses]
            obstacle = self.obstacles.get(call.uses)
            return StepResult(changed=False, proved=obstacle is None, reason=obstacle or "It could be done now")

        async def restore(call: StepCall) -> StepResult:
            if call.uses not in self.restored:
                message = "no backup is there"
                raise ApplicationError(message, type=ErrorType.NOT_FOUND)
            return self.restored[call.uses]

        async def notify(call: StepCall) -> StepResult:
            self.told.append(str(call.settings["text"]))
            return StepResult(changed=True, reason="told")

        return [
            *self.runs(),
            Planner(Path("no-records")).plan,
            *(_named(f"detect.{kind}", detect) for kind in ("postgres", "process", "rfc2136")),
            *(_named(f"{uses}.check", check) for uses in CHECKED),
            _named("restore.postgres", restore),
            _named("notify.log", notify),
        ]

    def vantage(self) -> list[Callable[..., Any]]:
        """What a vantage point does."""

        @activity.defn(name="public")
        async def public(call: PublicCall) -> PublicReport:
            self.rounds[call.vantage] += 1
            if call.vantage in self.deaf:
                message = "nobody is here"
                raise ApplicationError(message)
            wrong = self.sick(call.vantage, self.rounds[call.vantage])
            result = StepResult(changed=False, proved=wrong is None, reason=wrong or "It answers")
            return PublicReport(vantage=call.vantage, results=(result,) * len(call.calls))

        return [public]


def _named(name: str, function: Callable[[StepCall], Any]) -> Callable[..., Any]:
    async def copy(call: StepCall) -> StepResult:
        result: StepResult = await function(call)
        return result

    return activity.defn(name=name)(copy)


HOME, AWAY = SOURCE, TARGET
