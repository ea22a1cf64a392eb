"""What can happen at a border beside the call itself: to the world, or said by people."""

from typing import TYPE_CHECKING

from runbooks.models import WITNESS, Procedure
from runbooks.runs import DecisionKind, Trigger
from tests.checker.people import ASKER, STRANGER
from tests.checker.script import MUST_BE_REFUSED

if TYPE_CHECKING:
    from tests.checker.show import Show

NEWER = 10**15
"""An epoch that no run of this test gets by its clock."""

_WITH: dict[str, dict[str, str]] = {
    "approve-by-a-stranger": {"by": STRANGER},
    "approve-oneself": {"by": ASKER},
    "approve-another-plan": {"checksum": "0" * 12},
    "skip": {"reason": "looked at it by hand"},
}
"""What is said with a decision, where that is its point."""


async def happen(show: "Show", kind: str) -> None:
    """Let it happen."""
    world, source = show.world, show.world.source
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
    at, source = show.world.now, show.world.source
    trigger = Trigger(id=name, kind="person", by="cat", at=at, procedure=procedure, source=source, force=True)
    if await show.signal("trigger", trigger):
        show.triggers.append(name)


async def _say(show: "Show", kind: str) -> None:
    """Somebody says it; what must be refused is remembered as such."""
    people, more = show.people, dict(_WITH.get(kind, {}))
    if kind.startswith("approve") and "checksum" not in more:
        state = await show.state()
        more["checksum"] = state.checksum if state is not None else ""
    if kind == "accept":
        more["reason"] = f"loss:{next(iter(show.world.stores))}"
    said = await people.say(DecisionKind(kind.partition("-")[0]), **more)
    if kind.endswith("-twice"):
        await people.repeat(said)
    if kind in MUST_BE_REFUSED and (kind != "approve-by-a-stranger" or show.stranger_is_refused()):
        people.expected_refusals.add(said.id)
