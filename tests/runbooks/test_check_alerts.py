"""Rules for `triggers:`, and the exact lines that the author of a wrong one sees."""

import pytest

from runbooks.load import RunbookError, loads
from tests.runbooks.documents import SMALL

RULE = 'alert: alertmanager, match: {alertname: RegionDown}, from: "{labels.region}"'

KNOWN = "known: alert, match, start, from, regions, mode, needs, for, on_resolved"


def listening(*rules: str) -> str:
    """The small runbook with these rules: from line 31 on."""
    return SMALL + "triggers:\n" + "".join(f"  - {{{one}}}\n" for one in rules)


WRONG: dict[str, tuple[str, list[str]]] = {
    "source": (
        listening("alert: alertmanger, match: {a: b}, from: us-east-1", f"{RULE.replace('manager', 'manager/Prod')}"),
        [
            "31:13: `alertmanger` is no source of alerts; did you mean `alertmanager`?",
            "32:13: `alertmanager/Prod` must be `alertmanager`, or `alertmanager/<the endpoint's name>`",
        ],
    ),
    "any takes no name": (
        listening("alert: any/prod, match: {a: b}, from: us-east-1"),
        ["31:13: `any` is every endpoint of every source: it takes no name"],
    ),
    "pattern": (
        listening('alert: sns, match: {alertname: "~(Region"}, from: us-east-1'),
        ["31:37: `(Region` is no regular expression: missing ), unterminated subpattern at position 0"],
    ),
    "everything matches": (
        listening("alert: sns, from: us-east-1", 'alert: sns, match: {team: ""}, from: us-east-1'),
        [
            "31:5: this would take every alert; give `match`, such as {alertname: RegionDown}",
            "32:32: an alert without `team` would do; write what it must be, or `~.+`",
        ],
    ),
    "template": (
        listening('alert: sns, match: {a: b}, from: "{labels}"', 'alert: sns, match: {a: b}, from: "{region"', RULE),
        [
            "31:39: `{labels}` is not known: write a region, `{region}`, or `{labels.<name>}` with a label's name",
            "32:39: a brace is left over: write a region, `{region}`, or `{labels.<name>}` with a label's name",
        ],
    ),
    "region": (
        listening(f"{RULE}, regions: {{Ireland: eu-west-2}}", "alert: sns, match: {a: b}, from: us-east-2"),
        [
            "31:103: `eu-west-2` is no region; did you mean `eu-west-1`?",
            "32:39: `us-east-2` is no region; did you mean `us-east-1`?",
        ],
    ),
    "unknown keys": (
        listening("alert: sns, match: {a: b}, source: us-east-1, dwell: 1s"),
        [
            "31:5: triggers[0].from is missing",
            f"31:33: unknown key `source` in triggers[0]; {KNOWN}",
            f"31:52: unknown key `dwell` in triggers[0]; {KNOWN}",
        ],
    ),
    "choices": (
        listening(f"{RULE}, start: drill, mode: asks, needs: 0"),
        [
            "31:91: triggers[0].start must be one of failover, switchover, not `drill`",
            "31:104: triggers[0].mode must be one of propose, approve, automatic, not `asks`",
            "31:117: triggers[0].needs must be at least 1, not 0",
        ],
    ),
    "twice": (listening(RULE, RULE), ["32:5: this is triggers[0] once more"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_every_fault_is_told_with_its_place(name: str) -> None:
    """All of them at once."""
    text, lines = WRONG[name]
    with pytest.raises(RunbookError) as caught:
        loads(text, "x")
    assert [str(fault).removeprefix("x:") for fault in caught.value.faults] == lines


def test_what_can_never_come_about_is_noted() -> None:
    """Two endpoints are wanted, and one is named; with a whole source there may be any number."""
    one = RULE.replace("manager", "manager/prod")
    notes = loads(listening(f"{one}, needs: 2"), "x").notes
    said = (
        "2 endpoints must fire, and the rules that start a failover name alertmanager/prod only: it can never start one"
    )
    assert [note.sentence for note in notes if note.path[0] == "triggers"] == [said]
    assert [note for note in loads(listening(f"{RULE}, needs: 2"), "x").notes if note.path[0] == "triggers"] == []


def test_a_switchover_by_one_alert_is_noted() -> None:
    """Nobody is asked, and nothing confirms it."""
    notes = loads(listening(f"{RULE}, start: switchover, mode: automatic"), "x").notes
    assert any("one alert moves everything" in note.sentence for note in notes)
