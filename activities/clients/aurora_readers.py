"""The readers of an Aurora cluster: how many there are, which ones Evac has added, and the decision in its tags.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-replicas-adding.html
"""

import itertools
from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aurora_capacity import BROKEN
from activities.clients.aws import Answer, Aws
from activities.errors import StepError
from runbooks.aws.scaling import AuroraReadersSettings
from runbooks.steps import ErrorType

NO_ROOM = "insufficient-capacity"
_FAILED = frozenset(
    {
        NO_ROOM,
        "failed",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "storage-full",
    }
)
_LAST_TIER = 15
"""Of all instances these are promoted last: they are there for the load."""


class ReadersView(View):
    """As RDS shows them."""

    desired: int
    """All readers, whoever has made them, but for those that are being deleted."""
    ready: int
    ours: tuple[str, ...] = ()
    """Those that Evac has added, and that have not become the writer: only these may be deleted."""
    taken: tuple[int, ...] = ()
    """Numbers that a new one cannot have: also of those that are being deleted, or have become the writer."""
    failed: tuple[str, ...] = ()
    """Those that will not come up, each with RDS's word for it."""
    engine: str
    like: str
    """The class of the cluster's writer."""
    parameters: str = ""
    """The writer's parameter group."""
    arn: str
    epoch: int | None = None


async def read_readers(there: Aws, settings: AuroraReadersSettings) -> ReadersView:
    """Look. Raises StepError; a cluster without a writer is in the wrong state."""
    cluster = (await there.read("rds", "describe_db_clusters", DBClusterIdentifier=settings.cluster))["DBClusters"][0]
    asked: dict[str, Any] = {"Filters": [{"Name": "db-cluster-id", "Values": [settings.cluster]}]}
    instances = await there.pages("rds", "describe_db_instances", "DBInstances", **asked)
    writers = {one["DBInstanceIdentifier"] for one in cluster["DBClusterMembers"] if one["IsClusterWriter"]}
    writer = next((one for one in instances if one["DBInstanceIdentifier"] in writers), None)
    if cluster["Status"] in BROKEN or writer is None:
        why = f"is {cluster['Status']}" if cluster["Status"] in BROKEN else "has no writer"
        sentence = f"The Aurora cluster {settings.cluster} ({settings.aws_region}) {why}: it can have no more readers."
        raise StepError(ErrorType.WRONG_STATE, f"{sentence} Look at it in RDS.", {"status": cluster["Status"]})
    found = [one for one in instances if one is not writer and one["DBInstanceStatus"] != "deleting"]
    names = {one["DBInstanceIdentifier"]: str(one["DBInstanceStatus"]) for one in found}
    return ReadersView(
        desired=len(names),
        ready=sum(status == "available" for status in names.values()),
        ours=tuple(sorted(name for name in names if _number(settings, name))),
        taken=tuple(sorted({_number(settings, one["DBInstanceIdentifier"]) for one in instances} - {0})),
        failed=tuple(f"{name} is {status}" for name, status in sorted(names.items()) if status in _FAILED),
        engine=cluster["Engine"],
        like=writer["DBInstanceClass"],
        parameters=next((one["DBParameterGroupName"] for one in writer.get("DBParameterGroups", ())), ""),
        arn=cluster["DBClusterArn"],
        epoch=epoch_in(cluster.get("TagList", ())),
    )


async def size_readers(there: Aws, settings: AuroraReadersSettings, seen: ReadersView, wanted: int, epoch: int) -> None:
    """Add readers, or delete some that Evac has added; the decision is noted first. Raises StepError.

    Their numbers are the lowest free ones, so two workers that do it at once add the same.
    """
    fewer = seen.desired - wanted
    if fewer > len(seen.ours):
        sentence = (
            f"Of the {seen.desired} readers Evac has added {len(seen.ours)}, and it deletes no others: "
            f"delete {fewer - len(seen.ours)} by hand, or say in the runbook that there are more."
        )
        raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
    tags = [{"Key": EPOCH_TAG, "Value": str(epoch)}]
    if seen.epoch != epoch:
        await there.change("rds", "add_tags_to_resource", ResourceName=seen.arn, Tags=tags)
    for name in seen.ours[len(seen.ours) - fewer :] if fewer > 0 else ():
        await there.change("rds", "delete_db_instance", DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    free = (number for number in itertools.count(1) if number not in seen.taken)
    for number in itertools.islice(free, max(0, -fewer)):
        name = f"{settings.cluster}-evac-{number:02}"
        await _add(there, settings, seen, {"DBInstanceIdentifier": name, "Tags": tags})


async def _add(there: Aws, settings: AuroraReadersSettings, seen: ReadersView, asked: Answer) -> None:
    more: Answer = {"DBParameterGroupName": seen.parameters} if seen.parameters else {}
    try:
        await there.change(
            "rds",
            "create_db_instance",
            **asked,
            **more,
            DBClusterIdentifier=settings.cluster,
            DBInstanceClass=settings.instance_class or seen.like,
            Engine=seen.engine,
            PromotionTier=_LAST_TIER,
        )
    except StepError as error:
        if error.evidence.get("code") != "DBInstanceAlreadyExists":  # another worker at the same step was faster
            raise


def _number(settings: AuroraReadersSettings, name: str) -> int:
    """Of a reader that Evac has added; 0: somebody else has."""
    number = name.removeprefix(f"{settings.cluster.lower()}-evac-")
    return int(number) if number != name and number.isdecimal() else 0
