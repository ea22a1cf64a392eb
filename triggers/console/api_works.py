"""The REST API of drills, readiness reports, restore tests, evacuations and the kill switch."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from runbooks.controls import KillSwitch
from runbooks.drills import DrillState
from runbooks.evacuation import EvacuateState
from runbooks.models import Procedure
from runbooks.readiness import ReadinessState
from runbooks.restoring import RestoreTestState
from runbooks.values import Model
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.api import FAULTS
from triggers.console.deciding import Answer, Said, say_to_drill
from triggers.console.evacuating import EvacuationWord, Leaving, leave, tell
from triggers.console.faults import Told
from triggers.console.gate import require
from triggers.console.sight import Sight
from triggers.console.starting import Begun
from triggers.console.switching import ENGAGES, RELEASES, Switching, engage, release
from triggers.names import composite_id_of, evacuation_id_of

Viewer = Annotated[Visitor, Depends(require(ConsoleRole.VIEWER))]
Operator = Annotated[Visitor, Depends(require(ConsoleRole.OPERATOR))]
Admin = Annotated[Visitor, Depends(require(ConsoleRole.ADMIN))]
Engager = Annotated[Visitor, Depends(require(ENGAGES))]
Releaser = Annotated[Visitor, Depends(require(RELEASES))]


class Switched(Model):
    """What came of it, and which switches are engaged now."""

    sentence: str
    engaged: tuple[KillSwitch, ...]


def routes(sight: Sight) -> APIRouter:
    """More of `/api/v1`. Each of them is started where runs are (`POST /runs/{name}`), but evacuations."""
    router = APIRouter(prefix="/api/v1", route_class=Told, responses=FAULTS)
    _reports(router, sight)
    _evacuations(router, sight)
    _switches(router, sight)
    return router


def _reports(router: APIRouter, sight: Sight) -> None:
    @router.get("/drills/{name}")
    async def drill(name: str, visitor: Viewer) -> DrillState:  # noqa: ARG001 - whoever may look
        """The runbook's newest drill, going or ended."""
        return await sight.composite(composite_id_of(name, Procedure.DRILL), DrillState)

    @router.post("/drills/{name}/decisions", responses={409: {"model": Answer}})
    async def decide(name: str, said: Said, visitor: Operator, response: Response) -> Answer:
        """Say something to the drill (it takes `abort`); 409: it does not count, and why."""
        answer = await say_to_drill(sight, visitor, name, said)
        response.status_code = 200 if answer.counts else 409
        return answer

    @router.get("/readiness/{name}")
    async def readiness(name: str, visitor: Viewer) -> ReadinessState:  # noqa: ARG001
        """The runbook's newest readiness report, going or ended."""
        return await sight.composite(composite_id_of(name, Procedure.READINESS), ReadinessState)

    @router.get("/restore-tests/{name}")
    async def restore_test(name: str, visitor: Viewer) -> RestoreTestState:  # noqa: ARG001
        """The runbook's newest restore test, going or ended."""
        return await sight.composite(composite_id_of(name, Procedure.RESTORE_TEST), RestoreTestState)


def _evacuations(router: APIRouter, sight: Sight) -> None:
    @router.get("/evacuations/{region}")
    async def evacuation(region: str, visitor: Viewer) -> EvacuateState:  # noqa: ARG001
        """The region's newest evacuation, going or ended."""
        return await sight.composite(evacuation_id_of(region), EvacuateState)

    @router.post("/evacuations/{region}", status_code=202, responses={409: {"model": Begun}})
    async def begin(region: str, wish: Leaving, visitor: Admin, response: Response) -> Begun:
        """Start an evacuation; 409 when one of the region goes on."""
        begun = await leave(sight, visitor, region, wish)
        response.status_code = 202 if begun.started else 409
        return begun

    @router.post("/evacuations/{region}/words")
    async def word(region: str, said: EvacuationWord, visitor: Operator) -> EvacuateState:
        """Say go on or stop; the answer is the evacuation that has heard it."""
        _, state = await tell(sight, visitor, region, said)
        return state


def _switches(router: APIRouter, sight: Sight) -> None:
    @router.get("/kill-switches")
    async def engaged(visitor: Viewer) -> list[KillSwitch]:  # noqa: ARG001
        """The kill switches that are engaged."""
        return list(await sight.switches())

    @router.post("/kill-switches/engage")
    async def on(wish: Switching, visitor: Engager) -> Switched:
        """Engage one; it counts at once."""
        return await _switched(await engage(sight, visitor, wish))

    @router.post("/kill-switches/release")
    async def off(wish: Switching, visitor: Releaser) -> Switched:
        """Release one."""
        return await _switched(await release(sight, visitor, wish))

    async def _switched(sentence: str) -> Switched:
        return Switched(sentence=sentence, engaged=await sight.switches())
