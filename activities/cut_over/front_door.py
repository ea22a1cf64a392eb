"""`cut_over.front_door`: enable and disable the origins of an Azure Front Door."""

from collections.abc import Collection, Mapping

from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.front_door import (
    FrontDoorOrigins,
    FrontDoorView,
    note_on_front_door,
    read_front_door,
    turn_origins,
)
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.switching import Switch
from runbooks.azure.traffic import FrontDoorCommon
from runbooks.steps import ErrorType

_SHARE = 0.5
"""Of the call's time, for what was enabled to be able to serve."""


class CutOverFrontDoor(OnAzure, Switch[FrontDoorOrigins, FrontDoorView]):
    """Enables the origins of the regions that serve, then disables the others; what was accepted must be deployed."""

    uses = "cut_over.front_door"
    permissions = (
        locks.READS,
        "Microsoft.Cdn/operationresults/read",
        "Microsoft.Cdn/profiles/originGroups/origins/read",
        "Microsoft.Cdn/profiles/originGroups/origins/write",
        "Microsoft.Cdn/profiles/read",
        "Microsoft.Cdn/profiles/write",
    )
    Settings = FrontDoorOrigins
    view = FrontDoorView
    every = 0.5
    atomic = False

    @classmethod
    def scopes(cls, settings: FrontDoorCommon) -> tuple[str, ...]:
        """The profile."""
        return (settings.profile_id,)

    @classmethod
    def wider(cls, settings: FrontDoorCommon) -> Mapping[str, tuple[str, ...]]:
        """Front Door keeps in the group what becomes of its operations."""
        return {settings.group_id: ("Microsoft.Cdn/operationresults/read",)}

    async def _see(self, job: Job[FrontDoorOrigins]) -> FrontDoorView:
        return await read_front_door(azure(job), job.settings)

    async def _observe(self, job: Job[FrontDoorOrigins]) -> FrontDoorView:
        seen = await super()._observe(job)
        serving = job.settings.serving
        if len({seen.priorities[region] for region in serving if region in seen.priorities}) > 1:
            told = ", ".join(f"{region}: {seen.priorities[region]}" for region in serving)
            raise StepError(
                ErrorType.WRONG_STATE,
                f"The origins of {' and '.join(serving)} have other priorities ({told}), so only one of them would "
                "take traffic: make them the same, then say retry.",
                seen.evidence(),
            )
        return seen

    async def _note(self, job: Job[FrontDoorOrigins], seen: FrontDoorView) -> None:
        del seen
        await note_on_front_door(azure(job), job.settings, job.call.epoch)

    async def _turn(
        self, job: Job[FrontDoorOrigins], seen: FrontDoorView, on: tuple[str, ...], was: FrontDoorView | None
    ) -> None:
        del was
        there, settings, epoch = azure(job), job.settings, job.call.epoch
        await turn_origins(there, settings, [one for one in on if one not in seen.on], "Enabled", epoch)
        await self._serving(job, on)
        await turn_origins(there, settings, [one for one in seen.on if one not in on], "Disabled", epoch)

    async def _serving(self, job: Job[FrontDoorOrigins], on: tuple[str, ...]) -> None:
        """Wait until what was enabled, by whichever attempt, is: else nobody would serve without the others.

        Raises StepError.
        """
        names = {job.settings.places[region].origin for region in on}
        job.progress.text = f"waits until {', '.join(sorted(names))} can serve, before others are disabled"
        seen, done = await poll(
            lambda: self._see(job),
            lambda seen: not names & set(seen.changing),
            every=self.every,
            within=job.allowed * _SHARE,
        )
        if not done:
            raise StepError(
                ErrorType.NOT_YET,
                f"Front Door is still changing {', '.join(sorted(names & set(seen.changing)))}: no other origin is "
                "disabled before that has ended; it is looked at again.",
                seen.evidence(),
            )
        _refuse_failed(seen, names)

    def _settled(self, job: Job[FrontDoorOrigins], seen: FrontDoorView) -> str | None:
        settled = super()._settled(job, seen)
        if settled is not None:
            _refuse_failed(seen)
        return settled

    async def _arrived(self, job: Job[FrontDoorOrigins], on: tuple[str, ...]) -> None:
        await super()._arrived(job, on)
        _refuse_failed(await self._see(job))


def _refuse_failed(seen: FrontDoorView, names: Collection[str] | None = None) -> None:
    """Raises StepError when what was accepted was not carried out: the origins look as wanted, and are not."""
    failed = [name for name in seen.failed if names is None or name in names]
    if failed:
        raise StepError(
            ErrorType.WRONG_STATE,
            f"Front Door has accepted the change of {', '.join(failed)} and not carried it out (Failed): look at "
            "the profile, and save the origin once more there, then say retry.",
            seen.evidence(),
        )
