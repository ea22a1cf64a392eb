"""One index, as three questions tell of it: its settings, the cluster's blocks, and its shards' statistics.

What a follower refuses by is a block of the plugin's, which nobody can take away but a stop of its replication; a fence
is a block that stays until somebody takes it away. A block that OpenSearch sets by itself on a full disk, and lifts by
itself, is neither.
https://docs.opensearch.org/latest/api-reference/index-apis/blocks/
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from activities.acting import View

FOLLOWS, READ_ONLY, NO_WRITES, CLOSED = "1000", "5", "8", "4"
"""The blocks, by OpenSearch's numbers of them."""
LEADER = "index.plugins.replication.follower.leader_index"
IDLE, UNKNOWN, SYNCING, BOOTSTRAPPING = "REPLICATION NOT IN PROGRESS", "UNKNOWN", "SYNCING", "BOOTSTRAPPING"
"""How replication stands, in the plugin's words; UNKNOWN is ours: it runs, and the leader's domain cannot be asked."""

_LEASE = "replication:"
_FRESH = 300.0
"""Seconds: a follower renews its lease on the leader's shards with every batch, once a minute at the least."""


class Replication(View):
    """How a follower stands."""

    state: str
    reason: str = ""
    alias: str = ""
    """The connection to the leader's domain."""
    leader_checkpoint: int | None = None
    follower_checkpoint: int | None = None

    @property
    def behind(self) -> int | None:
        """Operations; None: not known."""
        if self.state != SYNCING or self.leader_checkpoint is None or self.follower_checkpoint is None:
            return None
        return max(0, self.leader_checkpoint - self.follower_checkpoint)


class IndexView(View):
    """As its domain shows it."""

    blocks: tuple[str, ...] = ()
    leader: str = ""
    """`alias:index`, on a follower; a snapshot takes it along to where there is none."""
    whole: bool = False
    """Every primary shard is started: otherwise nobody knows how far it is."""
    written: int = 0
    """Operations that it has been given, over all shards."""
    position: int = 0
    """How many of them it has without a gap."""
    docs: int = 0
    followers: tuple[str, ...] = ()
    """The domains that hold a fresh lease on each of its shards."""
    replication: Replication = Replication(state=IDLE)

    @property
    def follows(self) -> bool:
        """It refuses writes of clients, since another index's come here."""
        return FOLLOWS in self.blocks or (bool(self.leader) and self.replication.state != IDLE)

    @property
    def copying(self) -> bool:
        """It is being copied for the first time. With the leader's domain dead its shards tell: none is blocked yet."""
        unknown = self.replication.state == UNKNOWN and not self.whole and not {FOLLOWS, CLOSED} & set(self.blocks)
        return self.replication.state == BOOTSTRAPPING or unknown

    @property
    def barred(self) -> bool:
        """It takes no writes until somebody lifts that."""
        return bool({NO_WRITES, READ_ONLY} & set(self.blocks))

    @property
    def takes_writes(self) -> bool:
        """Nothing keeps clients from writing to it."""
        return not self.follows and not self.barred and CLOSED not in self.blocks


def index_of(settings: Mapping[str, Any], blocks: Iterable[str], stats: Mapping[str, Any] | None) -> IndexView:
    """What the three answers say of it; `settings` are flat."""
    shards = [] if stats is None else [_primary(copies) for copies in stats.get("shards", {}).values()]
    started = [shard for shard in shards if shard is not None]
    return IndexView(
        blocks=tuple(sorted(blocks)),
        leader=str(settings.get(LEADER) or ""),
        whole=len(started) == int(settings["index.number_of_shards"]),
        written=sum(shard["seq_no"]["max_seq_no"] + 1 for shard in started),
        position=sum(shard["seq_no"]["local_checkpoint"] + 1 for shard in started),
        docs=sum(shard["docs"]["count"] for shard in started),
        followers=_followers(started),
    )


def _primary(copies: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((one for one in copies if one["routing"]["primary"] and one["routing"]["state"] == "STARTED"), None)


def _followers(shards: list[Mapping[str, Any]]) -> tuple[str, ...]:
    held = [_leased(shard.get("retention_leases", {}).get("leases", ())) for shard in shards]
    return tuple(sorted(set.intersection(*held))) if held else ()


def _leased(leases: Iterable[Mapping[str, Any]]) -> set[str]:
    """Of `replication:<account>:<domain>:<uuid>:[index][shard]` the domain, when it was renewed lately."""
    oldest = (time.time() - _FRESH) * 1000
    ours = (one for one in leases if str(one["id"]).startswith(_LEASE) and one["timestamp"] >= oldest)
    return {str(one["id"]).split(":")[2] for one in ours}
