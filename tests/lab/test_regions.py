"""A whole lab, all parts real: two or three regions, killed and healed."""

import asyncio
from pathlib import Path

import httpx
import pytest

from lab import bind
from lab.look import public_addresses, status
from lab.manager import running
from lab.postgres import Databases
from lab.processes import Processes
from lab.regions import heal, kill
from lab.topology import Lab, LabSpec
from lab.vantage import start_vantage
from runbooks.kinds import KINDS
from runbooks.load import load
from tests.lab.machine import nothing_left, processes_of

pytestmark = pytest.mark.lab


async def test_a_region_dies_as_a_whole_and_comes_back(tmp_path: Path) -> None:
    """Up, everything answers; killed, nothing of the region does; healed, all of it; down, nothing is left."""
    home = tmp_path / "lab"
    async with nothing_left(home), running(LabSpec(home=home, model=False)) as lab:
        before = await status(lab)
        assert [(r.database, r.replicas_ready, r.health, r.public) for r in before.regions] == [
            ("primary", 2, 200, True),
            ("standby", 1, 200, False),
        ]
        assert before.outside == ("dns", "power")
        await kill(lab, "us-east-1")
        dead, alive = (await status(lab)).regions
        assert (dead.database, dead.replicas_ready, dead.health, dead.processes) == ("down", None, None, 0)
        assert alive == before.regions[1]
        assert [line for line in processes_of(home) if "us-east-1" in line] == []
        assert len(await heal(lab, "us-east-1")) == 6
        await _same(lab, before.regions[0].model_dump())


async def test_three_regions_answer_with_a_real_model(tmp_path: Path) -> None:
    """Each region retrieves from its own copy of the database, and takes no rows unless it is the primary."""
    async with running(LabSpec(home=tmp_path / "lab", regions=3, mode="asynchronous")) as lab:
        question = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0}
        async with httpx.AsyncClient(timeout=20) as client:
            for region in lab.regions:
                base = f"http://{region.address}:{lab.public_port}"
                answer = (await client.post(f"{base}/v1/chat/completions", json=question)).raise_for_status().json()
                assert "Paris" in answer["choices"][0]["message"]["content"]
                row = await client.post(f"{base}/rows", json={"client": "test", "n": 1})
                assert row.status_code == (201 if region.name == "us-east-1" else 503)


async def test_an_attached_worker_dies_with_its_region(tmp_path: Path) -> None:
    """Whoever puts a process into a region loses it with the region."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"power"}))) as lab:
        Processes(lab).spawn("eu-west-1", "worker", ("sleep", "60"))
        assert (await kill(lab, "eu-west-1")).processes == 1
        assert Processes(lab).find("outside", "power") is not None


@pytest.mark.parametrize("dns", ["dnspython", "bind"])
async def test_the_public_name_leads_to_the_active_region(tmp_path: Path, dns: str) -> None:
    """With either name server."""
    if dns == "bind" and (reason := bind.available()) is not None:
        pytest.skip(reason)
    spec = LabSpec.model_validate({"home": tmp_path / "lab", "dns": dns, "parts": ["dns"]})
    async with running(spec) as lab:
        assert await public_addresses(lab) == (lab.active.address,)


async def test_the_runbook_is_valid_and_names_every_part(tmp_path: Path) -> None:
    """The file is read strictly, without a fault, and each region's settings are complete for their kind."""
    async with running(LabSpec(home=tmp_path / "lab", regions=3, parts=frozenset(), approvals=1)) as lab:
        runbook = load(lab.runbook).runbook
        assert runbook.policy.failover.approval.count == 1
        for name, resource in runbook.resources.items():
            for region in runbook.regions:
                KINDS[resource.kind].settings.model_validate(runbook.settings_of(name, region))


async def test_a_killed_database_starts_although_its_lock_file_names_a_living_process(tmp_path: Path) -> None:
    """A pid that was given to somebody else, or a zombie that nobody reaps, keeps no database down."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"postgres"}))) as lab:
        await kill(lab, "us-east-1")
        lock = lab.pgdata("us-east-1") / "postmaster.pid"
        first, *others = lock.read_text().splitlines(keepends=True)
        lock.write_text("".join(["1\n", *others]))
        assert first != "1\n"
        await asyncio.wait_for(Databases(lab).start(lab.region("us-east-1")), 20)


async def _same(lab: Lab, wanted: dict[str, object]) -> None:
    """The service's first look at its database may come a moment after its start."""
    async with asyncio.timeout(10):
        while (await status(lab)).regions[0].model_dump() != wanted:
            await asyncio.sleep(0.02)


async def test_a_vantage_point_comes_back_with_its_region(tmp_path: Path) -> None:
    """Where one was; where none was, none is started."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"power"}))) as lab:
        east = lab.region("us-east-1")
        assert await heal(lab, east.name) == ()
        start_vantage(lab, east, {"EVAC_HOME": str(tmp_path)})
        await kill(lab, east.name)
        assert await heal(lab, east.name) == (f"Evac's vantage point in {east.name} is up again.",)
        assert Processes(lab).find(east.name, "evac-worker") is not None
        assert await heal(lab, east.name) == (f"Evac's vantage point in {east.name} is up already.",)
