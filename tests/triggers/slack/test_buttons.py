"""Buttons of a run's message: the run judges what they say, and whoever pressed one is told."""

from runbooks.runs import Outcome, Phase
from tests.triggers.slack.conftest import ANN, BEN, CARL, EVE, Chat


def policy(*by: str, count: int = 1) -> dict[str, object]:
    """Who approves a failover."""
    return {"failover": {"approval": {"by": list(by), "count": count, "timeout": "5m"}}}


async def test_nobody_approves_what_they_asked_for(chat: Chat) -> None:
    """The same person, by the same name, whatever they call themselves in Slack."""
    chat.door.file(policy=policy())
    await chat.start()
    _, message = await chat.awaiting()
    chat.slack.users[ANN] = "somebody-else"
    told = await chat.press(message, "approve", ANN)
    assert told.startswith("The run refused your approve: ann asked for this run, so somebody else must approve it.")
    assert (await chat.until(lambda state: bool(state.decisions))).phase is Phase.AWAITING_APPROVAL


async def test_a_quorum_of_a_name_and_a_member_of_a_group(chat: Chat) -> None:
    """Carl is in no list of names: Slack says that he is in the group; eve is in neither, nor is a display name."""
    chat.door.file(policy=policy("ben", "slack-group:S0123", count=2))
    await chat.start()
    state, message = await chat.awaiting()
    chat.slack.users[EVE] = "ben"
    assert "U078 is not among the approvers (ben, slack-group:S0123)" in await chat.press(message, "approve", EVE)
    first = await chat.press(message, "approve", BEN)
    assert first.startswith(f"Approve by ben counts. {chat.door.name} is awaiting-approval: it awaits 1 more approval")
    assert "has approved already" in await chat.press(message, "approve", BEN)
    assert (await chat.press(message, "approve", CARL)).startswith("Approve by U056 counts.")
    ended = await chat.until(lambda state: state.phase is Phase.ENDED)
    by_carl = ended.decisions[-1].decision
    assert (by_carl.groups, by_carl.proof) == (("slack-group:S0123",), "slack user U056 of team T012")
    assert by_carl.shown is not None
    assert state.plan is not None
    assert (by_carl.shown.loss, by_carl.checksum) == (state.plan.loss, state.checksum)
    assert ended.outcome is Outcome.RECOVERED


async def test_a_group_that_cannot_be_asked_has_no_members(chat: Chat) -> None:
    """Who is in it cannot be proved, so nobody is; members are remembered for a minute."""
    chat.door.file(policy=policy("slack-group:S0123"))
    await chat.start()
    _, message = await chat.awaiting()
    members = chat.slack.groups.pop("S0123")
    assert "U056 is not among the approvers" in await chat.press(message, "approve", CARL)
    chat.slack.groups["S0123"] = members
    assert (await chat.press(message, "hold", CARL)).startswith("Hold by U056 counts.")
    assert (await chat.press(message, "approve", CARL)).startswith("Approve by U056 counts.")
    asked = [name for name, _ in chat.slack.calls if name == "usergroups.users.list"]
    assert len(asked) == 1


async def test_a_press_that_is_brought_twice_counts_once(chat: Chat) -> None:
    """Also when the first ack was lost: one decision, one answer."""
    chat.door.file(policy=policy(count=2))
    await chat.start()
    _, message = await chat.awaiting()
    delivery = await chat.slack.click(message, "evac:approve", BEN)
    assert await chat.slack.again(delivery)
    await chat.answer(BEN, 0)
    assert (await chat.press(message, "hold", ANN)).startswith("Hold by ann counts.")
    state = await chat.until(lambda state: state.held)
    assert [judged.decision.by for judged in state.decisions] == ["ben", "ann"]
    assert len(chat.slack.ephemerals(BEN)) == 1


async def test_a_rejection_wants_a_reason(chat: Chat) -> None:
    """Its button opens a form; the run's record keeps what was written."""
    await chat.start()
    _, message = await chat.awaiting()
    await chat.slack.click(message, "evac:reject", BEN)
    view = await chat.filled(BEN)
    await chat.slack.submit(view, {"reason": "the standby is not warm"})
    assert (await chat.answer(BEN, 0)).startswith("Reject by ben counts.")
    ended = await chat.until(lambda state: state.phase is Phase.ENDED)
    assert (ended.outcome, ended.decisions[0].decision.reason) == (Outcome.REJECTED, "the standby is not warm")


async def test_a_button_of_a_run_that_has_ended_says_so(chat: Chat) -> None:
    """Nothing is said to the run that goes on now: the button was not about that."""
    await chat.start()
    first, message = await chat.awaiting()
    await chat.says(BEN, "reject not now")
    await chat.door.client.get_workflow_handle(f"evac/{chat.door.name}").result()  # its record is written, too
    ended = "The run that this was about has ended, or went on as another one (no other is going)"
    assert await chat.press(message, "approve", BEN) == ended
    await chat.start()
    second = await chat.until(lambda state: state.run != first.run and state.phase is Phase.AWAITING_APPROVAL)
    told = await chat.press(message, "approve", BEN)
    assert told.endswith(f"(another run of {second.runbook} is going by now)")
    assert (await chat.door.state()).decisions == ()


async def test_people_of_another_workspace_say_nothing(chat: Chat) -> None:
    """A shared channel shows them the buttons, too."""
    chat.slack.teams[EVE] = "T999"
    await chat.start()
    _, message = await chat.awaiting()
    told = await chat.press(message, "hold", EVE)
    assert told == "Only members of the workspace that Evac belongs to can say something to it"
    assert (await chat.door.state()).decisions == ()
