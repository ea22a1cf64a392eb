"""The coverage table: how many interleavings of each runbook and procedure, by what happened in them."""

from collections import Counter
from collections.abc import Iterable

from tests.checker.play import Played
from tests.checker.script import CALLS, SAYINGS, WORLD

COLUMNS = ("plain", *CALLS, "world", "said", "several", "unplayed")

Counts = Counter[tuple[str, str]]
"""How many, by the row's title and the column."""


def group(played: Played) -> str:
    """The column: what happened to a call, to the world, what people said, or several at once."""
    if played.unplayed:
        return "unplayed"
    case = played.case
    if len(case.disturbances) != 1:
        return "several" if case.disturbances else "plain"
    kind = case.disturbances[0].kind
    return "world" if kind in WORLD else "said" if kind in SAYINGS else kind


def counted(played: Iterable[Played]) -> Counts:
    """The numbers of the table."""
    return Counter((one.case.title, group(one)) for one in played)


def table(counts: Counts) -> str:
    """One row a runbook, procedure and scene; one column a kind of disturbance; the sums of both."""
    rows = sorted({title for title, _column in counts})
    width = max((len(title) for title in rows), default=0)
    lines = [f"{'':{width}}" + "".join(f"{column:>11}" for column in COLUMNS) + f"{'all':>7}"]
    for title in rows:
        numbers = [counts[title, column] for column in COLUMNS]
        lines.append(f"{title:{width}}" + "".join(f"{number:>11}" for number in numbers) + f"{sum(numbers):>7}")
    sums = [sum(counts[title, column] for title in rows) for column in COLUMNS]
    lines.append(f"{'all':{width}}" + "".join(f"{number:>11}" for number in sums) + f"{sum(sums):>7}")
    return "\n".join(lines)
