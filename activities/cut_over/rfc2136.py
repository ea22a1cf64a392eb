"""`cut_over.rfc2136`: lead the public name to another region, by one signed update that is all or nothing."""

from pydantic import JsonValue

from activities.acting import Act, SettledMeanwhile
from activities.clients.rfc2136 import NameSettings, NameState, prove_key, read_name, replace_name
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.stale import refuse_stale
from runbooks.steps import ErrorType, StepResult

_EVERY = 0.01
_TRIES = 5
"""Looks and updates, when somebody else's change comes between them each time."""


class CutOverRfc2136(Act[NameSettings, NameState]):
    """Compare and set: the records must be as planned, and still as read when they are replaced."""

    uses = "cut_over.rfc2136"
    permissions = ("TSIG key: update A, AAAA of the name and TXT of _evac.<name>",)
    Settings = NameSettings
    undoable = True

    async def _observe(self, job: Job[NameSettings]) -> NameState:
        settings = job.settings
        wanted = settings.wanted  # a mistake in the settings comes before any question to the servers
        seen = await read_name(settings, settings.servers[0])
        refuse_stale(job, seen.epoch, settings.name)
        if settings.before is None or seen.addresses in (wanted, settings.addresses_of(settings.before)):
            return seen
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{settings.name} leads to {', '.join(seen.addresses) or 'nothing'}, which is neither where it led at "
            "planning nor where it is to lead: look who changed it, then plan again.",
            seen.evidence(),
        )

    def _settled(self, job: Job[NameSettings], seen: NameState) -> str | None:
        return self._leads(job, seen, job.settings.wanted)

    async def _act(self, job: Job[NameSettings], seen: NameState) -> str:
        return await self._lead(job, seen, job.settings.wanted)

    async def _observe_after(self, job: Job[NameSettings], seen: NameState) -> NameState:
        del seen
        return await self._visible(job, job.settings.wanted)

    async def _check(self, job: Job[NameSettings]) -> StepResult:
        result = await super()._check(job)
        await prove_key(job)
        return result

    async def _undo(self, job: Job[NameSettings], before: dict[str, JsonValue]) -> StepResult:
        back = _back_to(job.settings, NameState.from_evidence(before))
        seen = await self._observe(job)
        if settled := self._leads(job, seen, back):
            return self._result(job, seen, seen, settled, changed=False)
        if seen.addresses not in (back, job.settings.wanted):
            raise StepError(
                ErrorType.WRONG_STATE,
                f"{job.settings.name} leads to {', '.join(seen.addresses) or 'nothing'}, which is not where this step "
                "led it: look who changed it; it was not led back.",
                seen.evidence(),
            )
        try:
            done, changed = await self._lead(job, seen, back), True
        except SettledMeanwhile as news:
            done, changed = str(news), False
        return self._result(job, seen, await self._visible(job, back), done, changed=changed)

    @staticmethod
    def _leads(job: Job[NameSettings], seen: NameState, wanted: tuple[str, ...]) -> str | None:
        # Equal under an older epoch is not settled: without our epoch an older decision could still undo it.
        if seen.addresses != wanted or seen.epoch != job.call.epoch:
            return None
        return f"{job.settings.name} leads to {', '.join(seen.addresses)} already."

    async def _lead(self, job: Job[NameSettings], seen: NameState, wanted: tuple[str, ...]) -> str:
        now = seen
        for attempt in range(1, _TRIES + 1):
            try:
                await replace_name(job, now, wanted)
                break
            except StepError as error:
                if error.kind is not ErrorType.CONFLICT or attempt == _TRIES:
                    raise
            # It may have been the same step, running twice: then there is nothing left to do.
            now = await self._observe(job)
            if settled := self._leads(job, now, wanted):
                raise SettledMeanwhile(settled)
        settings = job.settings
        old, new = ", ".join(seen.addresses) or "nothing", ", ".join(wanted)
        if seen.addresses == wanted:
            return f"{settings.name} leads to {new} already; decision {job.call.epoch} was noted beside it."
        return f"{settings.name} leads to {new}; before it led to {old}. Old answers live up to {seen.ttl} s."

    async def _visible(self, job: Job[NameSettings], wanted: tuple[str, ...]) -> NameState:
        """Wait until the server shows what it has accepted."""
        settings = job.settings
        now, done = await poll(
            lambda: read_name(settings, settings.servers[0]),
            lambda now: now.addresses == wanted,
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


def _back_to(settings: NameSettings, was: NameState | None) -> tuple[str, ...]:
    """Where the name led before the step. An act that was run twice saw its own work: then where it led at planning."""
    addresses = was.addresses if was is not None else settings.wanted
    if addresses == settings.wanted and settings.before is not None:
        addresses = settings.addresses_of(settings.before)
    elif was is None:
        addresses = ()
    if addresses:
        return addresses
    raise StepError(
        ErrorType.WRONG_STATE,
        f"Where {settings.name} led before this step is not known, or it led nowhere: it is left as it is.",
    )
