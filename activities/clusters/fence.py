"""The fence of a global cluster's primary: nobody can connect to it any more, and nobody is still connected.

AWS stops no cluster of a global database. In a managed failover it fences the former primary itself, as soon as it
can reach it; that is no proof while it cannot.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
"""

from collections.abc import Sequence
from typing import ClassVar

from activities.clients.aws import aws
from activities.clients.global_cluster import Family, Member, read_member, regroup_cluster
from activities.clients.guarded import Guarded
from activities.contract import Job
from activities.errors import StepError
from activities.group_fence import GroupFence, database_arns
from runbooks.aws.global_clusters import GlobalClusterSettings

LOOKS = ("rds:DescribeDBClusters", "rds:DescribeGlobalClusters", "rds:ListTagsForResource")


def cluster_arns(settings: GlobalClusterSettings) -> tuple[str, ...]:
    """The ARNs of the cluster, of its instances, and of the global one (which has no region)."""
    account = database_arns(settings, "cluster", settings.cluster)[0].split(":")[4]
    return (
        *database_arns(settings, "cluster", settings.cluster),
        *database_arns(settings, "db", "*"),
        f"arn:aws:rds::{account}:global-cluster:{settings.global_cluster}",
    )


class FenceCluster(GroupFence[GlobalClusterSettings]):
    """Swaps the cluster's security groups for the fenced one, and restarts its writer."""

    family: ClassVar[Family]
    permissions = (
        *LOOKS,
        "rds:DescribeEvents",
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:ModifyDBCluster",
        "rds:RebootDBInstance",
        "ec2:DescribeSecurityGroups",
    )
    Settings = GlobalClusterSettings

    @classmethod
    def arns(cls, settings: GlobalClusterSettings) -> tuple[str, ...]:
        """The cluster and what belongs to it."""
        return cluster_arns(settings)

    async def _see(self, job: Job[GlobalClusterSettings]) -> Member:
        return await read_member(aws(job), job.settings, self.family)

    async def _regroup(self, job: Job[GlobalClusterSettings], seen: Guarded, groups: Sequence[str]) -> None:
        await regroup_cluster(aws(job), self.family, seen.name, groups)

    def _unfenced(self, job: Job[GlobalClusterSettings], silence: StepError) -> str:
        sentence = super()._unfenced(job, silence)
        if job.settings.unmanaged:
            return sentence
        return f"{sentence} A managed failover has AWS fence it, as soon as AWS can reach it."
