"""How far an apply is, from Terraform's own events."""

import json

from activities.clients.terraform_events import Events


def event(kind: str, address: str = "", seconds: int = 0, action: str = "update") -> str:
    """One line of Terraform's."""
    hook = {"resource": {"addr": address}, "action": action, "elapsed_seconds": seconds}
    return json.dumps({"type": kind, "hook": hook})


def test_what_goes_on_for_the_longest_is_told() -> None:
    """The number of it, of how many, which, and for how long; data sources do not count."""
    events = Events(total=3)
    told = []
    for line in (
        event("apply_start", "data.x.y", action="read"),
        event("apply_start", "a.slow"),
        event("apply_start", "a.quick"),
        event("apply_complete", "a.quick", 1),
        event("apply_progress", "a.slow", 10),
        event("apply_complete", "a.slow", 12),
        event("apply_start", "a.last"),
        event("apply_errored", "a.last"),
    ):
        events.line(line)
        told.append(events.text)
    assert told[0] == ""
    assert told[3:7] == ["2 of 3: a.slow (0 s)", "2 of 3: a.slow (10 s)", "2 of 3 done", "3 of 3: a.last (0 s)"]
    assert (events.done, events.failed) == ({"a.quick": 1.0, "a.slow": 12.0}, ["a.last"])


def test_a_replacement_is_one_resource() -> None:
    """Deleted and made anew: its times are added."""
    events = Events(total=1)
    for kind, action, seconds in (
        ("apply_start", "delete", 0),
        ("apply_complete", "delete", 5),
        ("apply_start", "create", 0),
        ("apply_complete", "create", 7),
    ):
        events.line(event(kind, "a.b", seconds, action))
    assert (events.text, events.done) == ("1 of 1 done", {"a.b": 12.0})
