"""What can happen at a border beside the call itself: to the world, or said by people."""

from typing import TYPE_CHECKING

from runbooks.models import WITNESS, Procedure
from runbooks.runs import DecisionKind, Trigger
from tests.checker.people import ASKER, STRANGER

if TYPE_CHECKING:
    from tests.checker.show import Show

NEWER = 10**15
"""An epoch that no run of this test gets by its clock."""


async def happen(show: "Show", kind: str) -> None:
    """Let it happen."""
    world, source = show.world, show.request.source
    match kind:
        case "isolate":
            world.isolate(source)
        case "cut-link":
            world.cuts |= {frozenset((source, region)) for region in world.book.regions if region != source}
        case "heal":
            world.cuts.clear()
            world.dead.clear()
        case "die":
            world.dead.add(source)
        case "newer":
            _newer(show)
        case "kill-switch":
            world.kill_switch = "bob has engaged the kill switch"
        case "join":
            await _trigger(show, Procedure(show.case.procedure), "t1")
        case "failover":
            await _trigger(show, Procedure.FAILOVER, "t2")
        case _:
            await _say(show, kind)
    world.look_for_two_writers()


def _newer(show: "Show") -> None:
    """A newer decision is carried out, wherever it can be kept."""
    world = show.world
    world.superseded = NEWER
    for name, store in world.stores.items():
        for region, server in store.servers.items():
            if world.seen(name, region, WITNESS):
                server.epoch = NEWER
    world.name_epoch = dict.fromkeys(world.name_epoch, NEWER)


async def _trigger(show: "Show", procedure: Procedure, name: str) -> None:
    at, source = show.world.now, show.request.source
    trigger = Trigger(id=name, kind="person", by="cat", at=at, procedure=procedure, source=source, force=True)
    if await show.signal("trigger", trigger):
        show.triggers.append(name)


async def _say(show: "Show", kind: str) -> None:
    people = show.people
    checksum = ""
    if kind.startswith("approve"):
        state = await show.state()
        checksum = state.checksum if state is not None else ""
    match kind:
        case "approve" | "approve-twice":
            said = await people.say(DecisionKind.APPROVE, checksum=checksum)
            if kind == "approve-twice":
                await people.repeat(said)
        case "approve-by-a-stranger" if show.stranger_is_refused():
            said = await people.say(DecisionKind.APPROVE, by=STRANGER, checksum=checksum)
            people.expected_refusals.add(said.id)
        case "approve-oneself":
            said = await people.say(DecisionKind.APPROVE, by=ASKER, checksum=checksum)
            people.expected_refusals.add(said.id)
        case "approve-another-plan":
            said = await people.say(DecisionKind.APPROVE, checksum="0" * 12)
            people.expected_refusals.add(said.id)
        case "skip":
            await people.say(DecisionKind.SKIP, reason="looked at it by hand")
        case "skip-without-a-reason":
            said = await people.say(DecisionKind.SKIP)
            people.expected_refusals.add(said.id)
        case "accept":
            store = next(iter(show.world.stores))
            await people.say(DecisionKind.ACCEPT, reason=f"loss:{store}")
        case "accept-nothing":
            said = await people.say(DecisionKind.ACCEPT)
            people.expected_refusals.add(said.id)
        case "hold-twice" | "abort-twice":
            said = await people.say(DecisionKind(kind.partition("-")[0]))
            await people.repeat(said)
        case "approve-by-a-stranger":
            await people.say(DecisionKind.APPROVE, by=STRANGER, checksum=checksum)
        case _:
            await people.say(DecisionKind(kind))
