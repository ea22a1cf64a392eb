"""Maintenance windows: which one is open at a moment, and when it closes. Pure."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from runbooks.models import Day, Window
from runbooks.values import UnixTime

_AREA = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def known_zone(name: str) -> bool:
    """This machine knows the time zone."""
    if not _AREA.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, no such name, a folder of zones
        return False
    return True


def open_window(windows: Iterable[Window], at: UnixTime) -> tuple[Window, UnixTime] | None:
    """The open window that closes last, and when it closes; None when none is open.

    A window past midnight belongs to the day on which it begins.
    """
    found = [(window, closes) for window in windows if (closes := _closes(window, at)) is not None]
    return max(found, key=lambda pair: pair[1], default=None)


def _closes(window: Window, at: UnixTime) -> UnixTime | None:
    zone = ZoneInfo(window.timezone)
    today = datetime.fromtimestamp(at, tz=zone).date()
    for day in (today, today - timedelta(days=1)):
        opens, closes = _bounds(window, day, zone)
        if _DAYS[day.weekday()] in window.days and opens <= at < closes:
            return closes
    return None


def _bounds(window: Window, day: date, zone: ZoneInfo) -> tuple[UnixTime, UnixTime]:
    start, end = time.fromisoformat(window.start), time.fromisoformat(window.end)
    last = day if end > start else day + timedelta(days=1)
    opens = datetime.combine(day, start, tzinfo=zone).timestamp()
    return opens, datetime.combine(last, end, tzinfo=zone).timestamp()
