import asyncio
from pathlib import Path

from tests.activities.calls import perform


async def test_a_line_is_written_once(tmp_path: Path) -> None:
    """With run, step and runbook; line breaks in the text do not make more lines."""
    first = await perform("notify.log", {"text": "the region\nis down"}, home=tmp_path)
    again = await perform("notify.log", {"text": "the region\nis down"}, home=tmp_path)
    assert (first.changed, again.changed) == (True, False)
    assert "before" in again.reason
    (line,) = (tmp_path / "notices.log").read_text().splitlines()
    assert line.endswith(" [run-1/step-1] book: the region is down")


async def test_many_at_once_write_one_line(tmp_path: Path) -> None:
    """Twenty runs of the same step; other steps have lines of their own."""
    results = await asyncio.gather(*(perform("notify.log", {"text": "x"}, home=tmp_path) for _ in range(20)))
    assert sum(result.changed for result in results) == 1
    await perform("notify.log", {"text": "x"}, home=tmp_path, step="step-2")
    assert len((tmp_path / "notices.log").read_text().splitlines()) == 2


async def test_another_file_may_be_named(tmp_path: Path) -> None:
    """Its folder is made when it is missing."""
    path = tmp_path / "deep" / "in" / "here.log"
    result = await perform("notify.log", {"text": "x", "path": str(path)}, home=tmp_path)
    assert result.after["path"] == str(path)
    assert "book: x" in path.read_text()
