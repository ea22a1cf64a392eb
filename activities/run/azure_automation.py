"""`run.azure_automation`: a runbook of Azure Automation.

https://learn.microsoft.com/rest/api/automation/job
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.contract import Job
from activities.errors import StepError
from activities.running import MOST_TOLD, Execution, RunElsewhere, mark_of, mark_of_scheduling
from runbooks.azure.runs import AutomationStep
from runbooks.steps import ErrorType

_DONE, _FAILED = frozenset({"Completed"}), frozenset({"Failed", "Stopped"})
_MARK, _SCHEDULING, _EPOCH, _ATTEMPT = 10, 8, 11, 3
"""Hexadecimal digits of each part of a job's name, which are all that a name has."""


@dataclass(frozen=True)
class _Name:
    """A job's name is a GUID of the caller's choice, and all that a job keeps of who began it: so it says it.

    A PUT of the same name makes no second job, whoever sends it.
    """

    mark: str
    scheduling: str
    epoch: int
    attempt: int

    def __str__(self) -> str:
        digits = f"{self.mark}{self.scheduling}{self.epoch:0{_EPOCH}x}{self.attempt:0{_ATTEMPT}x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    @classmethod
    def read(cls, name: str) -> Self | None:
        """None: it is no GUID."""
        digits = name.replace("-", "").lower()
        if len(digits) != _MARK + _SCHEDULING + _EPOCH + _ATTEMPT or not set(digits) <= set("0123456789abcdef"):
            return None
        epoch_at, attempt_at = _MARK + _SCHEDULING, _MARK + _SCHEDULING + _EPOCH
        epoch, attempt = int(digits[epoch_at:attempt_at], 16), int(digits[attempt_at:], 16)
        return cls(digits[:_MARK], digits[_MARK:epoch_at], epoch, attempt)


class RunAzureAutomation(OnAzure, RunElsewhere[AutomationStep]):
    """Creates one job whose name is made of run, step, scheduling and decision, and follows it; keeps its output."""

    uses = "run.azure_automation"
    permissions = (
        "Microsoft.Automation/automationAccounts/jobs/output/read",
        "Microsoft.Automation/automationAccounts/jobs/read",
        "Microsoft.Automation/automationAccounts/jobs/write",
        "Microsoft.Automation/automationAccounts/runbooks/read",
    )
    Settings = AutomationStep
    what = "The Automation runbook"

    @classmethod
    def scopes(cls, settings: AutomationStep) -> tuple[str, ...]:
        """The Automation account."""
        return (settings.account_id,)

    async def _newest(self, job: Job[AutomationStep]) -> Execution | None:
        settings = job.settings
        listed = await azure(job).pages(
            "automation",
            "job.list_by_automation_account",
            settings.resource_group,
            settings.account,
            filter=f"properties/runbook/name eq '{settings.automation_runbook}'",
        )
        names = (_Name.read(str(one["name"])) for one in listed)
        ours = [name for name in names if name is not None and name.mark == mark_of(job)[:_MARK]]
        if not ours:
            await self._published(job)
            return None
        newest = max(ours, key=lambda name: (name.epoch, name.attempt))
        return await self._execution(job, newest)

    async def _published(self, job: Job[AutomationStep]) -> None:
        """Raises StepError unless the runbook is there and published."""
        settings = job.settings
        where = (settings.resource_group, settings.account, settings.automation_runbook)
        state = (await azure(job).read("automation", "runbook.get", *where))["properties"].get("state")
        if state not in {"Published", "Edit"}:  # Edit: there is a draft besides what is published
            sentence = f"The Automation runbook {settings.automation_runbook} is {state}: publish it, then say retry."
            raise StepError(ErrorType.WRONG_STATE, sentence)

    async def _execution(self, job: Job[AutomationStep], name: _Name) -> Execution:
        where = (job.settings.resource_group, job.settings.account, str(name))
        shown = (await azure(job).read("automation", "job.get", *where))["properties"]
        status = str(shown.get("status"))
        state = "done" if status in _DONE else "failed" if status in _FAILED else "running"
        output = ""
        if state != "running":
            output = str((await azure(job).read("automation", "job.get_output", *where)).get("text", ""))
        return Execution(
            id=str(name),
            state=state,
            status=status,
            scheduling=name.scheduling,
            epoch=name.epoch,
            detail=_detail(status, shown),
            output=output[-MOST_TOLD:],
        )

    async def _begin(self, job: Job[AutomationStep], before: Execution | None) -> None:
        settings = job.settings
        last = _Name.read(before.id) if before is not None else None
        attempt = last.attempt + 1 if last is not None else 0
        name = _Name(mark_of(job)[:_MARK], mark_of_scheduling(), job.call.epoch, attempt)
        properties: dict[str, Any] = {"runbook": {"name": settings.automation_runbook}}
        if settings.parameters:
            properties["parameters"] = dict(settings.parameters)
        if settings.run_on is not None:
            properties["runOn"] = settings.run_on
        where = (settings.resource_group, settings.account, str(name))
        await azure(job).change("automation", "job.create", *where, {"properties": properties})


def _detail(status: str, shown: Mapping[str, Any]) -> str:
    if status in {"Suspended", "Blocked", "Disconnected"}:
        return "it goes on only when somebody resumes or stops it in Azure"
    return str(shown.get("exception") or shown.get("statusDetails") or "").replace("None", "")
