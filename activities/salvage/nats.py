"""`salvage.nats`: keep the messages that only a former primary has, before a reseed deletes its stream."""

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pydantic import JsonValue

from activities.clients.nats_messages import Message, messages
from activities.clients.nats_pair import FollowingNats, Pair, look_at_both
from activities.clients.nats_waking import Waking
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import POWER_PERMISSION
from runbooks.steps import ErrorType


@dataclass(frozen=True)
class Orphans:
    """The messages that the upstream does not have, and the file for them."""

    pair: Pair
    found: tuple[Message, ...]
    path: Path

    @property
    def text(self) -> str:
        """One JSON line a message."""
        return "".join(json.dumps(message.row(), ensure_ascii=False) + "\n" for message in self.found)

    @property
    def kept(self) -> bool:
        """The file holds them all."""
        try:
            return self.path.read_text(encoding="utf-8") == self.text
        except FileNotFoundError:
            return not self.found

    def evidence(self) -> dict[str, JsonValue]:
        """How many, where, and how both streams stand; what they say is in the file only."""
        kept = str(self.path) if self.found else ""
        return {"orphans": len(self.found), "file": kept, "fork": self.pair.fork, **self.pair.evidence()}


class SalvageNats(Waking[Orphans]):
    """Writes them to `orphans/<run>/<resource>.jsonl` for review: with any it answers `proved=False`."""

    uses = "salvage.nats"
    permissions = ("$JS.API.CONSUMER.CREATE on the stream, in both regions", POWER_PERMISSION)
    Settings = FollowingNats

    async def _observe(self, job: Job[FollowingNats]) -> Orphans:
        pair = await look_at_both(job)
        if pair.stream.role == "primary" and not pair.stream.fenced:
            raise StepError(
                ErrorType.WRONG_STATE,
                f"The stream in {job.call.region} still takes messages: fence it before its orphans are counted.",
                pair.evidence(),
            )
        path = self.home / "orphans" / quote(job.call.run, safe="") / f"{quote(job.call.resource, safe='')}.jsonl"
        return Orphans(pair, await _orphans(job, pair), path)

    def _settled(self, job: Job[FollowingNats], seen: Orphans) -> str | None:
        del job
        if not seen.found:
            return f"It has no message that its upstream does not have, after sequence {seen.pair.fork}."
        return f"{seen.path} holds {_counted(seen)} already." if seen.kept else None

    def _proved(self, seen: Orphans) -> bool:
        return not seen.found

    async def _act(self, job: Job[FollowingNats], seen: Orphans) -> str:
        del job
        _write(seen.path, seen.text)
        return f"{seen.path} holds {_counted(seen)} now: review it before the reseed deletes what is there."


def _counted(seen: Orphans) -> str:
    many = len(seen.found)
    return f"{many} message{'' if many == 1 else 's'} that only this stream has"


async def _orphans(job: Job[FollowingNats], pair: Pair) -> tuple[Message, ...]:
    """Known by the id that the publisher gave, else by all that was published: clients publish again what was lost."""
    if pair.stream.role == "standby" and pair.one_line:
        return ()
    first = pair.fork + 1
    theirs = [
        (message.id, message.digest)
        async for message in messages(pair.there, job.settings.upstream, first, pair.upstream)
    ]
    ids = {id_ for id_, _ in theirs if id_}
    unnamed = Counter(digest for id_, digest in theirs if not id_)
    found = []
    async for message in messages(pair.here, job.settings, first, pair.stream):
        if message.id in ids:
            continue
        if not message.id and unnamed[message.digest]:
            unnamed[message.digest] -= 1
            continue
        found.append(message)
    return tuple(found)


def _write(path: Path, text: str) -> None:
    """Whole and on the disk before it is there under its name; for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
