"""Single EC2 instances: which run, which could be started, and on each the decision and what it was before.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
"""

from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, WAS_TAG, epoch_in, flat
from activities.clients.aws import Answer, Aws
from activities.errors import StepError
from runbooks.aws.groups import Ec2Settings
from runbooks.steps import ErrorType

_GONE = frozenset({"shutting-down", "terminated"})
_UP = frozenset({"pending", "running"})


class Ec2View(View):
    """As EC2 shows them, each in the order in which it would be started."""

    desired: int
    """So many run, or are on the way there."""
    ready: int
    """So many run and pass both status checks."""
    running: tuple[str, ...]
    stopped: tuple[str, ...]
    stopping: tuple[str, ...] = ()
    types: dict[str, str] = {}
    epoch: int | None = None
    before: dict[str, str] = {}
    """Which of them ran before this decision (`running` or `stopped`), by their own tags."""

    @property
    def known(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.running, *self.stopped, *self.stopping)


async def read_instances(there: Aws, settings: Ec2Settings, epoch: int) -> Ec2View:
    """Look. Raises StepError; what is terminated is not there any more."""
    asked: Answer = {"InstanceIds": list(settings.instances)}
    if settings.tags:
        asked = {"Filters": [{"Name": f"tag:{key}", "Values": [value]} for key, value in settings.tags.items()]}
    reservations = await there.pages("ec2", "describe_instances", "Reservations", **asked)
    order = {name: number for number, name in enumerate(settings.instances)}
    there_are = [one for found in reservations for one in found["Instances"] if one["State"]["Name"] not in _GONE]
    there_are.sort(key=lambda one: (order.get(one["InstanceId"], 0), str(one["InstanceId"])))
    if not there_are:
        which = ", ".join(settings.instances) or ", ".join(f"{key}={value}" for key, value in settings.tags.items())
        sentence = f"There is no instance {which} in {settings.aws_region}: look whether the runbook names it rightly."
        raise StepError(ErrorType.NOT_FOUND, sentence)
    return await _view(there, there_are, epoch)


async def _view(there: Aws, there_are: list[dict[str, Any]], epoch: int) -> Ec2View:
    states = {str(one["InstanceId"]): str(one["State"]["Name"]) for one in there_are}
    tags = {str(one["InstanceId"]): flat(one.get("Tags", ())) for one in there_are}
    running = tuple(name for name, state in states.items() if state in _UP)
    decisions = [kept for one in tags.values() if (kept := epoch_in(one)) is not None]
    mark = f"{epoch}:"
    return Ec2View(
        desired=len(running),
        ready=await _passing(there, running),
        running=running,
        stopped=tuple(name for name, state in states.items() if state == "stopped"),
        stopping=tuple(name for name, state in states.items() if state == "stopping"),
        types={str(one["InstanceId"]): str(one["InstanceType"]) for one in there_are},
        epoch=max(decisions, default=None),
        before={
            name: one[WAS_TAG].removeprefix(mark) for name, one in tags.items() if one.get(WAS_TAG, "").startswith(mark)
        },
    )


async def _passing(there: Aws, running: tuple[str, ...]) -> int:
    if not running:
        return 0
    found = await there.pages(
        "ec2", "describe_instance_status", "InstanceStatuses", InstanceIds=list(running), IncludeAllInstances=True
    )
    checks = (
        [one["InstanceState"]["Name"], one["InstanceStatus"]["Status"], one["SystemStatus"]["Status"]] for one in found
    )
    return sum(check == ["running", "ok", "ok"] for check in checks)


async def note_decision(there: Aws, seen: Ec2View, epoch: int) -> None:
    """Put the decision on each instance, and whether it ran before; what has it already keeps it. Raises StepError."""
    for was, names in (("running", seen.running), ("stopped", (*seen.stopped, *seen.stopping))):
        fresh = [name for name in names if name not in seen.before]
        if fresh:
            tags = [{"Key": EPOCH_TAG, "Value": str(epoch)}, {"Key": WAS_TAG, "Value": f"{epoch}:{was}"}]
            await there.change("ec2", "create_tags", Resources=fresh, Tags=tags)


async def start(there: Aws, names: tuple[str, ...], spare: tuple[str, ...]) -> None:
    """Start them together; or, where AWS has not room for all, one by one, and of the spare ones as well.

    Raises StepError: no-capacity when fewer could be started than were named.
    """
    try:
        await there.change("ec2", "start_instances", InstanceIds=list(names))
    except StepError as error:
        if error.kind is not ErrorType.NO_CAPACITY:
            raise
        await _one_by_one(there, (*names, *spare), len(names))


async def _one_by_one(there: Aws, names: tuple[str, ...], wanted: int) -> None:
    refused: StepError | None = None
    for name in names:
        if not wanted:
            return
        try:
            await there.change("ec2", "start_instances", InstanceIds=[name])
            wanted -= 1
        except StepError as error:
            if error.kind is not ErrorType.NO_CAPACITY:
                raise
            refused = error
    if wanted and refused is not None:
        raise refused


async def stop(there: Aws, names: tuple[str, ...]) -> None:
    """Stop them. Raises StepError."""
    await there.change("ec2", "stop_instances", InstanceIds=list(names))
