"""`evac replay --all`: every recording in some folders, as a gate for CI."""

import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from triggers.cli.exits import Exit
from triggers.cli.out import Format, Refusal, answer, conclude, document
from triggers.replay.many import Judged, replay_all
from triggers.replay.recording import every

_LISTED = 20
"""So many differences are told; one change in the code makes them all."""


def gate(places: list[Path], processes: int | None, output: Format) -> None:
    """Replay them, say how it went. Raises Refusal when one does not go as it did, or when there is none."""
    missing = [str(place) for place in places if not place.exists()]
    if missing:
        raise Refusal(Exit.USAGE, f"{', '.join(missing)}: there is no such folder")
    files = list(dict.fromkeys(every(places)))
    if not files:
        raise Refusal(Exit.USAGE, f"no record of a run lies in {', '.join(map(str, places))}: a gate with none is open")
    began = time.perf_counter()
    wrong = _followed(files, processes)
    speed = len(files) / max(time.perf_counter() - began, 1e-9)
    same = len(files) - len(wrong)
    if output is Format.JSON:
        listed = [{"file": str(one.file), "difference": one.wrong} for one in wrong]
        document(records=len(files), same=same, per_second=round(speed, 1), differences=listed)
    else:
        for one in wrong[:_LISTED]:
            answer(f"{one.file}: {one.wrong}")
        if len(wrong) > _LISTED:
            answer(f"... and {len(wrong) - _LISTED} more")
        if not wrong:
            conclude(f"{len(files)} records replay on the code of today, {speed:.0f} a second.")
    if wrong:
        raise Refusal(Exit.FAILED, f"{len(wrong)} of {len(files)} records do not replay ({speed:.0f} a second)")


def _followed(files: list[Path], processes: int | None) -> list[Judged]:
    """What is wrong; a bar on a terminal shows how far it is."""
    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[wrong]}"))
    shown = Console(file=sys.stderr)
    wrong: list[Judged] = []
    with Progress(*columns, TimeRemainingColumn(), console=shown, disable=not shown.is_terminal) as bar:
        task = bar.add_task("", total=len(files), wrong="")
        for one in replay_all(files, processes):
            wrong += [] if one.wrong is None else [one]
            bar.update(task, advance=1, wrong=f"{len(wrong)} differ" if wrong else "")
    return wrong
