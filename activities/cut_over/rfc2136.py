"""`cut_over.rfc2136`: lead the public name to another region, by one signed update that is all or nothing."""

from activities.acting import Act, SettledMeanwhile
from activities.clients.rfc2136 import NameSettings, NameState, read_name, replace_name
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.01
_TRIES = 5
"""Looks and updates, when somebody else's change comes between them each time."""


class CutOverRfc2136(Act[NameSettings, NameState]):
    """Compare and set: the records must be as planned, and still as read when they are replaced."""

    uses = "cut_over.rfc2136"
    permissions = ("TSIG key: update A, AAAA of the name and TXT of _evac.<name>",)
    Settings = NameSettings

    async def _observe(self, job: Job[NameSettings]) -> NameState:
        settings = job.settings
        wanted = settings.wanted  # a mistake in the settings comes before any question to the servers
        seen = await read_name(settings, settings.servers[0])
        if (seen.epoch or 0) > job.call.epoch:
            raise StepError(
                ErrorType.STALE_EPOCH,
                f"{settings.name} was set by decision {seen.epoch}, which is newer than this run's {job.call.epoch}: "
                "nothing was changed.",
                seen.evidence(),
            )
        if settings.before is None or seen.addresses in (wanted, settings.addresses_of(settings.before)):
            return seen
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{settings.name} leads to {', '.join(seen.addresses) or 'nothing'}, which is neither where it led at "
            "planning nor where it is to lead: look who changed it, then plan again.",
            seen.evidence(),
        )

    def _settled(self, job: Job[NameSettings], seen: NameState) -> str | None:
        # Equal under an older epoch is not settled: without our epoch an older decision could still undo it.
        if seen.addresses != job.settings.wanted or seen.epoch != job.call.epoch:
            return None
        return f"{job.settings.name} leads to {', '.join(seen.addresses)} already."

    async def _act(self, job: Job[NameSettings], seen: NameState) -> str:
        now = seen
        for attempt in range(1, _TRIES + 1):
            try:
                await replace_name(job, now)
                break
            except StepError as error:
                if error.kind is not ErrorType.CONFLICT or attempt == _TRIES:
                    raise
            # It may have been the same step, running twice: then there is nothing left to do.
            now = await self._observe(job)
            if settled := self._settled(job, now):
                raise SettledMeanwhile(settled)
        settings = job.settings
        old, new = ", ".join(seen.addresses) or "nothing", ", ".join(settings.wanted)
        if seen.addresses == settings.wanted:
            return f"{settings.name} leads to {new} already; decision {job.call.epoch} was noted beside it."
        return f"{settings.name} leads to {new}; before it led to {old}. Old answers live up to {seen.ttl} s."

    async def _observe_after(self, job: Job[NameSettings], seen: NameState) -> NameState:
        del seen
        settings = job.settings
        now, done = await poll(
            lambda: read_name(settings, settings.servers[0]),
            lambda now: now.addresses == settings.wanted,
            every=_EVERY,
            within=settings.timeout,
        )
        if not done:
            raise StepError(
                ErrorType.NOT_YET,
                f"The update was accepted, but {settings.servers[0]} still leads {settings.name} to "
                f"{', '.join(now.addresses) or 'nothing'}: look at its log.",
                now.evidence(),
            )
        return now
