"""The journal of a record: everything that happened, as far as the state and the history tell."""

import base64
import hashlib
import json
from pathlib import Path

from audit.attempts import Told, told
from audit.bundle import read
from tests.audit.bundles import bundle, recorded


def bodies(folder: Path) -> list[dict[str, object]]:
    """The journal's bodies."""
    return [entry.body for entry in read(folder).journal()]


def test_the_journal_has_every_kind_in_the_order_of_time(tmp_path: Path) -> None:
    """Triggers, sentences, decisions, attempts, readings, evidence; last, by what it was written."""
    found = bodies(bundle(tmp_path))
    assert {"trigger", "told", "decision", "attempt", "reading", "evidence", "written"} == {
        one["kind"] for one in found
    }
    times = [float(str(one["at"])) for one in found]
    assert times == sorted(times)
    assert {"evac", "temporalio", "pydantic", "python"} == set(found[-1]["versions"])  # type: ignore[call-overload]
    assert str(found[-1]["text"]).endswith("unsigned: there is no signing key (EVAC_SIGNING_KEY)")


def test_a_refused_decision_is_kept_with_its_reason(tmp_path: Path) -> None:
    """So is who said it, and how that was proved."""
    decisions = [one for one in bodies(bundle(tmp_path, "failover-rejected")) if one["kind"] == "decision"]
    assert decisions
    assert all({"by", "proof", "said", "refused", "checksum"} <= set(one) for one in decisions)
    call, _ = recorded("failover-rejected")
    assert [one.refused for one in call.state.decisions] == [one["refused"] for one in decisions]


def test_an_attempt_is_told_with_its_tries_and_its_error(tmp_path: Path) -> None:
    """The promotion whose worker was silent was tried twice."""
    attempts = [one for one in bodies(bundle(tmp_path, "failover-recovered")) if one["kind"] == "attempt"]
    (twice,) = [one for one in attempts if one["tries"] == 2]
    assert (twice["activity"], twice["error"]) == ("promote.postgres", "no answer")
    assert str(twice["text"]).endswith("2 tries: no answer")


def test_a_readings_digest_is_that_of_the_bytes_in_the_history(tmp_path: Path) -> None:
    """So anyone can take it again, from history.json alone."""
    record = read(bundle(tmp_path))
    events = {event["eventId"]: event for event in json.loads(record.files["history.json"])["events"]}
    readings = [entry.body for entry in record.journal() if entry.body["kind"] == "reading"]
    assert readings
    for one in readings:
        result = events[str(one["event"])]["activityTaskCompletedEventAttributes"]["result"]
        data = base64.b64decode(result["payloads"][0]["data"])
        assert one["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_history_that_cannot_be_read_tells_nothing() -> None:
    """And the record says so."""
    for text in (None, "", "{", "[]", '{"events": 3}', '{"events": [{"eventId": "x"}]}'):
        assert Told(complete=False) == told(text)


def test_failures_are_told_by_their_innermost_message() -> None:
    """The outer ones say that an activity failed; a payload that is none tells nothing."""
    asked = {"activityType": {"name": "fence.x"}, "input": {"payloads": [{"data": "%%%"}]}}
    failure = {"message": "activity error", "cause": {"message": "connection refused"}}
    history = [
        {"eventId": "5", "eventTime": "2026-01-01T00:00:00Z", "activityTaskScheduledEventAttributes": asked},
        {
            "eventId": "6",
            "eventTime": "2026-01-01T00:00:01Z",
            "activityTaskStartedEventAttributes": {"scheduledEventId": "5", "attempt": 3},
        },
        {
            "eventId": "7",
            "eventTime": "2026-01-01T00:00:02Z",
            "eventType": "EVENT_TYPE_ACTIVITY_TASK_FAILED",
            "activityTaskFailedEventAttributes": {"scheduledEventId": "5", "failure": failure},
        },
    ]
    (one,) = told(json.dumps({"events": history})).attempts
    assert (one.activity, one.step, one.tries, one.ended, one.error) == (
        "fence.x",
        "",
        3,
        "failed",
        "connection refused",
    )
