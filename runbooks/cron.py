"""Cron lines, strictly: five fields, each within its range. Pure.

Temporal's own reading takes more than anybody can check by eye (six or seven fields, `@every`, years), and asks for a
day of the month *and* a day of the week where cron takes either. What both would understand otherwise is refused here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from runbooks.faults import plain

_PART = re.compile(r"(?P<first>\*|[0-9]+|[a-z]+)(-(?P<last>[0-9]+|[a-z]+))?(/(?P<step>[0-9]+))?")
_LONGEST_MONTH = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1))
_EVERY = "*"


@dataclass(frozen=True)
class _Field:
    """What one of the five may hold."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()
    """Names of its values, the first for `low`."""

    def value(self, text: str) -> int | None:
        """The number that is meant, or None."""
        if text in self.words:
            return self.low + self.words.index(text)
        number = int(text) if text.isdigit() and len(text) < 4 else None  # noqa: PLR2004 - no field has a fourth digit
        return number if number is not None and self.low <= number <= self.high else None


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    _Field("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)


def why_not_cron(line: str) -> str | None:
    """Why that is no cron line that comes to pass, or None."""
    texts = line.lower().split()
    if len(texts) != len(_FIELDS):
        named = ", ".join(field.name for field in _FIELDS)
        return f"`{plain(line)}` is no cron line: write five fields ({named}), such as `0 3 * * sun`"
    for field, text in zip(_FIELDS, texts, strict=True):
        wrong = next(filter(None, (_why_not_part(field, part) for part in text.split(","))), None)
        if wrong is not None:
            return f"`{plain(line)}` is no cron line: {wrong}"
    _, _, days, months, weekdays = texts
    if not days.startswith(_EVERY) and not weekdays.startswith(_EVERY):
        return (
            f"`{plain(line)}`: a day of the month and a day of the week would have to fall together; give one of them"
        )
    pairs = product(_values(_FIELDS[2], days), _values(_FIELDS[3], months))
    if not any(day <= _LONGEST_MONTH[month] for day, month in pairs):
        return f"`{plain(line)}` never comes: no such month has that day"
    return None


def _why_not_part(field: _Field, text: str) -> str | None:
    part = _PART.fullmatch(text)
    takes = f"a {field.name} is {field.low} to {field.high}" + (f" or {', '.join(field.words)}" if field.words else "")
    if part is None:
        return f"`{plain(text)}` is no {field.name} ({takes}; also `*`, `1-5`, `*/2`, `1,3`)"
    first, last, step = part["first"], part["last"], part["step"]
    for value in filter(None, (first, last)):
        if value != _EVERY and field.value(value) is None:
            return f"`{plain(value)}` is no {field.name}: {takes}"
    if first == _EVERY and last is not None:
        return f"`{plain(text)}`: `*` is every {field.name} and has no end"
    if last is not None and (field.value(first) or 0) > (field.value(last) or 0):
        return f"`{plain(text)}` runs backwards: write `{plain(first)}` before `{plain(last)}`, or both with a comma"
    if step is not None and first != _EVERY and last is None:
        return f"`{plain(text)}`: a step needs a range, such as `{plain(first)}-{field.high}/{plain(step)}`"
    if step is not None and not 0 < int(step[:3]) <= field.high - field.low:
        return f"`{plain(text)}`: a step of {field.name}s is 1 to {field.high - field.low}"
    return None


def _values(field: _Field, text: str) -> Iterator[int]:
    """Every value that a field which was found good stands for."""
    for part in text.split(","):
        found = _PART.fullmatch(part)
        assert found is not None, "it was found good"
        every = found["first"] == _EVERY
        low = field.low if every else field.value(found["first"]) or 0
        high = field.high if every else low if found["last"] is None else field.value(found["last"]) or 0
        yield from range(low, high + 1, int(found["step"] or 1))
