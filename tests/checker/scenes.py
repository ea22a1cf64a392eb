"""Where a run begins: the world before it, and what is asked."""

import random

from runbooks.drills import DrillInput
from runbooks.models import Procedure, Runbook
from runbooks.runs import RunInput, Trigger
from tests.checker.people import ASKER
from tests.checker.script import Case
from tests.checker.world import World

SCENES = {
    Procedure.FAILOVER: ("dead", "partitioned"),
    Procedure.SWITCHOVER: ("alive",),
    Procedure.FAILBACK: ("moved", "forked"),
    Procedure.DRILL: ("alive",),
}
_ORPHANS = 2
_SOAK = 11.0


def home_of(book: Runbook) -> str:
    """The region that is left in a failover: where the traffic is."""
    return max(book.regions, key=lambda name: book.regions[name].traffic)


def away_from(book: Runbook) -> str:
    """The region that a planned procedure goes to, or comes home from."""
    return next(name for name in book.regions if name != home_of(book))


def world_for(case: Case, book: Runbook, now: float) -> World:
    """The world as the run finds it."""
    home, away = home_of(book), away_from(book)
    source = away if case.procedure == Procedure.FAILBACK else home
    lag = random.Random(case.seed).randint(0, 1)  # noqa: S311 - it is a seed, no secret
    world = World(book, source, now, lag=lag)
    match case.scene:
        case "dead":
            world.dead.add(home)
        case "partitioned":
            world.isolate(home)
        case "moved" | "forked":
            _moved(world, home, away, _ORPHANS if case.scene == "forked" else 0)
    world.begin()
    return world


def _moved(world: World, home: str, away: str, orphans: int) -> None:
    """As a failover has left it: the writer and the clients are away, home is fenced, perhaps with own writes."""
    for store in world.stores.values():
        mine, theirs = store.servers[home], store.servers[away]
        theirs.log = list(mine.log)
        theirs.role, theirs.upstream, theirs.timeline = "primary", None, 2
        mine.read_only = True
        mine.log += [-1 - n for n in range(orphans)]
        store.home = away
        for region, server in store.servers.items():
            if region not in (home, away):
                server.upstream = away
    for name, leads in world.leads.items():
        world.leads[name] = tuple(dict.fromkeys(away if region == home else region for region in leads))
    for (name, region), count in list(world.replicas.items()):
        if region == away:
            world.replicas[name, region] = max(count, world.replicas[name, home])


def request_for(case: Case, book: Runbook, now: float) -> RunInput | DrillInput:
    """What is asked of Evac."""
    procedure = Procedure(case.procedure)
    home, away = home_of(book), away_from(book)
    source, target = (away, home) if procedure is Procedure.FAILBACK else (home, None)
    if procedure is Procedure.SWITCHOVER and len(book.regions) == 2:
        target = away
    trigger = Trigger(id="t0", kind="person", by=ASKER, at=now, procedure=procedure, source=source)
    if procedure is Procedure.DRILL:
        return DrillInput(runbook=book, mode="full", soak=_SOAK, source=home, target=away, trigger=trigger)
    return RunInput(runbook=book, procedure=procedure, source=source, target=target, trigger=trigger)
