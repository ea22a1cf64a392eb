from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.models import Window
from runbooks.windows import known_zone, open_window

NIGHT = Window(days=("fri",), start="22:00", end="04:00", timezone="Europe/Berlin", reason="patches")


def at(text: str, zone: str = "Europe/Berlin") -> float:
    """The moment of that local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-27T21:59:59", False),  # a Friday
        ("2026-11-27T22:00:00", True),
        ("2026-11-28T03:59:59", True),  # past midnight it is still Friday's window
        ("2026-11-28T04:00:00", False),
        ("2026-11-28T22:30:00", False),  # Saturday has none
        ("2026-11-27T03:00:00", False),  # nor had Thursday
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_on_which_it_begins(moment: str, is_open: bool) -> None:  # noqa: FBT001
    """Open from its start until just before its end, in its own time zone."""
    assert is_open == (open_window([NIGHT], at(moment)) is not None)


def test_the_window_that_closes_last_is_named_with_its_end() -> None:
    """Two are open: nothing begins before both are over."""
    short = Window(start="23:00", end="23:30", timezone="Europe/Berlin")
    assert open_window([short, NIGHT], at("2026-11-27T23:10:00")) == (NIGHT, at("2026-11-28T04:00:00"))


def test_the_same_start_and_end_is_a_whole_day() -> None:
    """Around the clock."""
    whole = Window(days=("sat",), start="00:00", end="00:00")
    assert open_window([whole], at("2026-11-28T23:59:00", "UTC")) == (whole, at("2026-11-29T00:00:00", "UTC"))
    assert open_window([whole], at("2026-11-29T00:00:00", "UTC")) is None


def test_the_clock_may_be_changed_in_the_window() -> None:
    """In the night when the clock goes back, 22:00 to 04:00 is seven hours long."""
    night = NIGHT.model_copy(update={"days": ("sat",)})
    opens, closes = at("2026-10-24T22:00:00"), at("2026-10-25T04:00:00")
    assert closes - opens == 7 * 3600
    assert open_window([night], opens + 6.5 * 3600) == (night, closes)


def test_only_real_time_zones_are_known() -> None:
    """As this machine's own list has them."""
    assert [
        known_zone(name) for name in ("UTC", "Europe/Berlin", "Europe/Atlantis", "Europe", "../etc/passwd", "")
    ] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


CLOCK = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
WINDOWS = st.builds(
    Window,
    days=st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1).map(tuple),
    start=CLOCK,
    end=CLOCK,
    timezone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
)


@given(WINDOWS, st.integers(min_value=1_577_836_800, max_value=2_051_222_400))
def test_an_open_window_closes_and_is_closed_then(window: Window, now: int) -> None:
    """Whatever the window: its end is ahead, within a day and a changed clock, and then it is over."""
    found = open_window([window], now)
    if found is None:
        return
    _, closes = found
    assert now < closes <= now + 25 * 3600
    last_minute = open_window([window], closes - 1)
    assert last_minute is not None
    assert last_minute[1] >= closes
    again = open_window([window], closes)
    assert again is None or again[1] > closes
