"""Rules about people, times and windows, and the exact lines that the author of a wrong runbook sees."""

import pytest

from runbooks.load import RunbookError, loads
from tests.runbooks.documents import spoilt


def with_more(text: str) -> str:
    """The small runbook with this before its checks: from line 27 on."""
    return spoilt(("checks:", f"{text}\nchecks:"))


WRONG: dict[str, tuple[str, list[str]]] = {
    "commit_within": (
        with_more("policy: {failover: {commit_within: 5m}, drill: {commit_within: 0}}"),
        [
            "27:21: a failover cannot go back by itself; `commit_within` is for switchover and failback",
            "27:49: a drill goes home by itself; `commit_within` is for switchover and failback",
            "27:64: commit_within must be more than 0",
        ],
    ),
    "quorum": (
        with_more("roles: {sre: [ann, bob]}\npolicy: {failback: {approval: {count: 3, by: [sre]}}}"),
        ["28:39: 3 must approve, and `by` names 2: ann, bob"],
    ),
    "approvers": (
        with_more(
            "roles: {sre-ai: [ann, bob], empty: []}\n"
            "policy: {drill: {approval: {by: [sre-al, ann, 'Bob B', empty, zoe@example.com]}}}"
        ),
        [
            "28:34: `sre-al` is no role; did you mean `sre-ai`?",
            "28:47: `Bob B` is no person's name and no role",
            "28:56: nobody has the role `empty`",
        ],
    ),
    "roles": (with_more("roles: {sre: [ann, ann]}"), ["27:14: `ann` is given 2 times"]),
    "other policies": (
        with_more("policy: {switchover: {accept: [lag:bd], approval: {timeout: 0, by: [ann, ann]}}}"),
        [
            "27:32: `lag:bd` names no resource; known: db, web, name",
            "27:61: timeout must be more than 0",
            "27:68: `ann` is given 2 times",
        ],
    ),
    "drill age": (with_more("policy: {drill: {max_age: 0}}"), ["27:27: max_age must be more than 0"]),
    "windows": (
        with_more(
            "maintenance:\n"
            '  - {start: "22:00", end: "02:00", timezone: Europe/Berlin}\n'
            '  - {start: "22:00", end: "22:00", timezone: Europe/Atlantis, days: []}\n'
            '  - {start: "22:00", end: "23:00", timezone: ../../etc/passwd}'
        ),
        [
            "29:27: the window opens and closes at 22:00: it would never be open",
            "29:46: `Europe/Atlantis` is no time zone; write one such as UTC or Europe/Berlin",
            "29:69: the window is open on no day",
            "30:46: `../../etc/passwd` is no time zone; write one such as UTC or Europe/Berlin",
        ],
    ),
    "vetoes": (
        with_more(
            "detect:\n"
            "  vetoes: [same-symptom, same-symptom]\n"
            "  deploying: {kind: http, url: ftp://x, use: [verify], timeout: 0}"
        ),
        [
            "28:11: `same-symptom` is given 2 times",
            "29:14: this is never asked: `deploy` is not among the vetoes",
            "29:32: a url must start with http:// or https://",
            "29:46: only the detector asks this; give `detect`, or take `use` away",
            "29:65: timeout must be more than 0",
        ],
    ),
    "dependencies": (
        with_more("depends_on: [shop, other, other]"),
        ["27:14: shop cannot depend on itself", "27:27: `other` is given twice"],
    ),
    "home": (
        spoilt(
            ("kind: postgres", "kind: postgres\n    home: eu-west-1"),
            ("kind: process", "kind: process\n    home: us-east-1"),
        ),
        [
            "10:11: eu-west-1 is a standby; the writer's home is an active region",
            "17:5: kind process has no writer; take `home` away",
        ],
    ),
    "backup": (
        spoilt(
            (
                "kind: process",
                "kind: process\n    backup: {max_age: 0, queries: [{sql: ' '}, {sql: a, expect: b, at_least: 1}]}",
            )
        ),
        [
            "16:5: kind process cannot be restored by Evac; take `backup` away",
            "16:23: max_age must be more than 0",
            "16:42: the query asks nothing",
            "16:48: give `expect` or `at_least`, and not both",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_work_is_refused(text: str, expected: list[str]) -> None:
    """A runbook that is well formed and cannot work is refused with exactly these lines."""
    with pytest.raises(RunbookError) as caught:
        loads(text, "a.yaml")
    assert [str(fault).removeprefix("a.yaml:") for fault in caught.value.faults] == expected


def test_people_who_exist_may_decide() -> None:
    """A role, one of its people, an owner, and somebody who is named nowhere else."""
    rules = "policy: {failover: {approval: {count: 3, by: [sre, ann, team, zoe@example.com]}}}"
    assert loads(with_more(f"owners: [team]\nroles: {{sre: [ann, bob]}}\n{rules}"), "a.yaml").runbook.name == "shop"
