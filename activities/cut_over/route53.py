"""`cut_over.route53`: lead a name in Route 53 to other regions, by one batch that is all or nothing."""

from collections.abc import Mapping
from typing import ClassVar

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.name_servers import confirmed
from activities.clients.route53 import NameRecords, is_in_sync, read_records, replace_records, servers_of
from activities.clients.route53_servers import expecting
from activities.clients.route53_sets import Route53Name, led, same, wanted_sets
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.naming import LeadName, RecordSet
from runbooks.aws.traffic import Route53Common
from runbooks.steps import ErrorType, StepResult

_SYNC_SHARE, _ASK_SHARE = 0.7, 0.15
"""Of the call's time: for the change to reach every name server, and for these to be asked."""


class CutOverRoute53(OnAws, LeadName[Route53Name, NameRecords]):
    """Compare and set: the records must be as planned, and still as read. Waits for INSYNC, and asks name servers."""

    uses = "cut_over.route53"
    permissions = (
        "route53:ChangeResourceRecordSets",
        "route53:GetChange",
        "route53:GetHostedZone",
        "route53:ListResourceRecordSets",
    )
    Settings = Route53Name
    view = NameRecords
    every: ClassVar[float] = 1.0
    """Seconds between two looks at a change: Route 53 takes five requests a second from an account."""

    @classmethod
    def arns(cls, settings: Route53Common) -> tuple[str, ...]:
        """The zone, and its changes, which have no names beforehand."""
        return (f"arn:aws:route53:::hostedzone/{settings.zone_id}", "arn:aws:route53:::change/*")

    async def _see(self, job: Job[Route53Name]) -> NameRecords:
        return await read_records(aws(job), job.settings)

    def _wanted(self, job: Job[Route53Name], weights: Mapping[str, int]) -> tuple[RecordSet, ...]:
        return wanted_sets(job.settings, weights)

    def _same(self, job: Job[Route53Name], one: tuple[RecordSet, ...], other: tuple[RecordSet, ...]) -> bool:
        del job
        return same(one, other)

    def _led(self, job: Job[Route53Name], sets: tuple[RecordSet, ...]) -> dict[str, int]:
        return led(job.settings, sets).weights

    async def _replace(self, job: Job[Route53Name], seen: NameRecords, wanted: tuple[RecordSet, ...]) -> None:
        change = await replace_records(aws(job), job.settings, seen, wanted, job.call.epoch)
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

    async def _confirmed(self, job: Job[Route53Name], result: StepResult, serving: tuple[str, ...]) -> StepResult:
        servers = await servers_of(aws(job), job.settings)
        expect = expecting(job.settings, serving)
        return await confirmed(job, result, servers, expect, share=_ASK_SHARE)
