"""An OpenSearch cluster with the replication plugin, as much of it as Evac meets: indices, blocks, followers, clones.

A write is an operation in the log of a shard; a follower's log is a beginning of its leader's.
"""

import itertools
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

FOLLOWS = {"description": "index read-only(cross-cluster-replication)", "levels": ["write", "metadata_write"]}
NO_WRITES = {"description": "index write (api)", "levels": ["write"]}
LEADER = "index.plugins.replication.follower.leader_index"
_NUMBERS = itertools.count(1)


class Error(Exception):
    """What OpenSearch refuses."""

    def __init__(self, status: int, kind: str, reason: str) -> None:
        self.status = status
        cause = {"type": kind, "reason": reason}
        self.body = {"error": {"root_cause": [cause], **cause}, "status": status}
        super().__init__(reason)


Log = list[tuple[str, Any]]


@dataclass
class Index:
    """One index."""

    logs: list[Log]
    barred: bool = False
    follows: "Follows | None" = None
    restored: bool = False
    """It has the setting of a follower, from a snapshot, and follows nobody."""
    broken: bool = False
    """A shard has no primary."""
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:20])

    @property
    def docs(self) -> dict[str, Any]:
        """What a search finds."""
        found: dict[str, Any] = {}
        for log in self.logs:
            found.update(log)
        return found

    @property
    def blocks(self) -> dict[str, Any]:
        """As the cluster's state has them."""
        ours = {"8": NO_WRITES} if self.barred else {}
        following = self.follows is not None and self.follows.state != "BOOTSTRAPPING"
        return {**ours, "1000": FOLLOWS} if following else ours


@dataclass
class Follows:
    """How a follower follows."""

    alias: str
    leader: "Cluster"
    name: str
    state: str = "BOOTSTRAPPING"
    reason: str = "User initiated"
    looks: int = 0
    """So often it is still being copied, or gets nothing."""


class Cluster:
    """One domain's."""

    def __init__(self, region: str, name: str) -> None:
        self.region, self.name, self.id = region, name, uuid.uuid4().hex[:20]
        self.indices: dict[str, Index] = {}
        self.rules: dict[tuple[str, str], dict[str, Any]] = {}
        self.dead = False
        """Other clusters cannot reach it."""
        self.copies_take = 1
        self.stray: dict[str, str] = {}
        """What a client writes to an index as soon as it is deleted."""
        self.old_plugin = False
        """Its statistics do not tell a rule's connection."""

    def index(self, name: str) -> Index:
        """Raises Error."""
        if name not in self.indices:
            raise Error(404, "index_not_found_exception", f"no such index [{name}]")
        return self.indices[name]

    def create(self, name: str, shards: int = 1) -> None:
        """An empty one. Raises Error."""
        if name in self.indices:
            kind, reason = "resource_already_exists_exception", f"index [{name}/{self.indices[name].id}] already exists"
            raise Error(400, kind, reason)
        self.indices[name] = Index([[] for _ in range(shards)])

    def write(self, name: str, key: str, value: Any) -> None:
        """One document; the index is made when it is not there. Raises Error."""
        if name not in self.indices:
            self.create(name)
        index = self.indices[name]
        self.unblocked(name, "write")
        index.logs[sum(key.encode()) % len(index.logs)].append((key, value))

    def unblocked(self, name: str, level: str) -> None:
        """Raises Error."""
        for number, block in self.index(name).blocks.items():
            if level in block["levels"]:
                why = f"index [{name}] blocked by: [FORBIDDEN/{number}/{block['description']}];"
                raise Error(403, "cluster_block_exception", why)

    def clone(self, name: str, target: str) -> None:
        """With the same blocks. Raises Error."""
        index = self.index(name)
        if target in self.indices:
            self.create(target)  # as that is refused
        if not index.barred:
            reason = f'index {name} must block write operations to resize index. use "index.blocks.write=true"'
            raise Error(400, "illegal_state_exception", reason)
        self.indices[target] = Index([list(log) for log in index.logs], barred=True)

    def delete(self, name: str) -> None:
        """Not a follower. Raises Error."""
        self.unblocked(name, "metadata_write")
        del self.indices[name]
        if name in self.stray:
            self.write(name, self.stray.pop(name), "stray")

    def start(self, name: str, alias: str, leader: "Cluster", leader_name: str) -> None:
        """Have a new index follow. Raises Error."""
        if name in self.indices:
            reason = f"Cant use same index again for replication. Delete the index:{name}"
            raise Error(400, "illegal_argument_exception", reason)
        above = leader.index(leader_name)
        if above.follows is not None:
            raise Error(400, "illegal_argument_exception", f"Cannot Replicate a Replicated Index {leader_name}")
        follows = Follows(alias, leader, leader_name, looks=self.copies_take)
        self.indices[name] = Index([[] for _ in above.logs], follows=follows)

    def stop(self, name: str) -> None:
        """Raises Error."""
        index = self.indices.get(name)
        if index is None or index.follows is None:
            reason = f"No replication in progress for index:{name}"
            raise Error(400, "illegal_argument_exception", reason)
        if index.follows.state == "BOOTSTRAPPING":
            del self.indices[name]
        index.follows = None

    def status(self, name: str) -> dict[str, Any]:
        """Raises Error."""
        index = self.indices.get(name)
        follows = None if index is None else index.follows
        if index is None or follows is None:
            return {"status": "REPLICATION NOT IN PROGRESS"}
        told = {
            "status": follows.state,
            "reason": follows.reason,
            "leader_alias": follows.alias,
            "leader_index": follows.name,
            "follower_index": name,
        }
        if follows.state in ("PAUSED", "FAILED"):
            return told
        if follows.leader.dead:
            raise Error(500, "replication_exception", "failed to fetch replication status")
        self._passes(index, follows)
        if follows.state == "BOOTSTRAPPING":
            return {**told, "bootstrap_details": {"bytes_percent": 50.0}}
        above = follows.leader.indices[follows.name]
        ends = {"leader_checkpoint": above, "follower_checkpoint": index}
        details = {key: sum(len(log) - 1 for log in one.logs) for key, one in ends.items()}
        return {**told, "status": follows.state, "syncing_details": {**details, "seq_no": 0}}

    def caught_up(self) -> None:
        """What is not held up has what its leader has."""
        for index in self.indices.values():
            if index.follows is not None and index.follows.state == "SYNCING" and not index.follows.leader.dead:
                self._passes(index, index.follows, look=False)

    @staticmethod
    def _passes(index: Index, follows: Follows, *, look: bool = True) -> None:
        if follows.looks:
            follows.looks -= 1 if look else 0
            return
        follows.state = "SYNCING"
        index.logs = [list(log) for log in follows.leader.indices[follows.name].logs]

    def stats(self, name: str, followers: list["Cluster"]) -> dict[str, Any]:
        """Of each primary shard, with the leases that followers hold."""
        index = self.indices[name]
        held = [one for one in followers if _follows(one, self, name)]
        shards = {}
        copying = index.follows is not None and index.follows.state == "BOOTSTRAPPING"
        for number, log in enumerate(index.logs):
            leases = [
                {
                    "id": f"replication:123456789012:{one.name}:{one.id}:[{name}][{number}]",
                    "retaining_seq_no": len(log),
                    "timestamp": int(time.time() * 1000),
                    "source": f"replication:123456789012:{one.name}:{one.id}",
                }
                for one in held
            ]
            shards[str(number)] = [
                {
                    "routing": {"state": "INITIALIZING" if copying else "STARTED", "primary": True, "node": "n1"},
                    "docs": {"count": len(dict(log)), "deleted": 0},
                    "seq_no": {
                        "max_seq_no": len(log) - 1,
                        "local_checkpoint": len(log) - 1,
                        "global_checkpoint": len(log) - 1,
                    },
                    "retention_leases": {"primary_term": 1, "version": next(_NUMBERS), "leases": leases},
                },
                {"routing": {"state": "STARTED", "primary": False, "node": "n2"}, "docs": {"count": 0}},
            ]
        if index.broken:
            del shards["0"]
        docs = {"count": len(index.docs), "deleted": 0}
        return {"uuid": index.id, "primaries": {"docs": docs}, "total": {"docs": docs}, "shards": shards}

    def settings(self, name: str) -> dict[str, Any]:
        """Flat ones."""
        index = self.indices[name]
        found = {"index.number_of_shards": str(len(index.logs)), "index.uuid": index.id, "index.provided_name": name}
        if index.barred:
            found["index.blocks.write"] = "true"
        if index.follows is not None:
            found[LEADER] = f"{index.follows.alias}:{index.follows.name}"
        elif index.restored:
            found[LEADER] = f"elsewhere:{name}"
        return found


def _follows(one: Cluster, leader: Cluster, name: str) -> bool:
    follows = [index.follows for index in one.indices.values() if index.follows is not None]
    return any(each.leader is leader and each.name == name for each in follows)
