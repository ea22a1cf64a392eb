"""The shipped runbook across clouds: out of a dead region of AWS into Azure, and home again, while a client writes."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from tests.aws.world import HERE, World
from tests.azure.world import THERE, AzureWorld
from tests.e2e.evac_cli import EvacCli, at_work
from tests.e2e.two_clouds import Clouds, clouds
from tests.e2e.writer import Writer, writing
from tests.lab.started import until
from tests.postgres_logical.world import Twins

BOOK = "llm-anywhere"
pytestmark = pytest.mark.timeout(300)


@asynccontextmanager
async def system(
    aws: World, azure: AzureWorld, twins: Twins, home: Path
) -> AsyncIterator[tuple[Clouds, EvacCli, Writer]]:
    """Everything, well; the worker is in neither region."""
    async with clouds(aws, azure, twins, home) as made:
        (home / "llm.yaml").write_text(made.text)
        async with at_work(EvacCli(home), (HERE, THERE)) as evac, writing(made.writer()) as client:
            await client.goes_on(HERE)
            yield made, evac, client


async def test_out_of_a_dead_region_into_another_cloud_and_home_again(
    aws: World, azure: AzureWorld, twins: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both clouds, both databases and the name servers are what the runbook promises; every row is counted."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    async with system(aws, azure, twins, tmp_path) as (both, evac, client):
        file = str(tmp_path / "llm.yaml")
        assert (both.sizes(), await both.leads()) == ((5, [2, 0, 0]), HERE)
        await until(lambda: both.has_copied(HERE, THERE), within=60)
        await both.lose()
        copied = await both.rows(THERE)
        command = ["failover", file, "--from", HERE, "--accept", "unproved-fence:vector-db"]
        out = await evac.decided(BOOK, command, "bob")
        assert (out["outcome"], await both.leads()) == ("recovered", THERE)
        await client.goes_on(THERE)
        assert copied.items() <= (await both.rows(THERE)).items()

        await both.regain()
        assert both.sizes() == (5, [5, 1, 0])  # of the first set Azure has given four
        astray = await both.write_astray(HERE)
        command = ["failback", file, "--accept", "two-writers:vector-db", "--accept", "orphans:vector-db"]
        back = await evac.decided(BOOK, command, "bob", "dana")
        assert (back["outcome"], await both.leads()) == ("completed", HERE)
        assert both.sizes() == (5, [2, 0, 0])
        await client.goes_on(HERE)
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            await both.write_astray(THERE)
        await until(lambda: both.has_copied(HERE, THERE), within=60)
        await _counted(both, client, tmp_path, copied, astray)


async def _counted(both: Clouds, client: Writer, home: Path, copied: dict[int, str], astray: str) -> None:
    """Every row that was acknowledged is at home, or in the file of what only the former primary had."""
    rows = await both.rows(HERE)
    (file,) = (home / "state" / "orphans").glob("*/vector-db.jsonl")
    orphans = {json.loads(line)["row"]["word"] for line in file.read_text().splitlines()}
    there = set(rows.values())
    assert (client.collisions, len(there)) == ([], len(rows))
    assert astray in orphans
    assert copied.items() <= rows.items()
    assert not orphans & there
    assert client.words <= there | orphans
    assert set(client.acknowledged[THERE]) <= there
