"""`run.ssm_command`: a command document of AWS Systems Manager, on machines.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
"""

from collections.abc import Mapping
from typing import Any

from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.clients.marker import MarkerFile
from activities.clients.ssm import MEANINGS, document_arn, fitting_document
from activities.contract import Job
from activities.errors import StepError
from activities.running import MOST_TOLD, Execution, Label, RunElsewhere, label_of, mark_of
from runbooks.aws.runs import SsmCommandStep
from runbooks.steps import ErrorType

_COMMENT = 100
_RUNNING = frozenset({"Pending", "InProgress", "Cancelling"})
_UNKNOWN_ENDS = frozenset({ErrorType.TIMED_OUT, ErrorType.UNREACHABLE})


class RunSsmCommand(OnAws, RunElsewhere[SsmCommandStep]):
    """Sends a command document to machines, by id or tags, and follows what each makes of it.

    AWS takes no token for it. The command is recognised by its comment; and a marker on this worker's home keeps a
    command whose sending got no answer, and which AWS does not show, from being sent again: then a person looks.
    """

    uses = "run.ssm_command"
    permissions = ("ssm:DescribeDocument", "ssm:ListCommandInvocations", "ssm:ListCommands", "ssm:SendCommand")
    unscoped = frozenset({"ssm:ListCommandInvocations", "ssm:ListCommands"})
    Settings = SsmCommandStep
    what = "The command"

    @classmethod
    def arns(cls, settings: SsmCommandStep) -> tuple[str, ...]:
        """The document, and the machines: all of them, when they are found by tags."""
        where = f"{settings.aws_region}:{account_of(settings)}"
        machines = settings.instances or ("*",)
        kinds = {name: "ssm" if name.startswith("mi-") else "ec2" for name in machines}
        names = {"ec2": "instance", "ssm": "managed-instance"}
        found = [f"arn:aws:{kind}:{where}:{names[kind]}/{name}" for name, kind in kinds.items()]
        return (document_arn(settings, settings.document), *found)

    async def _newest(self, job: Job[SsmCommandStep]) -> Execution | None:
        commands = await aws(job).pages("ssm", "list_commands", "Commands", **self._which(job))
        ours = [one for one in commands if _mark(one) == mark_of(job)]
        if not ours:
            document, version = job.settings.document, job.settings.document_version
            await fitting_document(aws(job), document, version, "Command")
            return None
        newest = max(ours, key=lambda one: one["RequestedDateTime"])
        job.kept["command"] = newest["CommandId"]
        return await self._execution(job, newest)

    def _which(self, job: Job[SsmCommandStep]) -> dict[str, Any]:
        if "command" in job.kept:
            return {"CommandId": job.kept["command"]}
        return {"Filters": [{"key": "DocumentName", "value": job.settings.document}]}

    async def _execution(self, job: Job[SsmCommandStep], shown: Mapping[str, Any]) -> Execution:
        label = Label.read(shown.get("Comment", ""))
        status, targets = str(shown["Status"]), int(shown.get("TargetCount", 0))
        ended = status not in _RUNNING
        done = status == "Success" and targets > 0
        detail = f"{shown.get('CompletedCount', 0)} of {targets} machines are through"
        if ended and not targets:
            detail = "no machine has these tags, or none of them is managed by Systems Manager"
        output = None
        if ended and not done and targets:
            detail, output = await self._why(job, str(shown["CommandId"]))
        return Execution(
            id=shown["CommandId"],
            state="done" if done else "failed" if ended else "running",
            status=status if targets or not ended else "sent to nobody",
            scheduling=label.scheduling if label else "",
            epoch=label.epoch if label else None,
            detail=detail,
            output=output,
        )

    async def _why(self, job: Job[SsmCommandStep], command: str) -> tuple[str, str | None]:
        """What the first machine that failed says."""
        asked: dict[str, Any] = {"CommandId": command, "Details": True}
        found = await aws(job).pages("ssm", "list_command_invocations", "CommandInvocations", **asked)
        failed = [one for one in found if one["Status"] != "Success"]
        if not failed:
            return "no machine says why", None
        output = "\n".join(plugin.get("Output", "") for plugin in failed[0].get("CommandPlugins", ()))
        names = ", ".join(one["InstanceId"] for one in failed[:3])
        more = f" and {len(failed) - 3} more" if len(failed) > 3 else ""  # noqa: PLR2004 - as many as are named
        return f"{failed[0]['StatusDetails']} on {names}{more}", output[-MOST_TOLD:] or None

    async def _begin(self, job: Job[SsmCommandStep], before: Execution | None) -> None:
        file = MarkerFile(self.home, job.call.run, job.call.step)
        job.kept.pop("command", None)
        with file.held():
            now = await self._newest(job)
            if (now is None) != (before is None) or (now is not None and before is not None and now.id != before.id):
                return  # another worker has sent it meanwhile: that one is followed
            if before is not None:
                file.end(1, before.detail)
            file.begin(safe=job.settings.repeatable, epoch=job.call.epoch)
            try:
                await aws(job).change("ssm", "send_command", meanings=MEANINGS, **_asked(job))
            except StepError as error:
                if error.kind not in _UNKNOWN_ENDS:
                    file.end(1, error.sentence)
                raise
            file.end(0, "sent")
        job.kept.pop("command", None)


def _mark(shown: Mapping[str, Any]) -> str | None:
    label = Label.read(shown.get("Comment", ""))
    return label.mark if label else None


def _asked(job: Job[SsmCommandStep]) -> dict[str, Any]:
    settings = job.settings
    tags = [{"Key": f"tag:{name}", "Values": list(values)} for name, values in settings.tags.items()]
    asked: dict[str, Any] = {
        "DocumentName": settings.document,
        "Parameters": {name: list(values) for name, values in settings.parameters.items()},
        "Comment": label_of(job)[:_COMMENT],
        "TimeoutSeconds": round(settings.delivery),
        "MaxErrors": settings.max_errors,
    }
    if settings.document_version is not None:
        asked["DocumentVersion"] = settings.document_version
    return {**asked, **({"InstanceIds": list(settings.instances)} if settings.instances else {"Targets": tags})}
