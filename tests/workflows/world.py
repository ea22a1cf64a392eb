"""A small world with state behind the activities' names: it refuses two writers, and it can fail on request."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.planning import answer
from runbooks.models import Runbook
from runbooks.probes import observations
from runbooks.run_calls import PlanAnswer, PlanCall, RecordAnswer, RecordCall, WritersCall, WritersReport
from runbooks.runs import Verdict
from runbooks.steps import ErrorType, Reading, StepCall, StepResult, Verb
from runbooks.watches import WatchCall, WatchReport

_CUT = ApplicationError("its line is cut", non_retryable=True)
SOURCE, TARGET = "us-east-1", "eu-west-1"


def runbook(**changes: Any) -> Runbook:
    """Two regions, a database, a service and a public name."""
    postgres = {
        region: {"host": f"127.0.{n}.1", "application_name": f"vector-db.{region}"}
        for n, region in enumerate((SOURCE, TARGET), 1)
    }
    document: dict[str, Any] = {
        "evac": 1,
        "name": "llm",
        "objectives": {"rto": "60s", "rpo": "5s"},
        "regions": {SOURCE: {"role": "active", "traffic": 100}, TARGET: {"role": "standby", "traffic": 0}},
        "resources": {
            "vector-db": {"kind": "postgres", "common": {"power": "http://power"}, "settings": postgres},
            "service": {
                "kind": "process",
                "replicas": {SOURCE: 2, TARGET: 1},
                "settings": {SOURCE: {"agent": "http://us"}, TARGET: {"agent": "http://eu"}},
                "needs": ["vector-db"],
            },
            "name": {
                "kind": "rfc2136",
                "common": {"zone": "z", "name": "n.z", "servers": ["s:53"], "key_name": "k", "key_secret": "env://K"},
                "settings": {SOURCE: {"address": "127.0.1.1"}, TARGET: {"address": "127.0.2.1"}},
            },
        },
        "checks": [
            {"kind": "http", "url": "http://{region}/healthz"},
            {"kind": "sql", "resource": "vector-db"},
            {"kind": "dns", "resource": "name"},
        ],
        "policy": {"failover": {"approval": {"count": 0}}},
    }
    return Runbook.model_validate({**document, **changes})


@dataclass
class World:
    """Where the writer is, where the name leads, what was called; `faults[uses]` is asked before each act."""

    primary: set[str] = field(default_factory=lambda: {SOURCE})
    fenced: set[str] = field(default_factory=set)
    leads: tuple[str, ...] = (SOURCE,)
    replicas: dict[str, int] = field(default_factory=lambda: {SOURCE: 2, TARGET: 1})
    dead: set[str] = field(default_factory=lambda: {SOURCE})
    lag: float = 0.5
    slow_to_tell: float = 0.0
    """Seconds between a reading and its arrival."""
    slow_to_confirm: float = 0.0
    power: bool = True
    dns: bool = True
    down_seen_by: tuple[str, ...] = (TARGET, "witness")
    acts: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    faults: dict[str, Callable[[int], Exception | None]] = field(default_factory=dict)
    obstacles: dict[str, str] = field(default_factory=dict)
    pauses: dict[str, asyncio.Event] = field(default_factory=dict)
    following: set[str] = field(default_factory=lambda: {TARGET})
    """The regions whose server copies the primary."""
    writable: set[str] = field(default_factory=set)
    """More regions that take writes, as the probe sees it: a world gone wrong."""
    undone: list[str] = field(default_factory=list)
    views: dict[tuple[str, str], str] = field(default_factory=dict)
    """How a vantage point sees a region, when not as the others do."""
    mute: set[str] = field(default_factory=set)
    """The vantage points whose probing fails."""
    deploying: bool = False

    def detect(self, call: StepCall) -> StepResult:
        """One reading."""
        kind = call.uses.partition(".")[2]
        alive = call.region not in self.dead - self.writable
        values: dict[str, Any] = {}
        if kind == "postgres" and alive:
            role = "primary" if call.region in self.primary | self.writable else "standby"
            values = {"role": role, "position": 100, "last_commit_at": time.time() - self.lag, "timeline": 1}
            values |= {"streaming": role == "standby" and call.region in self.following, "lag_bytes": 0}
            values |= {"read_only": call.region in self.fenced - self.writable, "synchronous": True}
            values["standbys"] = {
                f"vector-db.{region}": {"state": "streaming", "sync_state": "sync", "lag_bytes": 0}
                for region in self.following
            }
        elif kind == "process" and alive:
            values = {"desired": self.replicas[call.region], "ready": self.replicas[call.region]}
        elif kind == "rfc2136":
            alive = self.dns
            values = {"regions": list(self.leads), "addresses": [], "ttl": 1}
        reading = Reading(
            resource=call.resource,
            region=call.region,
            state="healthy" if alive else "unknown",
            reason="" if alive else "connection refused",
            values=values,
            observed_at=time.time() - self.slow_to_tell,
        )
        return StepResult(changed=False, reason="looked", reading=reading)

    def detector(self, _uses: str) -> "World":
        """Whatever is asked when a failover is weighed: this world."""
        return self

    async def run(self, call: StepCall) -> StepResult:
        """A deployment is in progress, or not; a region answers, or does not."""
        asks_for_rollout = "rollout" in str(call.settings.get("url"))
        good = self.deploying if asks_for_rollout else call.region not in self.dead
        state, reason = ("healthy", "release 42 rolls out.") if good else ("unhealthy", "no answer")
        reading = Reading.model_validate(
            {
                "resource": call.resource,
                "region": call.region,
                "state": state,
                "reason": reason,
                "observed_at": time.time(),
            }
        )
        return StepResult(changed=False, reason=reason, reading=reading)

    def count(self, name: str) -> None:
        """One more call of that name; raises what was ordered for it."""
        self.calls[name] += 1
        fault = self.faults.get(name, lambda _n: None)(self.calls[name])
        if fault is not None:
            raise fault

    async def act(self, call: StepCall) -> StepResult:
        """One act: does nothing twice, and never makes a second writer."""
        self.count(call.uses)
        if call.uses in self.pauses:
            while not self.pauses[call.uses].is_set():
                activity.heartbeat()
                await asyncio.sleep(0.05)
        verb = call.uses.partition(".")[0]
        done: Callable[[StepCall], bool | None] = getattr(self, f"_{verb}")
        changed = done(call)
        if changed:
            self.acts.append(call.step)
        proved = verb != "fence" or self.power or call.region not in self.dead
        reason = "done" if changed else "nothing to do"
        reason = f"A copy of {call.resource} took writes" if verb == "rehearse" else reason
        return StepResult(changed=bool(changed), reason=reason if proved else "no proof of fence", proved=proved)

    def _fence(self, call: StepCall) -> bool:
        if not self.power and call.region in self.dead:
            return False
        changed = call.region not in self.fenced
        self.fenced.add(call.region)
        self.primary.discard(call.region)
        return changed

    def _promote(self, call: StepCall) -> bool:
        if call.region in self.primary:
            return False
        if self.power:
            assert not self.primary, f"a second writer: {self.primary} and {call.region}"
        self.primary.add(call.region)
        self.following.discard(call.region)
        return True

    def _catch_up(self, call: StepCall) -> bool:
        assert call.region in self.following, f"{call.region} copies nobody"
        return False

    def _reseed(self, call: StepCall) -> bool:
        changed = call.region not in self.following
        self.fenced.discard(call.region)
        self.primary.discard(call.region)
        self.dead.discard(call.region)
        self.following.add(call.region)
        return changed

    def _salvage(self, call: StepCall) -> bool:
        assert call.region
        return False

    def _compare(self, call: StepCall) -> bool:
        assert call.region in self.following
        return False

    def _rehearse(self, call: StepCall) -> bool:
        assert call.region not in self.primary
        return False

    def undo(self, call: StepCall) -> bool:
        """Take an act back."""
        verb = call.uses.partition(".")[0]
        step = call.step.removeprefix("undo.")
        changed = step in self.acts and step not in self.undone
        if changed:
            self.undone.append(step)
        if verb == "fence" and changed:
            self.fenced.discard(call.region)
            self.primary.add(call.region)
        elif verb == "scale" and changed:
            self.replicas[call.region] = 1
        elif verb == "cut_over" and changed:
            self.leads = (SOURCE,)
        return changed

    def _scale(self, call: StepCall) -> bool:
        wanted = int(str(call.settings["replicas"]))
        if call.settings.get("down"):
            changed = self.replicas[call.region] != wanted
            self.replicas[call.region] = wanted
            return changed
        changed = self.replicas[call.region] < wanted
        self.replicas[call.region] = max(self.replicas[call.region], wanted)
        return changed

    def _cut_over(self, call: StepCall) -> bool:
        weights = call.settings["weights"]
        assert isinstance(weights, dict)
        wanted = tuple(region for region, weight in weights.items() if weight)
        changed = wanted != self.leads
        self.leads = wanted
        return changed

    def _verify(self, call: StepCall) -> bool:
        kind = call.uses.partition(".")[2]
        weights = call.settings.get("weights") or {}
        assert isinstance(weights, dict)
        good = {
            "http": call.region not in self.dead,
            "sql": call.region in self.primary - self.fenced,
            "dns": self.leads == tuple(region for region, weight in weights.items() if weight),
        }
        if not good[kind]:
            message = f"{call.step}: not right yet"
            raise ApplicationError(message, type=ErrorType.NOT_YET)
        return False

    def _notify(self, call: StepCall) -> bool:
        self.told.append(str(call.settings["text"]))
        return True

    def activities(self) -> list[Callable[..., Any]]:
        """Everything that a failover calls, under its real name."""

        async def detect(call: StepCall) -> StepResult:
            return self.detect(call)

        async def act(call: StepCall) -> StepResult:
            return await self.act(call)

        async def check(call: StepCall) -> StepResult:
            obstacle = self.obstacles.get(call.uses)
            return StepResult(changed=False, proved=obstacle is None, reason=obstacle or "it could be done")

        async def undo(call: StepCall) -> StepResult:
            self.count(f"{call.uses}.undo")
            return StepResult(changed=self.undo(call), reason="undone")

        async def record(call: RecordCall) -> RecordAnswer:
            self.count("record")
            return RecordAnswer(location=f"/records/{call.run_id}")

        @activity.defn(name="plan")
        async def planned(call: PlanCall) -> PlanAnswer:
            self.count("plan")
            return answer(call)

        looks = ("detect.postgres", "detect.process", "detect.rfc2136")
        acts: tuple[str, ...] = ("fence.postgres", "promote.postgres", "scale.process", "cut_over.rfc2136")
        acts += ("catch_up.postgres", "reseed.postgres", "salvage.postgres", "compare.postgres")
        acts += ("rehearse.postgres",)
        acts += ("verify.http", "verify.sql", "verify.dns", "notify.log")
        return [
            planned,
            activity.defn(name="record")(record),
            *(activity.defn(name=f"{name}.undo")(_copy(undo)) for name in acts[:4]),
            *(activity.defn(name=name)(_copy(detect)) for name in looks),
            *(activity.defn(name=name)(_copy(act)) for name in acts),
            *(activity.defn(name=f"{name}.check")(_copy(check)) for name in acts),
        ]

    def vantage(self, vantage: str) -> list[Callable[..., Any]]:
        """One vantage point's activities."""

        async def look(call: WatchCall) -> WatchReport:
            for _ in range(int(self.slow_to_confirm / 0.1)):
                activity.heartbeat()
                await asyncio.sleep(0.1)
            return self._report(call)

        async def watch(call: WatchCall) -> WatchReport:
            while True:
                if call.vantage in self.mute:
                    raise _CUT
                report = self._report(call)
                if any(v.state != call.known.get(v.region) for v in report.verdicts):
                    return report
                activity.heartbeat()
                await asyncio.sleep(0.02)

        async def writers(call: WritersCall) -> WritersReport:
            while (pause := self.pauses.get("writers")) is not None and not pause.is_set():
                activity.heartbeat()
                await asyncio.sleep(0.02)
            probes = (probe for probe in observations(call.runbook) if probe.resource in call.resources)
            readings = (self.detect(probe.call(Verb.DETECT, call.runbook.name, "writers")).reading for probe in probes)
            return WritersReport(vantage=call.vantage, readings=tuple(r for r in readings if r is not None))

        assert vantage
        found = {"look": look, "watch": watch, "writers": writers}
        return [activity.defn(name=name)(function) for name, function in found.items()]

    def _report(self, call: WatchCall) -> WatchReport:
        at = time.time()

        def verdict(region: str) -> Verdict:
            dead = "unhealthy" if region in self.dead and call.vantage in self.down_seen_by else "healthy"
            state = self.views.get((call.vantage, region), dead)
            down = state == "unhealthy"
            why = {"healthy": "answers", "unhealthy": "connection refused", "unknown": "cannot look"}[state]
            return Verdict.model_validate(
                {
                    "vantage": call.vantage,
                    "region": region,
                    "state": state,
                    "reason": why,
                    "at": at,
                    "first_bad_at": at - 0.5 if down else None,
                    "failing": ("http",) if down else (),
                }
            )

        return WatchReport(verdicts=tuple(verdict(region) for region in call.runbook.regions))


def _copy(function: Callable[..., Any]) -> Callable[..., Any]:
    """`activity.defn` marks the function itself, so each name needs one of its own."""

    async def copy(call: StepCall) -> StepResult:
        result: StepResult = await function(call)
        return result

    return copy


def failing(times: int, error_type: ErrorType = ErrorType.UNREACHABLE, text: str = "no answer") -> Any:
    """A fault for the first `times` calls."""

    def fault(call: int) -> Exception | None:
        return ApplicationError(text, type=error_type) if call <= times else None

    return fault
