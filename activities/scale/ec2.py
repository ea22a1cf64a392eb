"""`scale.ec2`: start as many of a list of EC2 instances as are needed, and wait until they pass their status checks."""

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.clients.ec2 import Ec2View, note_decision, read_instances, start, stop
from activities.clients.ec2_quota import too_small
from activities.contract import Job
from activities.errors import StepError
from activities.scaling import Scale, Size
from runbooks.aws.groups import Ec2Settings
from runbooks.steps import ErrorType, StepResult


class Ec2Size(Ec2Settings, Size):
    """The instances, and how many of them must run."""


class ScaleEc2(OnAws, Scale[Ec2Size, Ec2View]):
    """Starts stopped instances, in their order; stops the last ones only when told to scale down.

    Which of them ran before a decision is on their own tags: an undo stops what was started, whoever died meanwhile.
    """

    uses = "scale.ec2"
    tested_against = "moto + fake (status checks, quotas)"
    permissions = (
        "ec2:CreateTags",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:StartInstances",
        "ec2:StopInstances",
        "servicequotas:GetServiceQuota",
    )
    unscoped = frozenset(permissions) - {"ec2:CreateTags", "ec2:StartInstances", "ec2:StopInstances"}
    Settings = Ec2Size
    unit = "instances"

    @classmethod
    def arns(cls, settings: Ec2Settings) -> tuple[str, ...]:
        """The instances; all of the region where tags choose them."""
        where = f"arn:aws:ec2:{settings.aws_region}:{account_of(settings)}:instance"
        return tuple(f"{where}/{name}" for name in settings.instances or ("*",))

    async def _see(self, job: Job[Ec2Size]) -> Ec2View:
        return await read_instances(aws(job), job.settings, job.call.epoch)

    async def _elsewhere(self, job: Job[Ec2Size], upstream: dict[str, JsonValue], *, longest: bool) -> int | None:
        there = Ec2Settings.model_validate(upstream)
        return None if longest else (await read_instances(aws(job, there), there, job.call.epoch)).desired

    async def _refuse(self, job: Job[Ec2Size], seen: Ec2View, needed: int) -> None:
        if len(seen.known) < needed:
            raise StepError(
                ErrorType.WRONG_STATE,
                f"There are only {len(seen.known)} instances of {job.call.resource} in {job.settings.aws_region}, and "
                f"{needed} are needed: add some to the runbook, or have it need fewer.",
                seen.evidence(),
            )
        types = {seen.types[name] for name in seen.stopped[: needed - seen.desired]}
        why = await too_small(aws(job), types, needed - seen.desired) if len(types) == 1 else None
        if why is not None:
            sentence = f"{job.call.resource} cannot grow to {needed} instances: {why}. Raise the quota, then say retry."
            raise StepError(ErrorType.NO_CAPACITY, sentence, seen.evidence())

    async def _grow(self, job: Job[Ec2Size], seen: Ec2View, needed: int) -> str:
        if seen.desired < needed:
            await self._refuse(job, seen, needed)
        return await super()._grow(job, seen, needed)

    async def _order(self, job: Job[Ec2Size], seen: Ec2View, wanted: int) -> None:
        there = aws(job)
        await note_decision(there, seen, job.call.epoch)
        if wanted < seen.desired:
            await stop(there, seen.running[wanted:])
            return
        missing = wanted - seen.desired
        if len(seen.stopped) < missing:
            raise StepError(
                ErrorType.BUSY,
                f"{', '.join(seen.stopping)} must have stopped before they can be started: it is tried again.",
                seen.evidence(),
            )
        await start(there, seen.stopped[:missing], seen.stopped[missing:])

    async def _undo(self, job: Job[Ec2Size], before: dict[str, JsonValue]) -> StepResult:
        del before  # the instances themselves know it, also when the act's answer was lost
        seen = await self._observe(job)
        started = tuple(name for name in seen.running if seen.before.get(name) == "stopped")
        ended = tuple(name for name in seen.stopped if seen.before.get(name) == "running")
        if not started and not ended:
            reason = "Every instance that this step has started or stopped is as it was before."
            return self._result(job, seen, seen, reason, changed=False)
        there = aws(job)
        if started:
            await stop(there, started)
        if ended:
            await start(there, ended, ())
        reason = f"{len(started)} instances are stopped again, and {len(ended)} started."
        return self._result(job, seen, await self._observe(job), reason, changed=True)

    def _was(self, before: dict[str, JsonValue]) -> Ec2View | None:
        return Ec2View.from_evidence(before)
