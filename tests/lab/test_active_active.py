"""Two regions that serve at once and one that stands by: the shipped runbook of such a lab, and its failovers."""

from pathlib import Path

import httpx
import pytest

from lab.demo import Story, tell
from lab.demolition import demolish
from lab.figures import Figures
from lab.look import status
from lab.manager import running
from lab.topology import LabSpec
from runbooks.load import load
from runbooks.models import Role
from triggers.cli.screen import screen
from worker.settings import Settings

EAST, WEST, SOUTH = "us-east-1", "eu-west-1", "ap-southeast-1"
pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]


def spec(folder: Path) -> LabSpec:
    """Three regions without a language model."""
    return LabSpec(name="demo", home=folder / "lab", regions=3, topology="active-active", model=False)


async def test_both_active_regions_take_rows_for_the_one_writer(tmp_path: Path) -> None:
    """The name leads to both; each acknowledges a row once the writer's region has it; the standby does, too."""
    async with running(spec(tmp_path)) as lab:
        book = load(lab.runbook).runbook
        assert {name: (region.role, region.traffic) for name, region in book.regions.items()} == {
            EAST: (Role.ACTIVE, 50),
            WEST: (Role.ACTIVE, 50),
            SOUTH: (Role.STANDBY, 0),
        }
        assert [region.public for region in (await status(lab)).regions] == [True, True, False]
        async with httpx.AsyncClient(timeout=5) as client:
            for n, region in enumerate(lab.regions):
                url = f"http://{region.edge}:{lab.public_port}/rows"
                answer = await client.post(url, json={"client": "test", "n": n})
                expected = {"client": "test", "n": n, "region": region.name, "writer": EAST}
                assert (answer.status_code, answer.json()) == (201, expected)


async def told(folder: Path, victim: str) -> tuple[Figures, tuple[bool, ...]]:
    """The whole story with that region killed; what it took, and where the public name leads in the end."""
    story = Story(
        spec=spec(folder),
        settings=Settings(home=folder / "evac"),
        say=lambda _: None,
        screen=lambda: screen(answers_json=True),
        approve=lambda _: True,
        victim=victim,
    )
    found, lab = await tell(story)
    try:
        return found, tuple(region.public for region in (await status(lab)).regions)
    finally:
        demolish(lab)


async def test_the_survivor_takes_the_share_and_the_writers(tmp_path: Path) -> None:
    """The region with the writers is killed: everything moves to the other active one, and not to the standby."""
    found, public = await told(tmp_path, EAST)
    assert (found.outcome, found.good, public) == ("recovered", True, (False, True, False))
    assert found.lost[0].lost == 0


async def test_a_region_without_the_writers_gives_up_its_share_only(tmp_path: Path) -> None:
    """Nothing is promoted and nothing is lost: the name leads to the survivor."""
    found, public = await told(tmp_path, WEST)
    assert (found.outcome, found.good, public) == ("recovered", True, (True, False, False))
    assert [store.lost for store in found.lost] == [0, 0, 0]
