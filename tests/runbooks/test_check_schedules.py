"""What a runbook says about its schedules, and the exact lines that the author of a wrong one sees."""

import pytest

from runbooks.cron import why_not_cron
from runbooks.load import RunbookError, loads
from runbooks.timetable import options_of, timetable_of
from tests.runbooks.documents import spoilt


def with_schedules(*rules: str) -> str:
    """The small runbook with these schedules, each on a line, the first one on line 28."""
    lines = "".join(f"  - {rule}\n" for rule in rules)
    return spoilt(("checks:", f"schedules:\n{lines}checks:"))


WRONG: dict[str, tuple[list[str], list[str]]] = {
    "neither or both": (
        ["{run: drill}", '{run: readiness, every: 1h, cron: "0 3 * * *"}'],
        [
            "28:5: a schedule is either `every` so often or by a `cron` line: give one of the two",
            "29:5: a schedule is either `every` so often or by a `cron` line: give one of the two",
        ],
    ),
    "too often": (
        ["{run: drill, every: 30s}", "{run: readiness, every: 1h, jitter: 2h}"],
        [
            "28:25: every 30 s is too often: 1 min is the shortest",
            "29:41: a jitter of 2 h every 1 h would mix the times up: make it less",
        ],
    ),
    "no procedure": (
        ["{run: failover, every: 1d}", "{run: drill, every: 1d, mode: half}"],
        [
            "28:11: schedules[0].run must be one of drill, readiness, restore-test, not `failover`",
            "29:35: schedules[1].mode must be one of full, isolated, not `half`",
        ],
    ),
    "times": (
        ['{run: drill, cron: "0 3 * *"}', '{run: readiness, cron: "0 3 * * sun", timezone: Europe/Atlantis}'],
        [
            (
                "28:24: `0 3 * *` is no cron line: write five fields (minute, hour, day of the month, month, "
                "day of the week), such as `0 3 * * sun`"
            ),
            "29:53: `Europe/Atlantis` is no time zone; write one such as UTC or Europe/Berlin",
        ],
    ),
    "a zone for every": (
        ["{run: drill, every: 7d, timezone: Europe/Berlin}"],
        ["28:39: a time zone is for a `cron` line; `every` counts the same everywhere"],
    ),
    "twice": (
        ["{run: drill, every: 7d}", '{run: drill, cron: "0 3 * * *"}'],
        [
            "29:5: the drill is on a schedule already; one cron line may name several times: `0 3,15 * * *`",
        ],
    ),
    "options": (
        [
            "{run: readiness, every: 1h, soak: 5m}",
            "{run: drill, every: 7d, resource: db, accept: [loss:bd]}",
            "{run: restore-test, every: 7d, mode: full}",
        ],
        [
            "28:33: a readiness has no `soak`: it takes nothing but its times",
            "29:29: a drill has no `resource`: it takes mode, soak, source, target, accept",
            "29:52: `loss:bd` names no resource; known: db, web, name",
            "30:36: a restore-test has no `mode`: it takes region, resource",
        ],
    ),
    "places": (
        [
            "{run: drill, every: 7d, source: us-east-1, target: us-east-1}",
            "{run: restore-test, every: 7d, region: eu-west-2, resource: web}",
            "{run: readiness, evry: 7d}",
        ],
        [
            "28:56: the drill would leave us-east-1 for us-east-1",
            "29:44: `eu-west-2` is no region; did you mean `eu-west-1`?",
            "29:65: `web` has no backup that Evac can restore; known: db",
            "30:22: unknown key `evry` in schedules[2]; did you mean `every`?",
        ],
    ),
}


@pytest.mark.parametrize(("rules", "expected"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_scheduled_is_refused(rules: list[str], expected: list[str]) -> None:
    """Each fault has its place and says what would do."""
    with pytest.raises(RunbookError) as refused:
        loads(with_schedules(*rules), "book.yaml")
    assert str(refused.value).splitlines() == [f"book.yaml:{line}" for line in expected]


def test_a_kind_that_is_unknown_is_found_beside_a_schedule_of_it() -> None:
    """Whether such a store can be restored is not asked."""
    text = with_schedules("{run: restore-test, every: 7d, resource: db}").replace("kind: postgres", "kind: postgras")
    with pytest.raises(RunbookError) as refused:
        loads(text, "book.yaml")
    assert [fault.path for fault in refused.value.faults] == [("resources", "db", "kind")]


def test_what_is_declared_goes_into_the_input() -> None:
    """Only what is said: the rest is as the policy says when the time comes."""
    read = loads(
        with_schedules(
            '{run: drill, cron: "0 3 * * sun", timezone: Europe/Berlin, mode: isolated, jitter: 5m}',
            "{run: readiness, every: 1h}",
            "{run: restore-test, every: 1d, resource: db}",
        )
    )
    drill, readiness, restore = read.runbook.schedules
    assert options_of(drill) == {"mode": "isolated"}
    assert timetable_of(drill).words == "cron 0 3 * * sun (Europe/Berlin), up to 5 min later"
    assert (options_of(readiness), timetable_of(readiness).words) == ({}, "every 1 h")
    assert options_of(restore) == {"resource": "db"}


def test_what_may_be_meant_so_is_a_note() -> None:
    """An isolated drill does not soak; a full one that asks nobody moves production by itself."""
    read = loads(with_schedules("{run: drill, every: 7d, mode: isolated, soak: 5m}"))
    assert [str(note) for note in read.notes if "soak" in str(note)] == [
        "<text>:28:51: an isolated drill serves nothing from elsewhere: 5 min of soak count for nothing"
    ]
    silent = with_schedules("{run: drill, every: 7d}") + "policy: {drill: {approval: {count: 0}}}\n"
    assert any("without asking anybody" in str(note) for note in loads(silent).notes)


GOOD = (
    *("* * * * *", "0 3 * * sun", "0 3 * * SUN", "*/15 * * * *", "0 0 1,15 * *", "0 9-17/2 * * mon-fri"),
    *("30 2 29 feb *", "0 3 * * 7", "0 3 * * 0", "59 23 31 1-12 *", "5-59/10 0 * jan,jul *"),
)


@pytest.mark.parametrize("line", GOOD)
def test_a_good_cron_line(line: str) -> None:
    """Nothing stands against it."""
    assert why_not_cron(line) is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("@daily", "write five fields"),
        ("60 * * * *", "`60` is no minute: a minute is 0 to 59"),
        ("* * 0 * *", "`0` is no day of the month"),
        ("* * * foo *", "`foo` is no month: a month is 1 to 12 or jan, feb"),
        ("* * * * 8", "`8` is no day of the week"),
        ("* * * * fri-mon", "`fri-mon` runs backwards"),
        ("*-5 * * * *", "`*` is every minute and has no end"),
        ("3/5 * * * *", "a step needs a range, such as `3-59/5`"),
        ("*/0 * * * *", "a step of minutes is 1 to 59"),
        ("*/99999999999999999999 * * * *", "a step of minutes is 1 to 59"),
        ("1,,2 * * * *", "`` is no minute"),
        ("0 3 13 * fri", "would have to fall together"),
        ("0 3 31 feb,apr *", "never comes"),
        ("TZ=UTC 0 3 * * *", "write five fields"),
    ],
)
def test_a_cron_line_that_is_none(line: str, why: str) -> None:
    """The sentence says which part, and what would do."""
    assert why in (why_not_cron(line) or "")
