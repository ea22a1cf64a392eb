"""ElastiCache's Global Datastores over moto's own replication groups: one primary, moved by one operation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend
from tests.aws.world import HERE, THERE, THIRD


@dataclass
class _Datastore:
    primary: tuple[str, str]
    heir: tuple[str, str] | None = None
    looks: int = 0
    """So often it is still being changed."""


class FakeGlobalDatastores(Fake):
    """Members are what moto has created with the datastore's id; a move takes as many looks as a test says."""

    service = "elasticache"

    def reset(self) -> None:
        """No datastores; a move is over at the second look."""
        self._known: dict[str, _Datastore] = {}
        self._slow = 1
        self._beaten = False
        self._status: dict[str, str] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`slow`: looks that a move takes; `status`: of a group; `apart`: it leaves its datastore; `kept`: its tags.

        `beaten`: when the next order comes, another one like it has just come to its end.
        """
        self._beaten = what.get("beaten", self._beaten)
        self._slow = what.get("slow", self._slow)
        self._status.update(what.get("status", {}))
        for at, name in what.get("apart", ()):
            backend("elasticache", at).replication_groups[name].global_replication_group_id = ""
        at, arn = what.get("kept", (HERE, ""))
        return backend("elasticache", at).list_tags_for_resource(arn)["Tags"] if arn else None

    def create_global_replication_group(
        self,
        region: str,
        GlobalReplicationGroupIdSuffix: str,  # noqa: N803 - AWS's own names
        PrimaryReplicationGroupId: str,  # noqa: N803
    ) -> dict[str, Any]:
        """Of a group that is there already."""
        group = _group(region, PrimaryReplicationGroupId)
        name = f"ldgnf-{GlobalReplicationGroupIdSuffix}"
        if name in self._known:
            code, message = "GlobalReplicationGroupAlreadyExistsFault", f"{name} is there already"
            raise Refusal(code, message)
        self._known[name] = _Datastore((region, PrimaryReplicationGroupId))
        group.global_replication_group_id = name
        return {"GlobalReplicationGroup": self._shown(name, info=True)}

    def describe_global_replication_groups(
        self,
        region: str,
        GlobalReplicationGroupId: str,  # noqa: N803
        ShowMemberInfo: bool = False,  # noqa: FBT001, FBT002, N803
    ) -> dict[str, Any]:
        """Told in the regions of its members."""
        self._must_know(region, GlobalReplicationGroupId)
        self._passes(GlobalReplicationGroupId)
        return {"GlobalReplicationGroups": [self._shown(GlobalReplicationGroupId, info=ShowMemberInfo)]}

    def failover_global_replication_group(
        self,
        region: str,
        GlobalReplicationGroupId: str,  # noqa: N803
        PrimaryRegion: str,  # noqa: N803
        PrimaryReplicationGroupId: str,  # noqa: N803
    ) -> dict[str, Any]:
        """To a secondary, and only when nothing else is under way."""
        self._must_know(region, GlobalReplicationGroupId)
        datastore, heir = self._known[GlobalReplicationGroupId], (PrimaryRegion, PrimaryReplicationGroupId)
        if datastore.heir is not None:
            code, message = "InvalidGlobalReplicationGroupState", "Global replication group is not available"
            raise Refusal(code, message)
        if self._beaten:
            datastore.primary, self._beaten = heir, False
        if heir == datastore.primary or heir not in set(_members(GlobalReplicationGroupId)):
            code, message = "InvalidParameterValue", "The replication group is not a secondary of this datastore"
            raise Refusal(code, message)
        datastore.heir, datastore.looks = heir, self._slow
        return {"GlobalReplicationGroup": self._shown(GlobalReplicationGroupId, info=True)}

    def describe_replication_groups(self, region: str, ReplicationGroupId: str) -> dict[str, Any]:  # noqa: N803
        """As moto knows it, with its place in a datastore."""
        group = _group(region, ReplicationGroupId)
        name = group.global_replication_group_id
        if name in self._known:
            self._passes(name)
        shown = {
            "ReplicationGroupId": ReplicationGroupId,
            "Status": self._state(region, ReplicationGroupId),
            "ARN": group.arn,
            "MemberClusters": list(group.member_clusters),
        }
        if name in self._known:
            role = self._role(name, (region, ReplicationGroupId))
            info = {"GlobalReplicationGroupId": name, "GlobalReplicationGroupMemberRole": role}
            shown["GlobalReplicationGroupInfo"] = info
        return {"ReplicationGroups": [shown]}

    def list_tags_for_resource(self, region: str, ResourceName: str) -> dict[str, Any]:  # noqa: N803
        """Only of what is available."""
        self._must_be_available(region, ResourceName)
        found = backend("elasticache", region).list_tags_for_resource(ResourceName)["Tags"]
        return {"TagList": found}

    def add_tags_to_resource(self, region: str, ResourceName: str, Tags: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        """Only to what is available."""
        self._must_be_available(region, ResourceName)
        backend("elasticache", region).add_tags_to_resource(ResourceName, Tags)
        return {"TagList": backend("elasticache", region).list_tags_for_resource(ResourceName)["Tags"]}

    def _passes(self, name: str) -> None:
        """One look at a move that is under way."""
        datastore = self._known[name]
        if datastore.heir is None:
            return
        if not datastore.looks:
            datastore.primary, datastore.heir = datastore.heir, None
        datastore.looks -= 1

    def _shown(self, name: str, *, info: bool) -> dict[str, Any]:
        members = [
            {
                "ReplicationGroupId": group,
                "ReplicationGroupRegion": at,
                "Role": self._role(name, (at, group)),
                "Status": "modifying" if self._known[name].heir else "associated",
            }
            for at, group in _members(name)
        ]
        status = "modifying" if self._known[name].heir else "available" if len(members) > 1 else "primary-only"
        shown: dict[str, Any] = {"GlobalReplicationGroupId": name, "Status": status}
        return {**shown, "Members": members} if info else shown

    def _role(self, name: str, member: tuple[str, str]) -> str:
        return "PRIMARY" if self._known[name].primary == member else "SECONDARY"

    def _state(self, region: str, group: str) -> str:
        datastore = self._known.get(_group(region, group).global_replication_group_id)
        moving = datastore is not None and datastore.heir is not None
        return "modifying" if moving else self._status.get(group, "available")

    def _must_be_available(self, region: str, arn: str) -> None:
        if self._state(region, arn.rpartition(":")[2]) != "available":
            code, message = "InvalidReplicationGroupState", "The replication group is not available"
            raise Refusal(code, message)

    def _must_know(self, region: str, name: str) -> None:
        if name not in self._known or region not in {at for at, _ in _members(name)}:
            code, message = "GlobalReplicationGroupNotFoundFault", f"Global replication group {name} not found"
            raise Refusal(code, message)


def _members(name: str) -> Iterator[tuple[str, str]]:
    for region in (HERE, THERE, THIRD):
        for group in backend("elasticache", region).replication_groups.values():
            if group.global_replication_group_id == name:
                yield region, group.replication_group_id


def _group(region: str, name: str) -> Any:
    known = backend("elasticache", region).replication_groups
    if name not in known:
        code, message = "ReplicationGroupNotFoundFault", f"ReplicationGroup {name} not found"
        raise Refusal(code, message)
    return known[name]
