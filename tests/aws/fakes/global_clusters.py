"""Global clusters of RDS, DocumentDB and Neptune (one interface under three names): moto moves no writer of theirs.

A move takes as many looks as a test says (`looks` of the fake of instances is not meant: `cluster_looks`, 0 at first).
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name

from tests.aws.fake import Fake, Refusal
from tests.aws.fakes.rds import backend_of_all
from tests.aws.front import backend

_STATE, _ABSENT = "InvalidGlobalClusterStateFault", "GlobalClusterNotFoundFault"


class FakeGlobalClusters(Fake):
    """Over moto's clusters and global clusters."""

    service = "rds"

    def reset(self) -> None:
        """Everything is done at once."""
        self._looks = 0
        self._resyncs = 0
        self._moving: dict[str, dict[str, Any]] = {}
        self._resyncing: dict[str, int] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`cluster_looks`: so many a move takes; `resyncs`: so many until a former primary is in step.

        `put`: attributes of a `cluster` in a `region`.
        """
        if "cluster" in what:
            vars(backend("rds", what["region"]).clusters[what["cluster"]]).update(what["put"])
        elif "cluster_looks" in what or "resyncs" in what:
            self._looks = what.get("cluster_looks", self._looks)
            self._resyncs = what.get("resyncs", self._resyncs)
        else:
            raise NotImplementedError(what)

    def describe_global_clusters(self, region: str, **asked: Any) -> dict[str, Any]:
        """As moto has them, one look later."""
        del region
        known = _known()
        wanted = asked.get("GlobalClusterIdentifier")
        if wanted is not None and wanted not in known:
            raise Refusal(_ABSENT, f"Global cluster {wanted} not found")
        names = [wanted] if wanted else list(known)
        for name in names:
            self._pass(name)
        return {"GlobalClusters": [self._shown(known[name]) for name in names]}

    def switchover_global_cluster(self, region: str, **asked: Any) -> dict[str, Any]:
        """Only when everything is in step and every writer can be asked."""
        whole, target = self._target(region, asked)
        source = next(member for member in whole.members if member.is_writer)
        self._want(source.status == "available", f"the primary {source.db_cluster_identifier} is {source.status}")
        self._want(target.db_cluster_arn not in self._resyncing, "the target is not synchronized")
        return self._begun(whole, target, source, "switching-over", loss=False)

    def failover_global_cluster(self, region: str, **asked: Any) -> dict[str, Any]:
        """Without a word to the source, which is synchronized anew afterwards."""
        if not asked.get("AllowDataLoss"):
            return self.switchover_global_cluster(region, **asked)
        whole, target = self._target(region, asked)
        source = next(member for member in whole.members if member.is_writer)
        return self._begun(whole, target, source, "failing-over", loss=True)

    def remove_from_global_cluster(self, region: str, **asked: Any) -> dict[str, Any]:
        """The cluster stands alone then."""
        whole = self._whole(asked)
        arn = asked["DbClusterIdentifier"]
        member = next((each for each in whole.members if arn == each.db_cluster_arn and each.region == region), None)
        if member is None:
            code, message = "DBClusterNotFoundFault", f"DBCluster {arn} is no member."
            raise Refusal(code, message)
        whole.members.remove(member)
        member.is_writer, member.global_cluster_identifier = True, None
        return {"GlobalCluster": self._shown(whole)}

    def modify_db_cluster(self, region: str, **asked: Any) -> dict[str, Any]:
        """One that is there, and groups that are."""
        known, name = backend("rds", region), asked["DBClusterIdentifier"]
        if name not in known.clusters:
            code, message = "DBClusterNotFoundFault", f"DBCluster {name} not found."
            raise Refusal(code, message)
        groups = {group for each in backend("ec2", region).groups.values() for group in each}
        for group in asked.get("VpcSecurityGroupIds", ()):
            if group not in groups:
                code, message = "InvalidParameterValue", f"Invalid security group , groupId= {group}, groupName=."
                raise Refusal(code, message)
        return {"DBCluster": known.modify_db_cluster({xform_name(key): value for key, value in asked.items()})}

    def _whole(self, asked: Mapping[str, Any]) -> Any:
        whole = _known().get(asked["GlobalClusterIdentifier"])
        if whole is None:
            raise Refusal(_ABSENT, f"Global cluster {asked['GlobalClusterIdentifier']} not found")
        return whole

    def _target(self, region: str, asked: Mapping[str, Any]) -> tuple[Any, Any]:
        whole, arn = self._whole(asked), asked["TargetDbClusterIdentifier"]
        self._want(whole.global_cluster_identifier not in self._moving, "it is being moved already")
        found = next((member for member in whole.members if member.db_cluster_arn == arn), None)
        if found is None:
            code, message = "DBClusterNotFoundFault", f"DBCluster {arn} is no member."
            raise Refusal(code, message)
        self._want(found.region == region, f"the target is not in {region}")
        self._want(not found.is_writer, "the target is the primary already")
        self._want(
            found.status == "available" and bool(found.members), "the target is not available, or has no instance"
        )
        return whole, found

    @staticmethod
    def _want(good: bool, why_not: str) -> None:  # noqa: FBT001 - it is what is judged
        if not good:
            raise Refusal(_STATE, f"The global cluster cannot be moved: {why_not}.")

    def _begun(self, whole: Any, target: Any, source: Any, status: str, *, loss: bool) -> dict[str, Any]:
        def done() -> None:
            target.is_writer, source.is_writer = True, False
            if loss and self._resyncs:
                self._resyncing[source.db_cluster_arn] = self._resyncs

        self._moving[whole.global_cluster_identifier] = {
            "left": self._looks,
            "done": done,
            "status": status,
            "state": {
                "Status": status,
                "FromDbClusterArn": source.db_cluster_arn,
                "ToDbClusterArn": target.db_cluster_arn,
                "IsDataLossAllowed": loss,
            },
        }
        shown = self._shown(whole)
        if not self._looks:
            self._pass(whole.global_cluster_identifier)
        return {"GlobalCluster": shown}

    def _pass(self, name: str) -> None:
        """A look's time passes."""
        for arn in list(self._resyncing):
            self._resyncing[arn] -= 1
            if self._resyncing[arn] <= 0:
                del self._resyncing[arn]
        moving = self._moving.get(name)
        if moving is None:
            return
        if moving["left"]:
            moving["left"] -= 1
            return
        del self._moving[name]
        done: Callable[[], None] = moving["done"]
        done()

    def _shown(self, whole: Any) -> dict[str, Any]:
        moving = self._moving.get(whole.global_cluster_identifier, {})
        arns = [member.db_cluster_arn for member in whole.members if not member.is_writer]
        shown: dict[str, Any] = {
            "GlobalClusterIdentifier": whole.global_cluster_identifier,
            "GlobalClusterArn": whole.global_cluster_arn,
            "Status": moving.get("status", "available"),
            "Engine": whole.engine,
            "GlobalClusterMembers": [
                {
                    "DBClusterArn": member.db_cluster_arn,
                    "IsWriter": member.is_writer,
                    "Readers": arns if member.is_writer else [],
                    "SynchronizationStatus": (
                        "pending-resync" if member.db_cluster_arn in self._resyncing else "connected"
                    ),
                }
                for member in whole.members
            ],
        }
        if moving:
            shown["FailoverState"] = moving["state"]
        return shown


def _known() -> dict[str, Any]:
    """All global clusters, by name: moto keeps them in one region."""
    return {name: one for known in backend_of_all("rds").values() for name, one in known.global_clusters.items()}
