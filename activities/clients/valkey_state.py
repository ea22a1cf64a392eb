"""How a Valkey server stands, read in one round trip: for `detect`, and before and after everything else.

Two decisions are kept in a hash of the data itself, so that replicas have them too: the newest that was carried out
here (`epoch`), and how many promotions the data have been through (`timeline`; a server with fewer has missed one).
"""

import re
import time
from typing import Any

from activities.acting import View
from activities.clients.valkey import Server
from activities.clients.valkey_errors import valkey_error
from runbooks.facts import DataValues, StandbyValues

FENCED_AT = 1_000_000_000
"""So many replicas nobody has: `min-replicas-to-write` with it is the fence."""
NOT_KEPT = 1
"""One less means: in force, and perhaps not in the server's file yet."""

_STANDBY = re.compile(r"slave\d+")


class ValkeyState(View):
    """What a server says of itself."""

    values: DataValues
    follows: str = ""
    """A replica's primary, `host:port`."""
    link_up: bool = False
    syncing: bool = False
    """It is receiving a whole copy: what it holds is neither the old data nor the new."""
    lineage: str = ""
    """The id of the replication stream: equal on a primary and on whoever really follows it."""
    promoted: int = 0
    """The decision of the last promotion."""
    fenced_by: int | None = None
    """The decision that put the last fence up; newer ones that rely on it are kept as the epoch alone."""
    min_replicas: int = 0
    max_lag: int = 0

    @property
    def standby(self) -> bool:
        """It is a replica."""
        return self.values.role == "standby"

    @property
    def fence(self) -> bool:
        """Evac's fence is up, in force and on its disk."""
        return self.min_replicas == FENCED_AT and self.max_lag > 0

    @property
    def fence_begun(self) -> bool:
        """Evac's fence, or half of one."""
        return self.min_replicas >= FENCED_AT - NOT_KEPT


def epoch_key(runbook: str) -> str:
    """The hash that keeps a runbook's decisions."""
    return f"evac:epoch:{runbook}"


async def read_state(server: Server, runbook: str) -> ValkeyState:
    """Role, position, lag, replicas, fence and epoch. Raises StepError."""
    said, config, kept = await server.try_all(
        [
            ("INFO", "replication"),
            ("CONFIG", "GET", "min-replicas-*", "repl-timeout"),
            # A replica that is cut off may be told not to answer this one.
            ("HMGET", epoch_key(runbook), "epoch", "timeline", "promoted", "fenced"),
        ]
    )
    for answer in (said, config):
        if isinstance(answer, Exception):
            raise valkey_error(answer, server.where)
    info = _info(said)
    limits = {_text(key): int(value) for key, value in zip(config[::2], config[1::2], strict=True)}
    epoch, timeline, promoted, fenced_by = (None,) * 4 if isinstance(kept, Exception) else kept
    values = _primary(info, limits) if info["role"] == "master" else _replica(info, limits)
    return ValkeyState(
        values=values.model_copy(update={"timeline": int(timeline or 1), "epoch": int(epoch) if epoch else None}),
        follows=f"{info['master_host']}:{info['master_port']}" if "master_host" in info else "",
        link_up=info.get("master_link_status") == "up",
        syncing=info.get("master_sync_in_progress") == "1",
        lineage=info["master_replid"],
        promoted=int(promoted or 0),
        fenced_by=int(fenced_by) if fenced_by else None,
        min_replicas=limits["min-replicas-to-write"],
        max_lag=limits["min-replicas-max-lag"],
    )


def _primary(info: dict[str, str], limits: dict[str, int]) -> DataValues:
    position = int(info["master_repl_offset"])
    needed = limits["min-replicas-to-write"] if limits["min-replicas-max-lag"] else 0
    return DataValues(
        role="primary",
        position=position,
        read_only=needed > int(info.get("min_slaves_good_slaves", 0)),
        standbys=dict(_standby(line, position) for key, line in info.items() if _STANDBY.fullmatch(key)),
    )


def _replica(info: dict[str, str], limits: dict[str, int]) -> DataValues:
    applied, read = int(info.get("slave_repl_offset", 0)), int(info.get("slave_read_repl_offset", 0))
    up = info.get("master_link_status") == "up"
    return DataValues(
        role="standby",
        position=applied,
        streaming=up and info.get("master_sync_in_progress") == "0",
        lag_bytes=max(0, read - applied) if up else None,
        last_commit_at=_heard_at(info, limits["repl-timeout"]),
    )


def _heard_at(info: dict[str, str], patience: int) -> float | None:
    """When its primary last said anything: it has all that was sent until then. A living one says something often.

    Told in whole seconds, so one more is taken off. A link that is down may have been silent for `patience` before.
    """
    ago, down = int(info.get("master_last_io_seconds_ago", -1)), int(info.get("master_link_down_since_seconds", -1))
    if ago >= 0:
        return time.time() - ago - 1
    return time.time() - down - 1 - patience if down >= 0 else None


def _standby(line: str, position: int) -> tuple[str, StandbyValues]:
    """`ip=127.0.0.1,port=29002,state=online,offset=176,lag=0,type=replica`."""
    parts = dict(part.partition("=")[::2] for part in line.split(","))
    state = "streaming" if parts["state"] == "online" else parts["state"]
    lag = max(0, position - int(parts["offset"]))
    return f"{parts['ip']}:{parts['port']}", StandbyValues(state=state, sync_state="async", lag_bytes=lag)


def _info(text: Any) -> dict[str, str]:  # noqa: ANN401  (an answer)
    lines = (line.partition(":") for line in _text(text).splitlines() if ":" in line)
    return {key: value for key, _, value in lines}


def _text(value: bytes) -> str:
    return value.decode(errors="replace")


def described(state: ValkeyState) -> str:
    """One sentence for people."""
    values = state.values
    if not state.standby:
        replicas = f"{len(values.standbys)} replicas" if len(values.standbys) != 1 else "1 replica"
        mode = ", read-only" if values.read_only else ""
        return f"It is primary at offset {values.position} with {replicas}{mode}."
    if state.syncing:
        return f"It is a replica that is receiving a whole copy from {state.follows}."
    if not state.link_up:
        return f"It is a replica at offset {values.position} that receives nothing from {state.follows}."
    return f"It is a replica at offset {values.position} that follows {state.follows}."
