"""Who is acting, and what Temporal's page is told."""

import time

import pytest

from runbooks.models import Procedure
from runbooks.runs import RunInput, Trigger
from tests.workflows.world import runbook
from triggers.describe import approvals, consequences, run_details, run_summary
from triggers.identity import who
from worker.settings import Settings


def _request(**changes: str) -> RunInput:
    trigger = Trigger.model_validate({"id": "1", "kind": "person", "by": "ann", "at": time.time(), **changes})
    return RunInput(runbook=runbook(), source="us-east-1", trigger=trigger)


def test_the_unix_user_is_the_actor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anything else it is the login name at this host, and the proof says so."""
    monkeypatch.delenv("SUDO_USER", raising=False)
    actor = who(Settings(actor=None))
    assert "@" in actor.name
    assert actor.proof.startswith("unix user ")


def test_under_sudo_the_caller_is_the_actor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several people are root; the one who called sudo is named."""
    monkeypatch.setattr("os.getuid", lambda: 0)
    monkeypatch.setenv("SUDO_USER", "ann")
    actor = who(Settings(actor=None))
    assert (actor.name.partition("@")[0], actor.proof.startswith("sudo by ann on ")) == ("ann", True)


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the system may know no name for the user."""
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr("os.getuid", lambda: 4_000_123)
    assert who(Settings(actor=None)).name.startswith("4000123@")


def test_a_stated_actor_is_taken_but_not_called_proved() -> None:
    """EVAC_ACTOR is somebody's word; whoever audits the run can see that."""
    assert who(Settings(actor="bob")).model_dump() == {"name": "bob", "proof": "EVAC_ACTOR, not proved"}


def test_a_long_summary_is_cut_between_characters() -> None:
    """Temporal takes 200 bytes; a cut in the middle of a character would be refused."""
    summary = run_summary(_request(by="ö" * 300))
    assert 190 < len(summary.encode()) <= 200


def test_a_long_reason_does_not_break_the_page() -> None:
    """Temporal takes 20 KB of details, and a reason may hold anything."""
    details = run_details(_request(reason="a|b\nc" * 9000))
    assert len(details.encode()) < 20_000
    assert "a\\|b c" in details


@pytest.mark.parametrize("procedure", [Procedure.FAILOVER, Procedure.SWITCHOVER, Procedure.FAILBACK])
def test_each_procedure_says_what_it_does_to_writes_and_data(procedure: Procedure) -> None:
    """Whoever is about to ask for it reads that first, and so does whoever opens Temporal's page."""
    request = _request().model_copy(update={"procedure": procedure})
    told = consequences(request)
    assert [sentence.partition(":")[0] for sentence in told] == ["Writes", "Data", "Back"]
    assert not any("{" in sentence for sentence in told)
    assert all(sentence in run_details(request) for sentence in told)


def test_who_asks_is_told_that_somebody_else_approves() -> None:
    """Unless the policy lets the one who asks approve, or names who must, or wants nobody."""
    said = {
        "somebody else": {"count": 1},
        "1 approval by anyone": {"count": 1, "allow_self": True},
        "2 approvals by sre-ai": {"count": 2, "by": ["sre-ai"]},
        "NO further approval": {"count": 0},
    }
    for words, rule in said.items():
        book = runbook(policy={"failover": {"approval": rule}})
        assert words in approvals(_request().model_copy(update={"runbook": book}))
