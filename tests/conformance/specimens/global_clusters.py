"""Global clusters of Aurora, DocumentDB and Neptune: the primary here, a secondary there, on moto and our fakes."""

from typing import Any, ClassVar

from tests.activities.calls import perform
from tests.aws.databases import cluster, fenced_group, member, stand_clusters, tell_cluster_lag
from tests.conformance.specimen import OnAws, Settings


class _Global(OnAws):
    kind: ClassVar[str]
    behind: ClassVar[float | None] = 80.0
    """What CloudWatch has heard of the secondary's lag, in milliseconds."""

    async def stand(self) -> Settings:
        """Both clusters."""
        stand_clusters(self.aws, self.kind, self.name, (self.here, self.there))
        if self.behind is not None:
            tell_cluster_lag(self.aws, self.kind, self.name, self.behind, region=self.there)
        return cluster(self.aws, self.name, self.there)

    async def effect(self) -> Any:
        """Who writes, and who can be reached."""
        seen = {}
        for region in (self.here, self.there):
            found = member(self.aws, self.name, region)
            seen[region] = (found["writes"], found["Status"], found["VpcSecurityGroups"])
        return seen

    async def absent(self, settings: Settings) -> Settings:
        """Another cluster."""
        return {**settings, "cluster": "none"}

    def put(self, region: str, **attributes: Any) -> None:
        """Something happens to the cluster."""
        self.aws.tell("rds", region=region, cluster=f"{self.name}-{region}", put=attributes)

    @property
    def upstream(self) -> Settings:
        """The primary's settings."""
        return cluster(self.aws, self.name, self.here)


class _Detect(_Global):
    async def spoil(self, settings: Settings) -> Settings:
        """Its key cannot be read any more."""
        self.put(self.there, _status="inaccessible-encryption-credentials")
        return settings


class _Fence(_Global):
    lost = "rds:ModifyDBCluster"
    cannot: ClassVar[dict[str, str]] = {
        "hangs": "a silent region is an answer of its own: tests/activities/fence/test_aurora.py"
    }

    async def stand(self) -> Settings:
        """Of the primary."""
        await super().stand()
        return self.upstream

    async def spoil(self, settings: Settings) -> Settings:
        """Its fence has a hole."""
        hole = [{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
        group = fenced_group(self.aws, self.here)
        self.aws.client("ec2", self.here).authorize_security_group_ingress(GroupId=group, IpPermissions=hole)
        return settings


class _Promote(_Global):
    lost = "rds:FailoverGlobalCluster"

    async def spoil(self, settings: Settings) -> Settings:
        """Its key cannot be read any more."""
        self.put(self.there, _status="inaccessible-encryption-credentials")
        return settings


class _CatchUp(_Global):
    async def stand(self) -> Settings:
        """Of a fenced primary."""
        settings = await super().stand()
        await perform(f"fence.{self.kind}", self.upstream, within=20)
        return {**settings, "upstream": self.upstream, "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """It was promoted."""
        await perform(f"promote.{self.kind}", cluster(self.aws, self.name, self.there), within=20)
        return settings


class _Reseed(_Global):
    lost = "rds:ModifyDBCluster"

    async def stand(self) -> Settings:
        """After a failover."""
        there = await super().stand()
        await perform(f"fence.{self.kind}", self.upstream, within=20)
        await perform(f"promote.{self.kind}", there, within=20)
        return {**self.upstream, "upstream": there}

    async def spoil(self, settings: Settings) -> Settings:
        """The upstream was taken out of the global cluster."""
        there = self.aws.client("rds", self.there)
        arn = member(self.aws, self.name, self.there)["DBClusterArn"]
        there.remove_from_global_cluster(GlobalClusterIdentifier=self.name, DbClusterIdentifier=arn)
        return settings


_VERBS = {"catch_up": _CatchUp, "detect": _Detect, "fence": _Fence, "promote": _Promote, "reseed": _Reseed}

for _kind in ("aurora", "docdb", "neptune"):
    for _verb, _base in _VERBS.items():
        _uses = f"{_verb}.{_kind}"
        globals()[_uses] = type(_uses, (_base,), {"uses": _uses, "kind": _kind, "__doc__": f"`{_uses}`."})
