"""The kill switch from the command line."""

from runbooks.runs import Phase
from tests.triggers.conftest import Door


async def test_it_is_engaged_with_a_reason_seen_by_everyone_and_released(door: Door) -> None:
    """Of one runbook: the status shows it above all else, with the command that releases it."""
    only = ("--runbook", door.name)
    assert (await door.evac("kill-switch", "on", *only)).code == 2
    ran = await door.evac("kill-switch", "on", *only, "--reason", "we look at it")
    assert (ran.code, f"the kill switch of {door.name} is engaged by ann: we look at it" in ran.out) == (0, True)
    again = await door.evac("kill-switch", "on", *only, "--reason", "me too", EVAC_ACTOR="ben")
    assert (again.code, "engaged already" in again.out, "by ann" in again.out) == (0, True, True)
    told = await door.evac("kill-switch", "status", *only, "-o", "json")
    assert [switch["reason"] for switch in told.document["engaged"]] == ["we look at it"]
    await door.failover("--no-wait")
    await door.until(lambda state: state.phase is Phase.PLANNING and bool(state.plan and state.plan.standing()))
    shown = await door.evac("status", door.name)
    assert shown.out.startswith(f"KILL SWITCH  the kill switch of {door.name} is engaged by ann")
    assert f"evac kill-switch off --runbook {door.name}" in shown.out
    assert door.world.acts == []
    assert (await door.evac("kill-switch", "off", *only)).code == 0
    assert (await door.evac("kill-switch", "off", *only)).code == 2
    assert (await door.evac("kill-switch", "status", *only)).out.startswith("no kill switch of")
