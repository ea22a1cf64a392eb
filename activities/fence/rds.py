"""`fence.rds`: nobody can connect to the old primary any more, and nobody is still connected.

AWS does not stop an instance that has a read replica, so the security group is the only fence that it offers.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html (limitations)
"""

from collections.abc import Sequence

from activities.clients.aws import aws
from activities.clients.guarded import Guarded
from activities.clients.rds import Instance, read_instance, regroup
from activities.contract import Job
from activities.group_fence import GroupFence, database_arns
from runbooks.aws.rds import RdsSettings


class FenceRds(GroupFence[RdsSettings]):
    """Swaps the instance's security groups for the fenced one, and restarts it; undone, it has its own again."""

    uses = "fence.rds"
    permissions = (
        "rds:DescribeDBInstances",
        "rds:DescribeEvents",
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:ModifyDBInstance",
        "rds:RebootDBInstance",
        "ec2:DescribeSecurityGroups",
    )
    Settings = RdsSettings

    @classmethod
    def arns(cls, settings: RdsSettings) -> tuple[str, ...]:
        """The instance."""
        return database_arns(settings, "db", settings.instance)

    async def _see(self, job: Job[RdsSettings]) -> Instance:
        return await read_instance(aws(job), job.settings)

    async def _regroup(self, job: Job[RdsSettings], seen: Guarded, groups: Sequence[str]) -> None:
        await regroup(aws(job), seen.name, groups)
