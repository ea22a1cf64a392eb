"""Starting something from Slack: a form, which is checked before anything is started."""

import asyncio

import pytest
from temporalio.service import RPCError

from runbooks.models import Procedure
from runbooks.runs import Phase
from tests.slack.state import Json
from tests.triggers.conftest import Door, end
from tests.triggers.slack.conftest import ANN, ASK, BEN, EVE, Chat
from triggers.names import composite_id_of, evacuation_id_of
from triggers.slack.inputs import values_of


def errors(view: Json) -> dict[str, str]:
    """What stands beside the fields."""
    return dict(view["errors"])


async def test_what_can_lose_data_wants_the_regions_name_typed(chat: Chat) -> None:
    """A wrong one is said beside the field and starts nothing; the right one does, and the channel hears of it."""
    view = await chat.form(ANN, "failover to eu-west-1")
    await chat.slack.submit(view, {"typed": "yes", "reason": "the region burns"})
    assert errors(view) == {"typed": "that is not us-east-1: nothing was started"}
    with pytest.raises(RPCError):
        await chat.door.state()
    await chat.slack.submit(view, {"typed": "us-east-1", "reason": "the region <!channel> burns"})
    (said,) = await chat.slack.until(chat.slack.messages)
    assert said["text"].startswith(f"<@U012>  started: failover of {chat.door.name}, us-east-1 → eu-west-1 (run ")
    assert said["text"].endswith("&gt; the region &lt;!channel&gt; burns") or "&lt;!channel&gt;" in said["text"]
    state = await chat.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    (asked,) = state.triggers
    assert (asked.kind, asked.by, asked.proof) == ("person", "ann", "slack user U012 of team T012")
    assert (asked.reason, asked.target, asked.id[:11]) == ("the region <!channel> burns", "eu-west-1", "slack:T012:")


async def test_the_form_is_open_before_anything_is_looked_at(chat: Chat) -> None:
    """Slack gives three seconds: it opens empty, and is filled in afterwards."""
    await chat.form(ANN, "failback")
    (_, opened), (_, filled) = [(name, given) for name, given in chat.slack.calls if name.startswith("views.")]
    assert "Looking" in str(opened["view"]["blocks"])
    assert filled["view"]["title"]["text"] == "Failback"


async def test_a_form_that_was_closed_while_evac_looked_is_let_go(chat: Chat) -> None:
    """Nobody is told of a fault: there is none."""
    await asyncio.gather(chat.slack.slash(ANN, "failback"), _closed(chat))
    assert await chat.says(ANN, "status") == f"No run of {chat.door.name} is known."
    assert len(chat.slack.ephemerals(ANN)) == 1


async def _closed(chat: Chat) -> None:
    view = await chat.slack.until(lambda: chat.slack.modal(ANN))
    await chat.slack.close(view)
    await chat.slack.until(lambda: "views.update: not_found" in chat.slack.refused)


async def test_every_field_is_checked(chat: Chat) -> None:
    """The same region twice, and what is not the name of a risk."""
    view = await chat.form(ANN, "failover")
    await chat.slack.submit(view, {"typed": "us-east-1", "target": "us-east-1", "accept": "loss:vector-db everything"})
    assert errors(view) == {
        "target": "us-east-1 is the region that is left: choose another, or none",
        "accept": "everything is not the name of a risk; one is written like loss:vector-db",
    }


async def test_a_failback_names_the_home_that_is_rebuilt(chat: Chat) -> None:
    """Not the region that is left: what is destroyed is at home."""
    view = await chat.form(ANN, "failback")
    await chat.slack.submit(view, {"typed": "eu-west-1"})
    assert errors(view) == {"typed": "that is not us-east-1: nothing was started"}


async def test_with_several_runbooks_the_form_asks_which(chat: Chat) -> None:
    """Then it is that runbook's form."""
    chat.door.file(name="other", policy=ASK)
    view = await chat.form(ANN, "switchover")
    await chat.slack.submit(view, {"runbook": "other"})
    view = await chat.filled(ANN)
    assert "*Switchover of other*" in view["blocks"][0]["text"]["text"]
    await chat.slack.submit(view)
    (said,) = await chat.slack.until(chat.slack.messages)
    assert "started: switchover of other, us-east-1 → the best target" in said["text"]
    await end(chat.door.client, "evac/other")


async def test_a_form_that_is_brought_twice_starts_one_run(chat: Chat) -> None:
    """The second is taken, and does nothing."""
    view = await chat.form(ANN, "failover")
    delivery = await chat.slack.submit(view, {"typed": "us-east-1"})
    assert await chat.slack.again(delivery)
    state = await chat.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    assert (len(state.triggers), len(chat.slack.messages())) == (1, 1)


async def test_what_is_not_started_is_told_to_the_one_who_asked(chat: Chat) -> None:
    """Another procedure is going: one run at a time."""
    await chat.start()
    view = await chat.form(BEN, "switchover")
    before = len(chat.slack.ephemerals(BEN))
    await chat.slack.submit(view)
    told = await chat.answer(BEN, before)
    assert told.startswith(f"Not started: a failover of {chat.door.name} out of us-east-1 is going (asked by ann)")
    assert len(chat.slack.messages()) == 1


async def test_where_evac_may_not_speak_the_person_is_told_alone(chat: Chat) -> None:
    """It started nevertheless."""
    await chat.slack.slash(ANN, "failover", channel="C0999")
    await chat.slack.submit(await chat.filled(ANN), {"typed": "us-east-1"})
    told = await chat.answer(ANN, 0)
    assert "started: failover of" in told
    assert "Evac may not speak in that channel" in told
    await chat.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)


async def test_only_those_who_may_start_something_do(shut: Chat) -> None:
    """By name, or by their group; anyone may look."""
    shut.door.file(policy=ASK)
    async with shut.open(may_start=("ann", "slack-group:S0123")):
        await shut.slack.sockets.connected()
        view = await shut.form(EVE, "failover")
        assert "U078 is not among those who may start something from Slack" in str(view["blocks"])
        assert (await shut.form(ANN, "failover"))["submit"]["text"] == "Start the failover"
        assert (await shut.form("U056", "failover"))["submit"]["text"] == "Start the failover"
        assert await shut.says(EVE, "status") == f"No run of {shut.door.name} is known."


async def test_a_drill_and_an_evacuation_are_started(lonely_door: Door, shut: Chat) -> None:
    """As they were filled in; a second one is not."""
    del lonely_door
    shut.door.file(policy=ASK)
    client, name = shut.door.client, shut.door.name
    async with shut.open(channel="C0123"):
        await shut.slack.sockets.connected()
        await shut.slack.slash(ANN, "drill", channel="D012")
        view = await shut.filled(ANN)
        assert values_of(view | {"state": {}}) == {}
        await shut.slack.submit(view, {"mode": "isolated"})
        (said,) = await shut.slack.until(shut.slack.messages)
        assert (
            said["text"] == f"<@U012>  started: isolated drill of {name}, out of us-east-1; see `/evac status {name}`"
        )
        await end(client, composite_id_of(name, Procedure.DRILL))
        view = await shut.form(ANN, "evacuate us-east-1")
        await shut.slack.submit(view, {"typed": "eu-west-1"})
        assert errors(view) == {"typed": "that is not us-east-1: nothing was started"}
        await shut.slack.submit(view, {"typed": "us-east-1"})
        told = (await shut.slack.until(lambda: shut.slack.messages()[1:]))[0]["text"]
        assert told == "<@U012>  started: evacuation of us-east-1, 1 runbook; see `/evac status`"
        await end(client, evacuation_id_of("us-east-1"))
