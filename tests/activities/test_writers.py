import time
from pathlib import Path

from temporalio.testing import ActivityEnvironment

from activities.asking import detectors_in
from activities.writers import Writers
from lab.topology import Lab
from runbooks.models import Runbook
from runbooks.run_calls import WritersCall, WritersReport
from runbooks.writers import unseen, violation
from tests.activities.calls import ACTIVE, STANDBY, postgres
from tests.workflows.world import runbook


def book(lab: Lab, **more: dict[str, object]) -> Runbook:
    """The lab's two databases; `more` overrides the settings of one region."""
    settings = {region: {**postgres(lab, region), **more.get(region, {})} for region in (ACTIVE, STANDBY)}
    return runbook(resources={"vector-db": {"kind": "postgres", "settings": settings}}, checks=[])


async def probe(runbook: Runbook) -> WritersReport:
    """What this vantage point sees."""
    call = WritersCall(runbook=runbook, vantage="witness", resources=("vector-db",))
    found: WritersReport = await ActivityEnvironment().run(Writers(detectors_in(Path("nowhere"))).writers, call)
    return found


async def test_a_pair_has_one_writer(calm_pair: Lab) -> None:
    """Both answer, and only the primary takes writes: asked twice, the answer is the same."""
    for _ in range(2):
        report = await probe(book(calm_pair))
        roles = {reading.region: reading.values["role"] for reading in report.readings}
        assert roles == {ACTIVE: "primary", STANDBY: "standby"}
        assert violation(book(calm_pair), [report]) is None
        assert unseen(book(calm_pair), [report]) == ()


async def test_a_region_that_takes_writes_beside_another_is_found(calm_pair: Lab) -> None:
    """Two regions whose databases both answer as a primary."""
    twice = book(calm_pair, **{STANDBY: postgres(calm_pair, ACTIVE)})
    assert violation(twice, [await probe(twice)]) is not None


async def test_a_mute_region_holds_the_answer_up_for_its_own_bound_only(calm_pair: Lab, mute: int) -> None:
    """Silence is a reading, taken within the connect timeout of that region."""
    dark = book(calm_pair, **{ACTIVE: {"host": "127.0.0.1", "port": mute, "connect_timeout": 0.3}})
    began = time.monotonic()
    report = await probe(dark)
    assert time.monotonic() - began < 1.0
    assert violation(dark, [report]) is None
    (sentence,) = unseen(dark, [report])
    assert f"nobody could see vector-db in {ACTIVE}" in sentence
