"""`cut_over.route53`: lead a name in Route 53 to other regions, by one batch that is all or nothing."""

import asyncio
from typing import ClassVar

from pydantic import JsonValue

from activities.acting import Act, SettledMeanwhile
from activities.aws import OnAws, refuse_stale
from activities.clients.aws import aws
from activities.clients.route53 import NameRecords, is_in_sync, read_records, replace_records, servers_of
from activities.clients.route53_servers import Said, ask_servers
from activities.clients.route53_sets import RecordSet, Route53Name, led, same, wanted_sets
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.aws.traffic import Route53Common
from runbooks.steps import ErrorType, StepResult

_TRIES = 5
"""Looks and batches, when somebody else's change comes between them each time."""
_SYNC_SHARE, _ASK_SHARE = 0.7, 0.15
"""Of the call's time: for the change to reach every name server, and for these to be asked."""


class CutOverRoute53(OnAws, Act[Route53Name, NameRecords]):
    """Compare and set: the records must be as planned, and still as read. Waits for INSYNC, and asks name servers."""

    uses = "cut_over.route53"
    permissions = (
        "route53:ChangeResourceRecordSets",
        "route53:GetChange",
        "route53:GetHostedZone",
        "route53:ListResourceRecordSets",
    )
    Settings = Route53Name
    undoable = True
    every: ClassVar[float] = 1.0
    """Seconds between two looks at a change: Route 53 takes five requests a second from an account."""

    @classmethod
    def arns(cls, settings: Route53Common) -> tuple[str, ...]:
        """The zone, and its changes, which have no names beforehand."""
        return (f"arn:aws:route53:::hostedzone/{settings.zone_id}", "arn:aws:route53:::change/*")

    async def _observe(self, job: Job[Route53Name]) -> NameRecords:
        settings = job.settings
        wanted = wanted_sets(settings)  # a mistake in the settings comes before any question
        seen = await read_records(aws(job), settings)
        refuse_stale(job, seen.epoch, settings.name)
        planned = (set(settings.before or ()), set(settings.serving))
        if same(seen.sets, wanted) or (not seen.strangers and (settings.before is None or set(seen.leads) in planned)):
            return seen
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{settings.name} leads to {seen.where()}, which is neither where it led at planning nor where it is to "
            "lead: look who changed it, then plan again.",
            seen.evidence(),
        )

    def _settled(self, job: Job[Route53Name], seen: NameRecords) -> str | None:
        return self._leads(job, seen, wanted_sets(job.settings))

    async def _act(self, job: Job[Route53Name], seen: NameRecords) -> str:
        done = await self._lead(job, seen, wanted_sets(job.settings))
        await self._pause(job)
        return done

    async def _run(self, job: Job[Route53Name]) -> StepResult:
        result = await super()._run(job)
        return await self._confirmed(job, result, job.settings.serving)

    async def _undo(self, job: Job[Route53Name], before: dict[str, JsonValue]) -> StepResult:
        settings = job.settings
        back = _back_to(settings, NameRecords.from_evidence(before))
        seen = await self._observe(job)
        if settled := self._leads(job, seen, back):
            return self._result(job, seen, seen, settled, changed=False)
        if not same(seen.sets, back) and not same(seen.sets, wanted_sets(settings)):
            raise StepError(
                ErrorType.WRONG_STATE,
                f"{settings.name} leads to {seen.where()}, which is not where this step led it: look who changed it; "
                "it was not led back.",
                seen.evidence(),
            )
        try:
            done, changed = await self._lead(job, seen, back), True
        except SettledMeanwhile as news:
            done, changed = str(news), False
        result = self._result(job, seen, await self._observe(job), done, changed=changed)
        return await self._confirmed(job, result, tuple(led(settings, back).weights))

    @staticmethod
    def _leads(job: Job[Route53Name], seen: NameRecords, wanted: tuple[RecordSet, ...]) -> str | None:
        # Equal under an older epoch is not settled: without our epoch an older decision could still undo it.
        if not same(seen.sets, wanted) or seen.epoch != job.call.epoch:
            return None
        return f"{job.settings.name} leads to {seen.where()} already."

    async def _lead(self, job: Job[Route53Name], seen: NameRecords, wanted: tuple[RecordSet, ...]) -> str:
        there, settings, now = aws(job), job.settings, seen
        for attempt in range(1, _TRIES + 1):
            try:
                change = await replace_records(there, settings, now, wanted, job.call.epoch)
                break
            except StepError as error:
                if error.kind is not ErrorType.CONFLICT or attempt == _TRIES:
                    raise
                refusal = error
            # It may have been the same step, running twice: then there is nothing left to do.
            last, now = now, await self._observe(job)
            if settled := self._leads(job, now, wanted):
                raise SettledMeanwhile(settled)
            if now == last:
                sentence = f"Nobody else has changed {settings.name}, so it is the change itself. {refusal.sentence}"
                raise StepError(ErrorType.BAD_SETTINGS, sentence, refusal.evidence)
        await self._in_sync(job, change)
        new = NameRecords(sets=wanted, leads=led(settings, wanted).weights).where()
        if same(seen.sets, wanted):
            return f"{settings.name} leads to {new} already; decision {job.call.epoch} was noted beside it."
        return f"{settings.name} leads to {new}; before it led to {seen.where()}. Old answers live up to {seen.ttl} s."

    async def _in_sync(self, job: Job[Route53Name], change: str) -> None:
        job.progress.text = "Route 53 has taken the change, and copies it to its name servers"
        within = job.allowed * _SYNC_SHARE
        _, done = await poll(
            lambda: is_in_sync(aws(job), change), lambda synced: synced, every=self.every, within=within
        )
        if not done:
            raise StepError(
                ErrorType.NOT_YET,
                f"Route 53 has taken the change of {job.settings.name}, but after {within:.0f} s not all of its name "
                f"servers have it ({change} is PENDING): look at AWS's health page; it is looked at again.",
                {"change": change},
            )

    @staticmethod
    async def _pause(job: Job[Route53Name]) -> None:
        """Leave a stage to itself for a while."""
        if job.settings.pause:
            job.progress.text = f"a stage of the move: waits for {job.settings.pause:g} s"
            await asyncio.sleep(job.settings.pause)

    async def _confirmed(self, job: Job[Route53Name], result: StepResult, serving: tuple[str, ...]) -> StepResult:
        """The same, when the name servers that can be asked say so too. Raises StepError when they do not."""
        servers = await servers_of(aws(job), job.settings)
        said, good = await poll(
            lambda: ask_servers(job.settings, servers, serving),
            lambda said: not said.wrong,
            every=self.every / 4,
            within=job.allowed * _ASK_SHARE,
        )
        if not good:
            answers = "; ".join(f"{server}: {answer}" for server, answer in said.wrong.items())
            raise StepError(
                ErrorType.NOT_YET,
                f"The records of {job.settings.name} are set, but not every name server says so ({answers}): it is "
                "looked at again.",
                dict(said.all()),
            )
        after = {**result.after, "servers": dict(said.all())}
        return result.model_copy(update={"reason": f"{result.reason} {_witnessed(said)}", "after": after})


def _witnessed(said: Said) -> str:
    if said.good:
        count = "name server says" if len(said.good) == 1 else "name servers say"
        return f"{len(said.good)} {count} so."
    return "None of its name servers could be asked from here."


def _back_to(settings: Route53Name, was: NameRecords | None) -> tuple[RecordSet, ...]:
    """The records before the step. An act that was run twice saw its own work: then those of planning."""
    sets = was.sets if was is not None else ()
    if was is None or same(sets, wanted_sets(settings)):
        led_before = {region: settings.weights_before.get(region, 1) or 1 for region in settings.before or ()}
        sets = wanted_sets(settings, led_before) if led_before else sets
    if sets:
        return sets
    raise StepError(
        ErrorType.WRONG_STATE,
        f"Where {settings.name} led before this step is not known, or it led nowhere: it is left as it is.",
    )
