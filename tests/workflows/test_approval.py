"""The approvals that a run needs, by who asked for it. Pure."""

from typing import Any

import pytest

from runbooks.models import Approval
from runbooks.runs import Trigger
from workflows.approval import rule_for

UNASKED = Approval(count=0, timeout=0.0)
PROCEEDS = Approval(by=("sre",), count=2, timeout=60.0, on_timeout="proceed")


def asked(kind: str = "alert", mode: str = "propose") -> Trigger:
    """One who asks for the run."""
    return Trigger.model_validate({"id": f"{kind}-{mode}", "kind": kind, "by": kind, "at": 0.0, "mode": mode})


CASES: dict[str, tuple[Approval, list[Trigger], dict[str, Any]]] = {
    "a proposal asks somebody": (UNASKED, [asked()], {"count": 1, "on_timeout": "abort", "timeout": 600.0}),
    "silence is a no": (PROCEEDS, [asked()], {"by": ("sre",), "count": 2, "on_timeout": "abort", "timeout": 60.0}),
    "as the policy says": (PROCEEDS, [asked(mode="approve")], PROCEEDS.model_dump()),
    "nobody is asked": (PROCEEDS, [asked(mode="automatic")], {"count": 0}),
    "the detector joins": (UNASKED, [asked(), asked("watch", "approve")], UNASKED.model_dump()),
    "a second rule asks for less": (PROCEEDS, [asked(), asked(mode="automatic")], {"count": 0}),
    "alerts join a person's run": (PROCEEDS, [asked("person", "approve"), asked(mode="automatic")], {"count": 2}),
    "alerts join the detector's": (UNASKED, [asked("watch", "approve"), asked()], {"count": 0}),
}


@pytest.mark.parametrize("name", CASES)
def test_who_asked_decides_who_must_say_yes(name: str) -> None:
    """What alerts propose needs a person; whoever joins with a word of their own has the policy hold again."""
    policy, by, wanted = CASES[name]
    rule = rule_for(policy, by).model_dump()
    assert {key: rule[key] for key in wanted} == wanted
