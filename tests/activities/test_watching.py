"""A vantage point: when it calls a region healthy, unhealthy or unknown, and when it reports."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.watching import Vantage
from runbooks.runs import Verdict
from runbooks.steps import StepCall, StepResult
from runbooks.watches import WatchCall, WatchReport
from tests.workflows.world import SOURCE, TARGET, runbook

BOOK = runbook(
    detect={"interval": "1ms", "failures": 3},
    checks=[{"kind": "http", "url": "http://{region}/healthz"}],
)


@dataclass
class Probes:
    """What the probes answer: the states of the source, one after another (the last stays); the target is healthy."""

    states: list[str]
    rounds: int = 0
    asked: list[str] = field(default_factory=list)

    def __call__(self, _uses: str) -> "Probes":
        """The same for every technology."""
        return self

    async def run(self, call: StepCall) -> StepResult:
        """One reading."""
        self.asked.append(f"{call.uses} {call.region}")
        state = "healthy"
        if call.region == SOURCE:
            state = self.states[min(self.rounds, len(self.states) - 1)]
            if call.uses == "detect.http":
                self.rounds += 1
        reading: dict[str, Any] = {
            "resource": call.resource,
            "region": call.region,
            "state": state,
            "reason": f"It is {state}.",
            "values": {"round": self.rounds},
            "observed_at": time.time(),
        }
        return StepResult.model_validate({"changed": False, "reason": "", "reading": reading})


async def report(
    probes: Probes, known: dict[str, str] | None = None, *, look: bool = False, successes: int = 1
) -> WatchReport:
    """What the vantage point reports."""
    post = Vantage(probes)
    book = BOOK.model_copy(update={"detect": BOOK.detect.model_copy(update={"successes": successes})})
    call = WatchCall.model_validate({"runbook": book, "vantage": "witness", "known": known or {}})
    found: WatchReport = await asyncio.wait_for(ActivityEnvironment().run(post.look if look else post.watch, call), 5)
    return found


def of(found: WatchReport, region: str) -> Verdict:
    """The verdict on the region."""
    return next(verdict for verdict in found.verdicts if verdict.region == region)


HEALTHY = {SOURCE: "healthy", TARGET: "healthy"}


async def test_the_first_report_says_what_is() -> None:
    """With nothing known it reports as soon as every region is clear."""
    found = await report(Probes(["healthy"]))
    assert [verdict.state for verdict in found.verdicts] == ["healthy", "healthy"]


async def test_so_many_bad_rounds_in_a_row_make_a_region_unhealthy() -> None:
    """Not before, and the fault counts from the first of them."""
    probes = Probes(["healthy", "unhealthy"])
    verdict = of(await report(probes, HEALTHY), SOURCE)
    assert (verdict.state, verdict.reason, probes.rounds) == ("unhealthy", "It is unhealthy", 4)
    assert verdict.first_bad_at is not None
    assert verdict.first_bad_at < verdict.at


async def test_one_good_round_begins_the_count_anew() -> None:
    """A flicker is not a fault."""
    probes = Probes(["unhealthy", "unhealthy", "healthy", "unhealthy", "unhealthy", "unhealthy"])
    await report(probes, HEALTHY)
    assert probes.rounds == 6


async def test_a_probe_that_cannot_look_makes_nothing_red() -> None:
    """A broken probe is unknown: it is never taken for a dead region, nor for a healthy one."""
    verdict = of(await report(Probes(["unknown"]), HEALTHY), SOURCE)
    assert (verdict.state, verdict.first_bad_at) == ("unknown", None)


async def test_a_recovery_is_reported_at_once() -> None:
    """One good round is enough."""
    probes = Probes(["healthy"])
    verdict = of(await report(probes, {SOURCE: "unhealthy", TARGET: "healthy"}), SOURCE)
    assert (verdict.state, probes.rounds) == ("healthy", 1)


async def test_out_of_unhealthy_it_takes_so_many_good_rounds_in_a_row() -> None:
    """Hysteresis: a region that answers now and then is not healthy again."""
    probes = Probes(["healthy", "healthy", "unhealthy", "healthy", "healthy", "healthy"])
    found = await report(probes, {SOURCE: "unhealthy", TARGET: "healthy"}, successes=3)
    assert (of(found, SOURCE).state, probes.rounds) == ("healthy", 6)


async def test_failure_21_a_flapping_region_is_no_news() -> None:
    """It neither fails often enough in a row to go down, nor is it good often enough to come back: no report at all."""
    for known in ("healthy", "unhealthy"):
        probes = Probes([*["unhealthy", "unhealthy", "healthy", "healthy"] * 10, *[known] * 2])
        waiting = asyncio.ensure_future(report(probes, {SOURCE: known, TARGET: "healthy"}, successes=3))
        while probes.rounds < 40:
            await asyncio.sleep(0.001)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait({waiting})


async def test_a_region_that_is_not_clear_yet_is_reported_as_it_was_known() -> None:
    """The news is of another region: a bad round or two of this one change nothing."""
    found = await report(Probes(["unhealthy"]), {SOURCE: "healthy", TARGET: "unhealthy"})
    assert [verdict.state for verdict in found.verdicts] == ["healthy", "healthy"]


async def test_the_failing_checks_are_named() -> None:
    """So that another region with the same symptom can be told."""
    found = await report(Probes(["unhealthy"]), HEALTHY)
    assert (of(found, SOURCE).failing, of(found, TARGET).failing) == (("http",), ())


async def test_a_look_reports_what_is_known_already() -> None:
    """Asked once, it answers once, changed or not."""
    found = await report(Probes(["unhealthy"]), {SOURCE: "unhealthy", TARGET: "healthy"}, look=True)
    assert of(found, SOURCE).state == "unhealthy"


async def test_the_last_good_readings_of_data_come_along() -> None:
    """When the region is dead, the report still holds what its database said last."""
    found = await report(Probes(["healthy", "healthy", "unhealthy"]), HEALTHY)
    kept = {(reading.resource, reading.region): reading for reading in found.history}
    assert {("vector-db", SOURCE), ("vector-db", TARGET)} == set(kept)
    assert int(str(kept["vector-db", SOURCE].values["round"])) <= 2


async def test_it_beats_while_it_waits_for_the_next_round() -> None:
    """With an interval longer than the heartbeat timeout, it would be taken for dead between two rounds."""
    slow = runbook(detect={"interval": "1s", "failures": 3}, checks=BOOK.model_dump(mode="json")["checks"])
    env = ActivityEnvironment()
    env.info = replace(env.info, heartbeat_timeout=timedelta(milliseconds=150))
    beats: list[float] = []
    env.on_heartbeat = lambda *_details: beats.append(time.monotonic())
    call = WatchCall(runbook=slow, vantage="witness", known=HEALTHY)
    waiting = asyncio.create_task(env.run(Vantage(Probes(["healthy"])).watch, call))
    began = time.monotonic()
    await asyncio.wait({waiting}, timeout=0.6)
    env.cancel()
    await asyncio.wait({waiting}, timeout=5)
    times = [began, *(beat for beat in beats if beat < began + 0.6), began + 0.6]
    assert max(b - a for a, b in pairwise(times)) < 0.15


async def test_the_last_good_readings_are_of_the_runbook_asked_about() -> None:
    """Two systems may call their databases alike: one must not be judged by what was seen of the other."""
    post = Vantage(Probes(["healthy"]))
    other = BOOK.model_copy(update={"name": "other"})
    await ActivityEnvironment().run(post.look, WatchCall(runbook=other, vantage="witness"))
    empty = BOOK.model_copy(update={"resources": {"name": BOOK.resources["name"]}})
    found: WatchReport = await ActivityEnvironment().run(post.look, WatchCall(runbook=empty, vantage="witness"))
    assert found.history == ()
