"""Commands and automations of Systems Manager. Moto's commands all succeed at once, and it knows no automation."""

import itertools
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend


def _must_be(region: str, name: str, wanted: str) -> None:
    """Raises Refusal unless moto has that document."""
    code = "InvalidDocument" if wanted == "Command" else "AutomationDefinitionNotFoundException"
    known = backend("ssm", region)._documents
    if name not in known:
        raise Refusal(code, f"Document with name {name} does not exist.")
    if known[name].get_default_version().document_type != wanted:
        raise Refusal(code, f"Document {name} is not of the type {wanted}.")


class FakeCommands(Fake):
    """Machines of EC2 that Systems Manager knows. A command takes `looks` looks, then ends as a test has said."""

    service = "ssm"

    def reset(self) -> None:
        """Every command ends well at the first look."""
        self._commands: dict[str, dict[str, Any]] = {}
        self._fails: dict[str, str] = {}
        self._looks = 0

    def told(self, what: Mapping[str, Any]) -> Any:
        """`fails`: the output of a machine where it fails, by id; `looks`: so often it runs still; `sent`: commands."""
        if "fails" in what:
            self._fails.update(what["fails"])
        elif "heals" in what:
            self._fails.clear()
        elif "looks" in what:
            self._looks = what["looks"]
        elif "sent" in what:
            return [
                {key: one[key] for key in ("region", "DocumentName", "Parameters", "InstanceIds")}
                for one in self._commands.values()
            ]
        else:
            raise NotImplementedError(what)
        return None

    def send_command(  # noqa: PLR0913, PLR0917 - as many as AWS takes
        self,
        region: str,
        DocumentName: str,  # noqa: N803 - boto3's own spelling
        InstanceIds: list[str] | None = None,  # noqa: N803
        Targets: list[dict[str, Any]] | None = None,  # noqa: N803
        Comment: str = "",  # noqa: N803
        Parameters: dict[str, list[str]] | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """To the machines that are there."""
        _must_be(region, DocumentName, "Command")
        machines = backend("ec2", region)
        known = {one.id for group in machines.all_reservations() for one in group.instances}
        if any(name not in known for name in InstanceIds or ()):
            code, message = "InvalidInstanceId", "Instances not in a valid state for account"
            raise Refusal(code, message)
        if len(Comment) > 100:
            code = "ValidationException"
            raise Refusal(code, "Comment is longer than 100 characters")
        filters = {target["Key"]: target["Values"] for target in Targets or ()}
        found = {one.id for group in machines.all_reservations(filters=filters) for one in group.instances}
        command = {
            "region": region,
            "CommandId": str(uuid.uuid4()),
            "DocumentName": DocumentName,
            "Comment": Comment,
            "Parameters": Parameters or {},
            "InstanceIds": sorted(InstanceIds or (found if filters else ())),
            "RequestedDateTime": datetime.now(UTC),
            "looks": self._looks,
            "fails": dict(self._fails),
        }
        self._commands[command["CommandId"]] = command
        return {"Command": self._shown(command)}

    def list_commands(
        self,
        region: str,
        CommandId: str | None = None,  # noqa: N803
        Filters: list[dict[str, str]] | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """One, or those of a document."""
        if CommandId is not None and CommandId not in self._commands:
            code, message = "InvalidCommandId", CommandId
            raise Refusal(code, message)
        wanted = {one["key"]: one["value"] for one in Filters or ()}
        found = [
            one
            for one in self._commands.values()
            if one["region"] == region
            and CommandId in (None, one["CommandId"])
            and wanted.get("DocumentName") in (None, one["DocumentName"])
        ]
        shown = [self._shown(one) for one in found]
        for one in found:
            one["looks"] = max(0, one["looks"] - 1)
        return {"Commands": shown}

    def list_command_invocations(self, region: str, CommandId: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """What each machine made of it."""
        command = self._commands[CommandId]
        return {
            "CommandInvocations": [
                {
                    "CommandId": CommandId,
                    "InstanceId": name,
                    "Status": "Failed" if name in command["fails"] else "Success",
                    "StatusDetails": "Failed" if name in command["fails"] else "Success",
                    "CommandPlugins": [{"Name": "aws:runShellScript", "Output": command["fails"].get(name, "")}],
                }
                for name in command["InstanceIds"]
                if command["region"] == region
            ]
        }

    def _shown(self, command: dict[str, Any]) -> dict[str, Any]:
        failed = [name for name in command["InstanceIds"] if name in command["fails"]]
        running, count = command["looks"] > 0, len(command["InstanceIds"])
        status = "InProgress" if running else "Failed" if failed else "Success"
        return {
            **{key: command[key] for key in ("CommandId", "DocumentName", "Comment", "Parameters", "InstanceIds")},
            "RequestedDateTime": command["RequestedDateTime"],
            "Status": status,
            "StatusDetails": status if count else "NoInstancesInTag",
            "TargetCount": count,
            "CompletedCount": 0 if running else count,
            "ErrorCount": 0 if running else len(failed),
        }


class FakeAutomations(Fake):
    """Executions of automation documents: a token is taken once, tags are kept, steps go on at each look."""

    service = "ssm"

    def reset(self) -> None:
        """Every automation ends well at the first look."""
        self._executions: dict[str, dict[str, Any]] = {}
        self._looks = 0
        self._fails = ""

    def told(self, what: Mapping[str, Any]) -> Any:
        """`automation_fails`: the message; `automation_looks`: so often it runs still; `automations`: what was run."""
        if "automation_fails" in what:
            self._fails = what["automation_fails"]
        elif "automation_looks" in what:
            self._looks = what["automation_looks"]
        elif "automations" in what:
            return [{"region": one["region"], "document": one["document"]} for one in self._executions.values()]
        else:
            raise NotImplementedError(what)
        return None

    def start_automation_execution(
        self,
        region: str,
        DocumentName: str,  # noqa: N803 - boto3's own spelling
        ClientToken: str = "",  # noqa: N803
        Parameters: dict[str, list[str]] | None = None,  # noqa: N803
        Tags: list[dict[str, str]] | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """One for each token."""
        _must_be(region, DocumentName, "Automation")
        given = (region, DocumentName, Parameters or {}, Tags or [])
        for name, one in self._executions.items():
            if one["token"] == ClientToken != "":
                if one["given"] != given:
                    code, message = "IdempotentParameterMismatch", "The token was used with other parameters."
                    raise Refusal(code, message)
                return {"AutomationExecutionId": name}
        name = str(uuid.uuid4())
        self._executions[name] = {
            "region": region,
            "document": DocumentName,
            "token": ClientToken,
            "given": given,
            "tags": Tags or [],
            "fails": self._fails,
            "looks": self._looks,
            "started": datetime.fromtimestamp(time.time() + next(_TICKS), UTC),
        }
        return {"AutomationExecutionId": name}

    def describe_automation_executions(self, region: str, Filters: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803
        """Those that have a tag of one of these keys."""
        (wanted,) = (one["Values"] for one in Filters if one["Key"] == "TagKey")
        shown = []
        for name, one in self._executions.items():
            if one["region"] != region or not {tag["Key"] for tag in one["tags"]} & set(wanted):
                continue
            status = "InProgress" if one["looks"] else "Failed" if one["fails"] else "Success"
            one["looks"] = max(0, one["looks"] - 1)
            shown.append(
                {
                    "AutomationExecutionId": name,
                    "DocumentName": one["document"],
                    "AutomationExecutionStatus": status,
                    "ExecutionStartTime": one["started"],
                    **({"CurrentStepName": "drain"} if status == "InProgress" else {}),
                    **({"FailureMessage": one["fails"]} if status == "Failed" else {}),
                    **({"Outputs": {"drain.Output": ["all drained"]}} if status == "Success" else {}),
                }
            )
        return {"AutomationExecutionMetadataList": shown}

    def list_tags_for_resource(self, region: str, ResourceType: str, ResourceId: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Of an automation; of all else as moto knows them."""
        if ResourceType != "Automation":
            tags = backend("ssm", region).list_tags_for_resource(resource_type=ResourceType, resource_id=ResourceId)
            return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}
        if ResourceId not in self._executions:
            code, message = "InvalidResourceId", ResourceId
            raise Refusal(code, message)
        return {"TagList": self._executions[ResourceId]["tags"]}


_TICKS = itertools.count(0, 0.001)
"""Two in the same millisecond have an order."""
