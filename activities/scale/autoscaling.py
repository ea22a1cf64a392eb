"""`scale.autoscaling`: bring an EC2 Auto Scaling group to its size, by other instances where AWS has no more."""

import asyncio

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.autoscaling import GroupView, Shape, change_group, in_service, newest_launch, read_group
from activities.clients.autoscaling_history import Stage, began, unaffordable
from activities.clients.autoscaling_ladder import differs, no_capacity, parts_of, quota_of, restored
from activities.clients.aws import aws
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.scaling import Scale, Size
from runbooks.aws.groups import AutoscalingSettings
from runbooks.steps import ErrorType, StepResult


class AutoscalingSize(AutoscalingSettings, Size):
    """The group, and how many instances it must have ready."""


class ScaleAutoscaling(OnAws, Scale[AutoscalingSize, GroupView]):
    """Sets a group's desired capacity (and a smaller maximum), and goes down its ladder when AWS has no more.

    A rung only adds to where instances may come from: what serves is left. What the group was is kept in its own tags,
    so that an undo brings it back, whoever has died meanwhile. AWS checks `ec2:RunInstances` of whoever gives a group a
    launch template, and `iam:PassRole` where the template names an instance profile (grant it for that role alone).
    """

    uses = "scale.autoscaling"
    tested_against = "moto + fake (launches, quotas)"
    permissions = (
        "autoscaling:CreateOrUpdateTags",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:UpdateAutoScalingGroup",
        "cloudwatch:GetMetricStatistics",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeSubnets",
        "ec2:RunInstances",
        "elasticloadbalancing:DescribeTargetHealth",
        "servicequotas:GetServiceQuota",
    )
    unscoped = frozenset(permissions) - {"autoscaling:CreateOrUpdateTags", "autoscaling:UpdateAutoScalingGroup"}
    Settings = AutoscalingSize
    unit = "instances"

    @classmethod
    def arns(cls, settings: AutoscalingSettings) -> tuple[str, ...]:
        """The group alone."""
        where = f"{settings.aws_region}:{account_of(settings)}"
        return (f"arn:aws:autoscaling:{where}:autoScalingGroup:*:autoScalingGroupName/{settings.group}",)

    @classmethod
    def needs(cls, settings: AutoscalingSettings) -> tuple[str, ...]:
        """Only a ladder launches by another template or elsewhere; only who measures counts."""
        spared: set[str] = set()
        if not settings.ladder:
            spared |= {"ec2:DescribeSubnets", "ec2:RunInstances"}
        if not settings.target_groups:
            spared.add("elasticloadbalancing:DescribeTargetHealth")
        if settings.match is None or settings.match.of == "running":
            spared.add("cloudwatch:GetMetricStatistics")
        return tuple(action for action in cls.permissions if action not in spared)

    async def _see(self, job: Job[AutoscalingSize]) -> GroupView:
        return await read_group(aws(job), job.settings, job.call.epoch)

    async def _elsewhere(
        self, job: Job[AutoscalingSize], upstream: dict[str, JsonValue], *, longest: bool
    ) -> int | None:
        there = AutoscalingSettings.model_validate(upstream)
        return await in_service(aws(job, there), there, longest=longest)

    async def _refuse(self, job: Job[AutoscalingSize], seen: GroupView, needed: int) -> None:
        if "HealthCheck" in seen.suspended:
            raise seen.obstacle(job.settings.group, "HealthCheck", "it does not see when an instance fails")
        self._refuse_suspended(job, seen)
        await self._affordable(job, seen, needed, ())

    def _refuse_suspended(self, job: Job[AutoscalingSize], seen: GroupView) -> None:
        if "Launch" in seen.suspended:
            raise seen.obstacle(job.settings.group, "Launch", "it starts no instance")
        if "AddToLoadBalancer" in seen.suspended and job.settings.target_groups:
            raise seen.obstacle(job.settings.group, "AddToLoadBalancer", "new instances get no traffic")

    async def _order(self, job: Job[AutoscalingSize], seen: GroupView, wanted: int) -> None:
        changes = {"DesiredCapacity": wanted}
        if seen.shape.minimum > wanted:
            changes["MinSize"] = wanted
        if seen.shape.maximum < wanted:
            changes["MaxSize"] = wanted
        await change_group(aws(job), job.settings, seen, job.call.epoch, seen.stages, **changes)

    async def _grow(self, job: Job[AutoscalingSize], seen: GroupView, needed: int) -> str:
        self._refuse_suspended(job, seen)
        now = seen
        if seen.desired < needed or self._at_the_end(job, seen):
            now = await self._try_next(job, seen, needed, ())
        loop = asyncio.get_running_loop()
        deadline = loop.time() + job.allowed
        while now.ready < needed:
            now, enough = await poll(
                lambda: self._patiently(job, now, needed),  # noqa: B023 - it is awaited here
                lambda one: one.ready >= needed or one.starved,
                every=self.every,
                within=deadline - loop.time(),
            )
            if not enough:
                raise self._not_yet(job, now, needed)
            if now.ready < needed:
                now = await self._try_next(job, now, needed, now.stages)
        return f"{now.ready} {self.unit} are ready{self._by(job, now)}; before there were {seen.ready}."

    def _at_the_end(self, job: Job[AutoscalingSize], seen: GroupView) -> bool:
        """Everything was in vain before, and a person has said retry: it begins anew."""
        return seen.starved and seen.stages[-1].rung == len(job.settings.ladder)

    async def _try_next(
        self, job: Job[AutoscalingSize], seen: GroupView, needed: int, stages: tuple[Stage, ...]
    ) -> GroupView:
        """Have it launch what the next rung says, and note where the ladder stands. Raises StepError (no-capacity)."""
        there, settings = aws(job), job.settings
        tried = await self._affordable(job, seen, needed, stages)
        rung = tried[-1].rung + 1 if tried else 0
        tried = (*tried, began(rung, await newest_launch(there, settings)))
        if rung:
            job.progress.text = f"AWS has no more; rung {rung} of the ladder is tried: {settings.ladder[rung - 1]}"
        parts = await parts_of(there, settings, rung, seen.original or seen.shape)
        changes = parts if differs(seen.shape, parts) else {}
        if seen.desired < needed:
            changes["DesiredCapacity"] = needed
        if seen.shape.maximum < needed:
            changes["MaxSize"] = needed
        await change_group(there, settings, seen, job.call.epoch, tried, **changes)
        return await self._observe(job)

    async def _affordable(
        self, job: Job[AutoscalingSize], seen: GroupView, needed: int, stages: tuple[Stage, ...]
    ) -> tuple[Stage, ...]:
        """The stages, and those rungs after them for which the quota is too small. Raises StepError (no-capacity)."""
        found = stages
        for rung in range(stages[-1].rung + 1 if stages else 0, len(job.settings.ladder) + 1):
            why = await quota_of(aws(job), job.settings, seen, rung, needed)
            if why is None:
                return found
            found = (*found, unaffordable(rung, why))
        raise no_capacity(job.settings, seen, needed, found)

    def _by(self, job: Job[AutoscalingSize], now: GroupView) -> str:
        rung = now.stages[-1].rung
        return f", by rung {rung} of its ladder ({job.settings.ladder[rung - 1]})" if rung else ""

    def _not_yet(self, job: Job[AutoscalingSize], now: GroupView, needed: int) -> StepError:
        said = now.stages[-1].said
        look = f"AWS says of its launches: {said}" if said else "look at why the others are not"
        return StepError(
            ErrorType.NOT_YET,
            f"{now.ready} of {needed} instances of {job.settings.group} in {job.call.region} are ready after "
            f"{job.allowed:g} s: {look.rstrip('.')}.",
            now.evidence(),
        )

    async def _undo(self, job: Job[AutoscalingSize], before: dict[str, JsonValue]) -> StepResult:
        seen = await self._observe(job)
        was = self._shape_before(seen, before)
        if was is None:
            reason = f"How large the group was is not known: its {seen.desired} {self.unit} are left."
            return self._result(job, seen, seen, reason, changed=False)
        parts = restored(was, job.settings)
        changes = parts if differs(seen.shape, parts) else {}
        sizes = {"DesiredCapacity": "desired", "MaxSize": "maximum", "MinSize": "minimum"}
        for name, key in sizes.items():
            if getattr(seen.shape, key) != getattr(was, key):
                changes[name] = getattr(was, key)
        if not changes:
            reason = f"The group is as it was before the step: {was.desired} {self.unit} are wanted."
            return self._result(job, seen, seen, reason, changed=False)
        await change_group(aws(job), job.settings, seen, job.call.epoch, (), **changes)
        reason = f"The group is as it was before the step: {was.desired} {self.unit} are wanted, not {seen.desired}."
        return self._result(job, seen, await self._observe(job), reason, changed=True)

    def _was(self, before: dict[str, JsonValue]) -> GroupView | None:
        return GroupView.from_evidence(before)

    def _shape_before(self, seen: GroupView, before: dict[str, JsonValue]) -> Shape | None:
        """The group's own tags know it even when the act's answer was lost, or came only at the second try."""
        if seen.original is not None:
            return seen.original
        was = self._was(before)
        return (was.original or was.shape) if was is not None else None
