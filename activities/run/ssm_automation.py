"""`run.ssm_automation`: an automation document of AWS Systems Manager.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartAutomationExecution.html
"""

import uuid
from collections.abc import Mapping
from typing import Any

from activities.aws import EPOCH_TAG, OnAws, account_of, epoch_in
from activities.clients.aws import aws
from activities.clients.ssm import MEANINGS, document_arn, fitting_document
from activities.contract import Job
from activities.running import MOST_TOLD, Execution, RunElsewhere, mark_of, mark_of_scheduling
from runbooks.aws.runs import SsmAutomationStep

_SCHEDULING_TAG = "evac:scheduling"
_DONE = frozenset({"Success", "CompletedWithSuccess"})
_FAILED = frozenset(
    {
        "Cancelled",
        "ChangeCalendarOverrideRejected",
        "CompletedWithFailure",
        "Exited",
        "Failed",
        "Rejected",
        "TimedOut",
    }
)


class RunSsmAutomation(OnAws, RunElsewhere[SsmAutomationStep]):
    """Starts an automation with a token made of run and step, finds it again by a tag, and follows its steps."""

    uses = "run.ssm_automation"
    permissions = (
        "ssm:AddTagsToResource",
        "ssm:DescribeAutomationExecutions",
        "ssm:DescribeDocument",
        "ssm:ListTagsForResource",
        "ssm:StartAutomationExecution",
    )
    unscoped = frozenset({"ssm:DescribeAutomationExecutions"})
    Settings = SsmAutomationStep
    what = "The automation"

    @classmethod
    def arns(cls, settings: SsmAutomationStep) -> tuple[str, ...]:
        """The document, as such and as an automation, and this account's executions (for their tags)."""
        where = f"{settings.aws_region}:{account_of(settings)}"
        document = document_arn(settings, settings.document)
        definition = f"{document.replace(':document/', ':automation-definition/')}:*"
        return (document, definition, f"arn:aws:ssm:{where}:automation-execution/*")

    async def _newest(self, job: Job[SsmAutomationStep]) -> Execution | None:
        found = await aws(job).pages(
            "ssm",
            "describe_automation_executions",
            "AutomationExecutionMetadataList",
            Filters=[{"Key": "TagKey", "Values": [_tag(job)]}],
        )
        if not found:
            document, version = job.settings.document, job.settings.document_version
            await fitting_document(aws(job), document, version, "Automation")
            return None
        newest = max(found, key=lambda one: one["ExecutionStartTime"])
        return _execution(newest, await self._tags(job, newest["AutomationExecutionId"]))

    async def _tags(self, job: Job[SsmAutomationStep], execution: str) -> dict[str, str]:
        """They never change, so they are read once a call."""
        key = ("tags", execution)
        if key not in job.kept:
            asked: dict[str, Any] = {"ResourceType": "Automation", "ResourceId": execution}
            tags = (await aws(job).read("ssm", "list_tags_for_resource", **asked))["TagList"]
            job.kept[key] = {tag["Key"]: tag["Value"] for tag in tags}
        kept = job.kept[key]
        assert isinstance(kept, dict)
        return kept

    async def _begin(self, job: Job[SsmAutomationStep], before: Execution | None) -> None:
        settings = job.settings
        token = f"{mark_of(job)} {mark_of_scheduling()} {before.id if before else ''}"
        tags = {_tag(job): job.call.resource, EPOCH_TAG: str(job.call.epoch), _SCHEDULING_TAG: mark_of_scheduling()}
        asked: dict[str, Any] = {
            "DocumentName": settings.document,
            "Parameters": {name: list(values) for name, values in settings.parameters.items()},
            "ClientToken": str(uuid.uuid5(uuid.NAMESPACE_OID, token)),
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
        if settings.document_version is not None:
            asked["DocumentVersion"] = settings.document_version
        await aws(job).change("ssm", "start_automation_execution", meanings=MEANINGS, **asked)


def _tag(job: Job[SsmAutomationStep]) -> str:
    """The key of a tag, since executions can be asked for by keys alone."""
    return f"evac:step:{mark_of(job)}"


def _execution(shown: Mapping[str, Any], tags: Mapping[str, str]) -> Execution:
    status = str(shown["AutomationExecutionStatus"])
    step = shown.get("CurrentStepName")
    outputs = shown.get("Outputs") or {}
    return Execution(
        id=shown["AutomationExecutionId"],
        state="done" if status in _DONE else "failed" if status in _FAILED else "running",
        status=status,
        scheduling=tags.get(_SCHEDULING_TAG, ""),
        epoch=epoch_in(tags),
        detail=shown.get("FailureMessage") or (f"at {step}" if step else ""),
        output={name: [text[-MOST_TOLD:] for text in texts] for name, texts in outputs.items()},
    )
