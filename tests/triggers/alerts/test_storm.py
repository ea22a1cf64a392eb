"""Many alerts at once while Temporal is away: nothing is lost, nothing is done twice."""

from pathlib import Path

from tests.triggers.alerts.storm import blown, storm

COUNT = 1500


async def test_a_storm_loses_nothing_and_starts_one_run(tmp_path: Path) -> None:
    """Each sender is answered, the last time rightly; every alert is heard once; one run is started."""
    tally, state, runs = await blown(tmp_path, COUNT, away=2.0)
    assert tally.wrong == []
    keys = {one.key for one in storm(COUNT) if one.key}
    refused = COUNT // 20
    assert {status: tally.answered[status] for status in (202, 401, 422)} == {
        202: COUNT - 2 * refused,
        401: refused,
        422: refused,
    }
    assert set(tally.answered) <= {202, 401, 422, 503}
    assert (state.counted, runs) == (len(keys), 1)
