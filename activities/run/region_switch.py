"""`run.region_switch`: execute a plan of ARC Region switch, for those who have their failover there already.

https://docs.aws.amazon.com/arc-region-switch/latest/api/API_StartPlanExecution.html
"""

from collections.abc import Mapping
from typing import Any

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.contract import Job
from activities.errors import StepError
from activities.running import (
    Execution,
    ExecutionView,
    Label,
    RunElsewhere,
    label_of,
    mark_of,
    mark_of_scheduling,
)
from runbooks.aws.runs import RegionSwitchStep
from runbooks.steps import ErrorType

_SERVICE = "arc-region-switch"
_UNSURE = "completedWithExceptions"
_DONE = frozenset({"completed", "completedMonitoringApplicationHealth", _UNSURE})
_FAILED = frozenset({"failed", "canceled", "planExecutionTimedOut"})
_PAUSED = frozenset({"pausedByFailedStep", "pausedByOperator"})


class RunRegionSwitch(OnAws, RunElsewhere[RegionSwitchStep]):
    """Starts a plan of ARC Region switch, follows it, and approves those of its steps that the settings name."""

    uses = "run.region_switch"
    permissions = (
        "arc-region-switch:ApprovePlanExecutionStep",
        "arc-region-switch:GetPlanExecution",
        "arc-region-switch:GetPlanInRegion",
        "arc-region-switch:ListPlanExecutions",
        "arc-region-switch:StartPlanExecution",
    )
    tested_against = "a fake"
    Settings = RegionSwitchStep
    what = "The plan of ARC Region switch"

    @classmethod
    def arns(cls, settings: RegionSwitchStep) -> tuple[str, ...]:
        """The plan alone."""
        return (settings.plan,)

    def _proved(self, seen: ExecutionView) -> bool:
        return seen.execution is None or seen.execution.status != _UNSURE

    async def _newest(self, job: Job[RegionSwitchStep]) -> Execution | None:
        found = await aws(job).pages(_SERVICE, "list_plan_executions", "items", planArn=job.settings.plan)
        ours = [one for one in found if _mark(one) == mark_of(job)]
        if not ours:
            await self._refuse(job, found)
            return None
        return _execution(max(ours, key=lambda one: one["startTime"]))

    async def _refuse(self, job: Job[RegionSwitchStep], others: list[Mapping[str, Any]]) -> None:
        """Raises StepError when the plan could not be executed now."""
        settings = job.settings
        plan = (await aws(job).read(_SERVICE, "get_plan_in_region", arn=settings.plan))["plan"]
        if settings.switch not in plan["regions"]:
            known = ", ".join(plan["regions"])
            sentence = f"The plan {plan['name']} knows no region {settings.switch}, but {known}: correct the runbook."
            raise StepError(ErrorType.BAD_SETTINGS, sentence)
        running = [one for one in others if one["executionState"] not in _DONE | _FAILED]
        if running:
            one = running[0]
            raise StepError(
                ErrorType.WRONG_STATE,
                f"Another execution of the plan {plan['name']} is {one['executionState']} ({one['executionId']}): "
                "look at it first, then say retry.",
                {"execution": one["executionId"]},
            )

    async def _begin(self, job: Job[RegionSwitchStep], before: Execution | None) -> None:
        settings = job.settings
        await aws(job).change(
            _SERVICE,
            "start_plan_execution",
            planArn=settings.plan,
            targetRegion=settings.switch,
            action=settings.action,
            mode=settings.mode,
            latestVersion=str(settings.latest_version).lower(),
            comment=label_of(job)[:1024],
            clientToken=f"evac-{mark_of(job)}-{mark_of_scheduling()}-{before.id[-16:] if before else 'first'}",
        )

    async def _attend(self, job: Job[RegionSwitchStep], now: Execution) -> None:
        if now.status in _PAUSED:
            raise StepError(
                ErrorType.WRONG_STATE,
                f"{self.what} is {now.status} at {await self._where(job, now)}: see to it in ARC Region switch (retry, "
                "skip or resume), then say retry here.",
                now.evidence(),
            )
        if now.status != "pendingManualApproval":
            return
        for name in await self._steps(job, now, "pendingApproval"):
            if name not in job.settings.approve:
                job.progress.text = f"waits until somebody approves {name} in ARC Region switch"
                continue
            asked: dict[str, Any] = {"planArn": job.settings.plan, "executionId": now.id, "stepName": name}
            await aws(job).change(
                _SERVICE, "approve_plan_execution_step", **asked, approval="approve", comment=label_of(job)[:1024]
            )

    async def _where(self, job: Job[RegionSwitchStep], now: Execution) -> str:
        return ", ".join(await self._steps(job, now, "failed")) or "no step that it names"

    async def _steps(self, job: Job[RegionSwitchStep], now: Execution, status: str) -> list[str]:
        asked: dict[str, Any] = {"planArn": job.settings.plan, "executionId": now.id}
        states = await aws(job).pages(_SERVICE, "get_plan_execution", "stepStates", **asked)
        return [one["name"] for one in states if one["status"] == status]


def _mark(shown: Mapping[str, Any]) -> str | None:
    label = Label.read(shown.get("comment", ""))
    return label.mark if label else None


def _execution(shown: Mapping[str, Any]) -> Execution:
    status, label = str(shown["executionState"]), Label.read(shown.get("comment", ""))
    return Execution(
        id=shown["executionId"],
        state="done" if status in _DONE else "failed" if status in _FAILED else "running",
        status=status,
        scheduling=label.scheduling if label else "",
        epoch=label.epoch if label else None,
        detail=f"{shown['executionAction']} {shown['executionRegion']}, {shown['mode']}",
        output=shown.get("actualRecoveryTime"),
    )
