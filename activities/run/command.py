"""`run.command`: a program of the user's own. Never a shell."""

import os

from pydantic import Field

from activities.acting import Act, SettledMeanwhile, View
from activities.clients.marker import Marker, MarkerFile
from activities.clients.program import Finished, find_program, run_program
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType
from runbooks.values import Model, Seconds, SecretRef

_GUARD_SECONDS = 30.0


class CommandSettings(Model):
    """The program and what is known of it."""

    argv: tuple[str, ...] = Field(min_length=1)
    timeout: Seconds = Field(default=60.0, gt=0)
    env: dict[str, str] = {}
    secrets: dict[str, SecretRef] = {}
    """More environment; the values are struck out of the output that is kept."""
    unless: tuple[str, ...] = ()
    """A program that exits with 0 when there is nothing to do; it must change nothing."""
    repeatable: bool = False
    """Running it twice does no harm."""


class CommandView(View):
    """What is known of earlier runs of this step, and of this one."""

    marker: Marker | None = None
    unneeded: bool = False
    """`unless` exited with 0."""


class RunCommand(Act[CommandSettings, CommandView]):
    """Runs it once.

    A marker file in this worker's home says that it was begun, and that it ended. A run that was begun and has
    no end may or may not have had its effect (the worker died): unless the command is `repeatable`, or `unless`
    can tell, a person must look. Their `retry` then runs it, since it comes as a new activity. While another
    worker on the same home is still at it, this one waits (`busy`).
    Workers that share a task queue should share the home too: a marker that another one wrote is not seen else.
    """

    uses = "run.command"
    permissions = ("whatever the program needs, as the worker's user",)
    Settings = CommandSettings

    async def _observe(self, job: Job[CommandSettings]) -> CommandView:
        marker = self._file(job).read()
        if marker is not None and marker.done:
            return CommandView(marker=marker)
        unless = job.settings.unless
        for argv in (job.settings.argv, unless):
            if argv:
                find_program(argv[0], self._env(job))
        unneeded = bool(unless) and (await self._start(job, unless, min(_GUARD_SECONDS, job.allowed))).code == 0
        return CommandView(marker=marker, unneeded=unneeded)

    def _settled(self, job: Job[CommandSettings], seen: CommandView) -> str | None:
        if seen.marker is not None and seen.marker.done:
            return "It has run already, and ended well."
        return f"`{job.settings.unless[0]}` says that nothing is to do." if seen.unneeded else None

    async def _act(self, job: Job[CommandSettings], seen: CommandView) -> str:
        del seen  # the marker is read again, at the moment that counts
        file = self._file(job)
        with file.held():
            marker = file.read()
            if marker is not None and marker.done:
                by_another = "It has run meanwhile, by another run of the same step, and ended well."
                raise SettledMeanwhile(by_another)
            return await self._once(job, file)

    async def _once(self, job: Job[CommandSettings], file: MarkerFile) -> str:
        safe = job.settings.repeatable or bool(job.settings.unless)
        file.begin(safe=safe)
        bound = min(job.settings.timeout, job.allowed)
        finished = await self._start(job, job.settings.argv, bound)
        file.end(finished.code, job.secrets.strike_text(finished.tail))
        program, tail = job.settings.argv[0], {"output": finished.tail, "code": finished.code}
        if finished.code is None:
            kind = ErrorType.TIMED_OUT if safe else ErrorType.WRONG_STATE
            sentence = f"{program} took longer than {bound:g} s and was ended: look what it did."
            raise StepError(kind, sentence, tail)
        if finished.code != 0:
            kind = ErrorType.NOT_YET if safe else ErrorType.WRONG_STATE
            raise StepError(kind, f"{program} ended with code {finished.code}: see its output.", tail)
        return f"{program} ran and ended well."

    async def _observe_after(self, job: Job[CommandSettings], seen: CommandView) -> CommandView:
        del seen
        return CommandView(marker=self._file(job).read())

    def _file(self, job: Job[CommandSettings]) -> MarkerFile:
        return MarkerFile(self.home, job.call.run, job.call.step)

    async def _start(self, job: Job[CommandSettings], argv: tuple[str, ...], within: float) -> Finished:
        return await run_program(argv, self._env(job), within)

    @staticmethod
    def _env(job: Job[CommandSettings]) -> dict[str, str]:
        call = job.call
        ours = {
            "EVAC_RUN": call.run,
            "EVAC_STEP": call.step,
            "EVAC_EPOCH": str(call.epoch),
            "EVAC_REGION": call.region,
        }
        secrets = {name: job.secrets.reveal(reference) for name, reference in job.settings.secrets.items()}
        return {**os.environ, **job.settings.env, **secrets, **ours}
