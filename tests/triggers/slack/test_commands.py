"""What `/evac` answers."""

import asyncio

from runbooks.runs import Outcome, Phase
from tests.triggers.slack.as_text import blocks_as_text
from tests.triggers.slack.conftest import ANN, ASK, BEN, Chat


async def test_a_typo_is_answered_with_what_may_be_meant(chat: Chat) -> None:
    """Verb, runbook and region."""
    assert await chat.says(ANN, "stauts") == "I do not know `stauts`: did you mean `status`?"
    name = chat.door.name
    assert await chat.says(ANN, f"status {name}x") == f"There is no runbook `{name}x` here: did you mean `{name}`?"
    assert "did you mean `us-east-1`?" in await chat.says(ANN, "plan from us-east1")
    assert await chat.says(ANN, "xyzzy") == "I do not know `xyzzy`: `/evac help` lists what can be said"


async def test_the_runbook_is_named_only_when_there_are_several(chat: Chat) -> None:
    """With one it is meant; with two it must be said, and the answer names them."""
    name = chat.door.name
    assert await chat.says(ANN, "status") == f"No run of {name} is known."
    chat.door.file(name="other", policy=ASK)
    assert await chat.says(ANN, "hold") == f"Say which runbook: `/evac hold [RUNBOOK]`; there are {name}, other"
    assert await chat.says(ANN, f"hold {name}") == (
        f"No run of {name} is going: there is nothing to hold (`evac history {name}`)"
    )


async def test_two_commands_at_the_same_moment_both_find_the_runbook(chat: Chat) -> None:
    """Also the very first ones, while its file is being read."""
    await asyncio.gather(chat.slack.slash(ANN, "status"), chat.slack.slash(BEN, "status"))
    assert [await chat.answer(who, 0) for who in (ANN, BEN)] == [f"No run of {chat.door.name} is known."] * 2


async def test_list_tells_each_runbook_and_what_it_does(chat: Chat) -> None:
    """A file that cannot be used is told, too."""
    (chat.door.home / "broken.yaml").write_text("evac: 1\nname: [")
    told = await chat.says(ANN, "list")
    assert told.startswith(f"*{chat.door.name}*  us-east-1 (of us-east-1, eu-west-1)\n      nothing is going\n")
    assert "Not usable: broken.yaml is not valid (line " in told


async def test_a_plan_is_shown_with_what_would_be_lost_and_starts_nothing(chat: Chat) -> None:
    """Made here and now, as `evac plan` does; only the person who asked sees it."""
    told = await chat.says(ANN, "plan to eu-west-1")
    assert told == f"What a failover of {chat.door.name} out of us-east-1 would do now; nothing is started."
    text = blocks_as_text(chat.slack.ephemerals(ANN)[-1]["blocks"])
    assert f"failover of {chat.door.name}: us-east-1 → eu-west-1" in text
    assert "loss        vector-db: " in text
    assert await chat.says(ANN, "status") == f"No run of {chat.door.name} is known."
    assert chat.slack.messages() == []


async def test_status_of_a_run_has_its_buttons(chat: Chat) -> None:
    """The same as in its message, for whoever asks; a press of one counts."""
    await chat.start()
    state = await chat.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    assert "AWAITING APPROVAL" in await chat.says(BEN, "status")
    shown = chat.slack.ephemerals(BEN)[-1]
    assert (await chat.press(shown, "approve", BEN)).startswith("Approve by ben counts.")
    ended = await chat.until(lambda state: state.phase is Phase.ENDED)
    assert (ended.run, ended.outcome) == (state.run, Outcome.RECOVERED)


async def test_approve_without_a_checksum_shows_the_plan_first(chat: Chat) -> None:
    """With one it counts at once; with that of another plan it is refused."""
    await chat.start()
    state = await chat.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    assert "AWAITING APPROVAL" in await chat.says(BEN, "approve")
    assert (await chat.until(lambda _state: True)).decisions == ()
    wrong = await chat.says(BEN, "approve 00000000")
    assert wrong.startswith("The run refused your approve: 00000000 is not the plan that awaits approval")
    assert (await chat.says(BEN, f"approve {state.checksum[:8]}")).startswith("Approve by ben counts.")


async def test_a_run_is_held_resumed_and_rejected_by_commands(chat: Chat) -> None:
    """A reason in the command goes along; without one it is asked for."""
    await chat.start()
    await chat.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    assert (await chat.says(BEN, "hold we look first")).startswith("Hold by ben counts.")
    assert (await chat.says(ANN, "resume")).startswith("Resume by ann counts.")
    view = await chat.form(BEN, "reject")
    assert view["title"]["text"] == "Reject"
    await chat.slack.submit(view, {"reason": "not today"})
    state = await chat.until(lambda state: state.phase is Phase.ENDED)
    held, resumed, rejected = [judged.decision for judged in state.decisions]
    assert (held.by, held.reason, resumed.by) == ("ben", "we look first", "ann")
    assert (rejected.by, rejected.reason, state.outcome) == ("ben", "not today", Outcome.REJECTED)
    assert {held.proof, rejected.proof} == {"slack user U034 of team T012"}


async def test_an_abort_is_asked_about_first(chat: Chat) -> None:
    """The modal says what it would do; a close of it does nothing."""
    await chat.start()
    await chat.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    view = await chat.form(ANN, "abort")
    await chat.slack.submit(view, {"reason": "a false alarm"})
    state = await chat.until(lambda state: state.phase is Phase.ENDED)
    assert (state.outcome, state.decisions[-1].decision.reason) == (Outcome.ABORTED, "a false alarm")
