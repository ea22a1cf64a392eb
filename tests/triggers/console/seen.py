"""A console that sees what a test says: states as values, records on disk, and decisions as they would reach a run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fastapi import FastAPI

from runbooks.alerts import AlertsState
from runbooks.controls import KillSwitch, Release
from runbooks.drills import DrillState
from runbooks.evacuation import EvacuateState, Word
from runbooks.load import LoadedRunbook
from runbooks.readiness import ReadinessState
from runbooks.runs import Decision, Judged, RunState
from runbooks.values import Model
from tests.workflows.world import runbook
from triggers.alerts.courier import UndeliveredError
from triggers.console import gate
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.refusals import NOBODY, TurnedAwayError
from triggers.console.routes import routes
from triggers.console.settings import ConsoleSettings
from triggers.console.sight import Sight
from triggers.errors import NoSuchRunError
from triggers.judgement import Steered
from triggers.look import Execution, StateT
from triggers.overview import Overview, Seen
from triggers.serve.config import ServeConfig
from triggers.serve.library import Library
from triggers.serve.link import Link
from worker.settings import Settings

NAME = "llm-platform"
ORIGIN = "http://127.0.0.1:8700"


@dataclass
class Stage(Sight):
    """What is seen of Temporal is what the test puts here."""

    state: RunState | None = None
    report: ReadinessState | None = None
    refuses: str | None = None
    heard: list[Decision] = field(default_factory=list)
    named: str = NAME
    away: bool = False
    made: dict[str, Model] = field(default_factory=dict)
    """What is made of runs, by the ids of the workflows."""
    words: list[tuple[str, Word]] = field(default_factory=list)
    firing: AlertsState | None = None
    engaged: dict[str, KillSwitch] = field(default_factory=dict)
    released: list[Release] = field(default_factory=list)
    works: bool = True
    """A worker runs, which releasing needs."""

    @property
    def books(self) -> tuple[LoadedRunbook, ...]:
        """One runbook."""
        return (LoadedRunbook(runbook=runbook(name=self.named), text="", path="llm.yaml"),)

    async def overview(self) -> Overview:
        """The run, if it goes on."""
        if self.away:
            message = "Temporal was not reached yet"
            raise UndeliveredError(message)
        going = self.state is not None and self.state.ended_at is None
        execution = Execution(f"evac/{NAME}", "r", "failover", "running", 0.0, None)
        runs = [Seen(execution, self.state)] if going else []
        others = [
            Seen(Execution(name, "r", _kind(name), "running", 0.0, None), state)
            for name, state in self.made.items()
            if getattr(state, "ended_at", None) is None
        ]
        alerts = [Seen(Execution(f"evac/{NAME}/alerts", "r", "alerts", "running", 0.0, None), self.firing)]
        return Overview(
            runs=runs,
            others=others,
            detectors=[],
            switches=[*self.engaged.values()],
            schedules=[],
            alerts=alerts if self.firing is not None else [],
        )

    async def run(self, name: str) -> RunState:
        """The run."""
        if self.state is None:
            message = f"there is no run of {name}"
            raise NoSuchRunError(message)
        return self.state

    async def say(self, name: str, decision: Decision, run: str) -> tuple[Judged, Steered]:  # noqa: ARG002
        """Keep it, and judge it as the test wants."""
        self.heard.append(decision)
        return Judged(decision=decision, refused=self.refuses), await self.run(name)

    async def composite(self, workflow_id: str, kind: type[StateT]) -> StateT:
        """What the test has put there."""
        state = self.made.get(workflow_id)
        if not isinstance(state, kind):
            message = f"there is no {workflow_id}"
            raise NoSuchRunError(message)
        return state

    async def say_to_drill(self, name: str, decision: Decision, run: str) -> tuple[Judged, Steered]:  # noqa: ARG002
        """Keep it, and judge it as the test wants."""
        self.heard.append(decision)
        drill = await self.composite(f"evac/{name}/drill", DrillState)
        return Judged(decision=decision, refused=self.refuses), drill

    async def tell(self, region: str, word: Word, run: str, *, go_on: bool) -> EvacuateState:  # noqa: ARG002
        """Keep it."""
        self.words.append(("go-on" if go_on else "stop", word))
        return await self.composite(f"evac/evacuate/{region}", EvacuateState)

    async def switches(self) -> tuple[KillSwitch, ...]:
        """Those that are engaged."""
        return tuple(self.engaged.values())

    async def engage(self, switch: KillSwitch) -> bool:
        """Engage it, unless it is."""
        new = switch.scope not in self.engaged
        self.engaged.setdefault(switch.scope, switch)
        return new

    async def release(self, release: Release, scope: str) -> bool:
        """Release it, if a worker runs."""
        if scope not in self.engaged:
            message = "not engaged: nothing to release"
            raise NoSuchRunError(message)
        self.released.append(release)
        if self.works:
            del self.engaged[scope]
        return self.works

    async def readiness(self, name: str) -> ReadinessState | None:  # noqa: ARG002
        """The report."""
        return self.report


def _kind(workflow_id: str) -> str:
    _, first, last = workflow_id.split("/", 2)
    return "evacuate" if first == "evacuate" else last


def stage(home: Path, state: RunState | None = None) -> Stage:
    """What the console sees."""
    settings = Settings(home=home)
    config = ServeConfig.model_validate({"evac-serve": 1, "runbooks": ("none",)})
    return Stage(settings, Library(config), Link(settings), state=state)


@asynccontextmanager
async def looking(
    at: Sight, role: ConsoleRole = ConsoleRole.ADMIN, name: str = "ada", until: int | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of somebody with that role, who is known so often; None: for ever."""
    app = FastAPI()
    gate.install(app, ConsoleSettings(), at.settings)
    known = Visitor(name=name, proof="oidc u-1", groups=("oidc-group:sre",), role=role)
    app.state.console = _Known(ConsoleSettings(), at.settings, known, until)
    app.include_router(routes(at))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=ORIGIN, headers={"Origin": ORIGIN}, trust_env=False
    ) as http:
        yield http


class _Known(gate.Gate):
    """Everybody is that visitor."""

    def __init__(self, console: ConsoleSettings, settings: Settings, known: Visitor, until: int | None) -> None:
        super().__init__(console, settings)
        self._known = known
        self._left = until

    async def visitor(self, request: object) -> Visitor:  # noqa: ARG002
        """That one."""
        if self._left is not None:
            if not self._left:
                raise TurnedAwayError(NOBODY, "Nobody is logged in here.", "Log in.", login=True)
            self._left -= 1
        return self._known


def fields(html: str, form: str) -> dict[str, str]:
    """The hidden fields of the form that has that text in it."""
    part = next(one for one in html.split("<form")[1:] if form in one.partition("</form>")[0])
    found = {}
    for one in part.partition("</form>")[0].split('<input type="hidden" name="')[1:]:
        name, _, rest = one.partition('" value="')
        found[name] = rest.partition('"')[0].replace("&#34;", '"')
    return found
