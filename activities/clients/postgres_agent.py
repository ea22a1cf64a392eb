"""The database agent of a region: the machine's side of a PostgreSQL server, over HTTP."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

from pydantic import JsonValue

from activities.acting import View
from activities.clients.controller import Controller
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.kinds import PostgresSettings
from runbooks.steps import ErrorType
from runbooks.values import UnixTime

P = TypeVar("P", bound=PostgresSettings)
V = TypeVar("V", bound="Doing")
A = TypeVar("A", bound=View)

_ANSWER_SECONDS = 5.0
_EVERY = 0.02


class Doing(View):
    """What an agent does in the background, and how the last thing ended."""

    busy: bool = False
    progress: str = ""
    result: str | None = None
    error: str | None = None
    refused: bool = False
    """The error will stay: what was asked for must not be done."""


class Machine(Doing):
    """A server as its machine sees it, up or down: `role` and `timeline` are what its disk says."""

    name: str
    up: bool
    role: str  # "primary", "standby" or "absent"
    timeline: int = 0
    half_rebuilt: bool = False
    epoch: int = 0


class Log(View):
    """What was committed behind a point of a server's log: how often, and by which transaction ids."""

    commits: int
    xids: tuple[int, ...]


class BackupInfo(View):
    """One verified backup: everything that was committed by `at` is in it."""

    name: str
    region: str
    at: UnixTime
    bytes: int = 0


class Backups(Doing):
    """All that are there, newest first."""

    backups: tuple[BackupInfo, ...] = ()


class Copy(Doing):
    """The copy aside, once it answers."""

    host: str
    port: int | None = None
    up: bool = False


def backups(job: Job[P]) -> Controller[Backups]:
    """The backups that the region's agent can reach. Raises StepError without an agent."""
    return _agent(job, "backups", Backups)


def scratch(job: Job[P], key: str) -> Controller[Copy]:
    """The copy aside that is made under that key, in the region. Raises StepError without an agent."""
    return _agent(job, f"scratch?key={quote(key, safe='')}", Copy)


def log_after(job: Job[P], timeline: int, position: str) -> Controller[Log]:
    """The transactions that were committed on that timeline behind that position. Raises StepError without an agent."""
    return _agent(job, f"wal?timeline={timeline}&after={position}", Log)


def database(job: Job[P]) -> Controller[Machine]:
    """The agent's word on the server itself. Raises StepError when no agent is set."""
    return _agent(job, "database", Machine)


def _agent(job: Job[P], path: str, answer: type[A]) -> Controller[A]:
    """What the region's agent says about `path`. Raises StepError when no agent is set."""
    settings = job.settings
    if settings.agent is None:
        sentence = f"{job.call.resource} has no database agent in {job.call.region}: set `agent` in the runbook."
        raise StepError(ErrorType.BAD_SETTINGS, sentence)
    token = job.secrets.reveal(settings.agent_token)
    return Controller(f"{settings.agent.rstrip('/')}/{path}", answer, _ANSWER_SECONDS, token)


async def ordered(job: Job[P], controller: Controller[V], order: Mapping[str, JsonValue]) -> V:
    """Give the order, with the decision's epoch, and wait until it is done. Raises StepError."""
    await controller.put({**order, "epoch": job.call.epoch})

    async def look() -> V:
        doing = await controller.get()
        job.progress.text = doing.progress
        return doing

    doing, done = await poll(look, lambda now: not now.busy, every=_EVERY, within=job.allowed)
    if not done:
        raise StepError(ErrorType.NOT_YET, f"{controller.url} is still at it: {doing.progress}.", doing.evidence())
    if doing.error is not None:
        kind = ErrorType.WRONG_STATE if doing.refused else ErrorType.BUSY
        raise StepError(kind, doing.error, doing.evidence())
    if doing.result is None:
        # It was started anew meanwhile, and remembers no order: the next try gives it again.
        raise StepError(ErrorType.NOT_YET, f"{controller.url} has forgotten the order: it is given again.")
    return doing
