"""Starting each procedure, and what happens when another one is going."""

import pytest

from runbooks.models import Procedure
from tests.triggers.conftest import Door
from tests.workflows.world import runbook
from triggers.cli.home import way_home
from triggers.cli.out import Refusal
from triggers.start import _request_of

THREE = {
    "us-east-1": {"role": "active", "traffic": 50},
    "eu-west-1": {"role": "active", "traffic": 50},
    "ap-south-1": {"role": "standby", "traffic": 0},
}


def test_of_two_regions_home_is_the_active_one() -> None:
    """Nothing need be said, and what is said counts."""
    assert way_home(runbook(), None, None) == ("eu-west-1", "us-east-1")
    assert way_home(runbook(), "us-east-1", "eu-west-1") == ("us-east-1", "eu-west-1")


def test_of_several_homes_one_must_be_said() -> None:
    """The choice is in the sentence."""
    resources = {"g": {"kind": "process", "settings": {region: {"agent": f"http://{region}"} for region in THREE}}}
    book = runbook(regions=THREE, resources=resources, checks=[])
    with pytest.raises(Refusal, match=r"several homes: say --to us-east-1 \| eu-west-1"):
        way_home(book, None, None)


async def test_each_procedure_is_started_by_its_command(lonely_door: Door) -> None:
    """The run is asked for what the command says; without a worker it is kept."""
    door = lonely_door
    ran = await door.evac("switchover", door.file(), "--from", "us-east-1", "--yes", "--no-wait", "--reason", "tuesday")
    assert (ran.code, ran.out.startswith(f"started: switchover of {door.name}, us-east-1 -> the best")) == (6, True)
    request = await _request_of(door.client, door.client.get_workflow_handle(f"evac/{door.name}"))
    asked = (request.procedure, request.source, request.trigger.procedure, request.trigger.reason)
    assert asked == (Procedure.SWITCHOVER, "us-east-1", Procedure.SWITCHOVER, "tuesday")


async def test_home_is_found_by_itself(lonely_door: Door) -> None:
    """A failback of two regions needs no region at all."""
    door = lonely_door
    ran = await door.evac("failback", door.file(), "--yes", "--no-wait")
    assert ran.out.startswith(f"started: failback of {door.name}, eu-west-1 -> us-east-1")


async def test_a_planned_run_gives_way_to_a_failover_and_to_nothing_else(lonely_door: Door) -> None:
    """One run at a time: the door says which one goes on."""
    door = lonely_door
    await door.evac("switchover", door.file(), "--from", "us-east-1", "--yes", "--no-wait")
    refused = await door.evac("failback", door.file(), "--yes", "--no-wait")
    assert (refused.code, refused.out) == (4, "")
    assert f"a switchover of {door.name} out of us-east-1 is going (asked by ann)" in refused.err
    ran = await door.failover("--no-wait")
    assert ran.out.startswith(f"joined: a switchover of {door.name}, us-east-1 -> the best target, was going")
    assert "it goes on as your failover" in ran.out


async def test_without_a_yes_nothing_is_started(lonely_door: Door) -> None:
    """Each command says what it would have started."""
    door = lonely_door
    for command, what in (("switchover", "us-east-1 -> the best target"), ("failback", "eu-west-1 -> us-east-1")):
        source = ("--from", "us-east-1") if command == "switchover" else ()
        ran = await door.evac(command, door.file(), *source)
        assert (ran.code, f"say --yes to start the {command} of {door.name}, {what}" in ran.err) == (2, True)
