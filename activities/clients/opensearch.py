"""A domain of Amazon OpenSearch Service: what its indices are, who may write to them, and which decision came last.

The decision is kept in the domain's tags, before anything of it is changed. A block has no compare-and-set.
https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DescribeDomain.html
https://docs.opensearch.org/latest/tuning-your-cluster/replication-plugin/api/
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pydantic import JsonValue

from activities.acting import View
from activities.aws import EPOCH_TAG, OnAws, account_of, epoch_in, flat
from activities.clients.aws import aws
from activities.clients.aws_kept import kept_in, kept_tags
from activities.clients.opensearch_index import NO_WRITES, UNKNOWN, IndexView, Replication, index_of
from activities.clients.opensearch_wire import Wire, wire
from activities.contract import Job
from activities.errors import StepError
from runbooks.aws.opensearch import LONGEST, OpensearchSettings
from runbooks.steps import ErrorType

SEES = ("es:DescribeDomain", "es:ListTags", "es:ESHttpGet")
NOTES = "es:AddTags"
_BARRED = "barred"
_MATCHING = "ignore_unavailable=true&expand_wildcards=open,closed"


class DomainView(View):
    """As AWS, and the domain itself, show it."""

    arn: str
    name: str
    address: str
    guarded: bool = False
    """Fine-grained access control is on: replication is given roles."""
    tags: dict[str, str] = {}
    indices: dict[str, IndexView] = {}

    @property
    def epoch(self) -> int | None:
        """The newest decision that it has kept."""
        return epoch_in(self.tags)

    @property
    def following(self) -> tuple[str, ...]:
        """The indices that follow others."""
        return tuple(name for name, one in self.indices.items() if one.follows)

    @property
    def open(self) -> tuple[str, ...]:
        """The indices that take writes."""
        return tuple(name for name, one in self.indices.items() if one.takes_writes)

    @property
    def own(self) -> tuple[str, ...]:
        """The indices that follow nobody."""
        return tuple(name for name, one in self.indices.items() if not one.follows)

    @property
    def standby(self) -> bool:
        """It takes no writes since its indices follow others, or there are none yet."""
        return not self.open and (bool(self.following) or not self.indices)

    def barred_by(self, epoch: int) -> tuple[str, ...] | None:
        """The indices that were barred before that decision's fence; None: it has set none."""
        kept = kept_in(self.tags, epoch)
        names = None if kept is None else kept.get(_BARRED)
        return tuple(str(name) for name in names) if isinstance(names, list) else None

    def evidence(self) -> dict[str, JsonValue]:
        """All but its tags, which may be many; of them the decision."""
        return {**self.model_dump(mode="json", exclude={"tags"}), "epoch": self.epoch}


class OnDomain(OnAws):
    """Beside a Technology of a domain. Settings with an `upstream` name a second one, which is asked, too."""

    @classmethod
    def arns(cls, settings: OpensearchSettings) -> tuple[str, ...]:
        """Each domain, and what is in it."""
        upstream: OpensearchSettings | None = getattr(settings, "upstream", None)
        return (*_arns(settings), *(_arns(upstream) if upstream else ()))

    @classmethod
    def needs(cls, settings: OpensearchSettings) -> tuple[str, ...]:
        """Without the domain's own interface, where a user of its own asks there."""
        return tuple(one for one in cls.permissions if settings.user is None or not one.startswith("es:ESHttp"))


def _arns(settings: OpensearchSettings) -> tuple[str, ...]:
    domain = f"arn:aws:es:{settings.aws_region}:{account_of(settings)}:domain/{settings.domain}"
    return (domain, f"{domain}/*")


async def read_domain(job: Job[Any], settings: OpensearchSettings) -> DomainView:
    """Look. Raises StepError; a domain that is on its way out, or not there yet, is in the wrong state."""
    there = aws(job, settings)
    shown = (await there.read("opensearch", "describe_domain", DomainName=settings.domain))["DomainStatus"]
    view = DomainView(
        arn=shown["ARN"],
        name=settings.name,
        address=shown.get("Endpoint") or (shown.get("Endpoints") or {}).get("vpc", ""),
        guarded=shown.get("AdvancedSecurityOptions", {}).get("Enabled", False),
    )
    if shown.get("Deleted") or not view.address:
        sentence = f"The domain {settings.domain} in {settings.aws_region} is being deleted, or is not there yet."
        raise StepError(ErrorType.WRONG_STATE, sentence, view.evidence())
    inside = await wire(job, settings, view.address)
    tags, indices = await asyncio.gather(
        there.read("opensearch", "list_tags", ARN=view.arn), _read_indices(inside, settings)
    )
    return view.model_copy(update={"tags": flat(tags.get("TagList", ())), "indices": indices})


async def note(job: Job[Any], settings: OpensearchSettings, seen: DomainView, *, barring: bool = False) -> None:
    """Keep the decision, and before its fence what was barred already. Raises StepError."""
    epoch = job.call.epoch
    tags = {EPOCH_TAG: str(epoch)}
    if barring:
        barred: list[JsonValue] = [name for name, one in seen.indices.items() if one.barred]
        tags |= kept_tags(epoch, {_BARRED: barred})
    found = [{"Key": key, "Value": value} for key, value in tags.items()]
    await aws(job, settings).change("opensearch", "add_tags", ARN=seen.arn, TagList=found)


async def bar(job: Job[Any], settings: OpensearchSettings, seen: DomainView, names: Collection[str]) -> None:
    """Have those indices take no more writes: answered when the last one under way is over. Raises StepError."""
    there = await wire(job, settings, seen.address)
    for some in _in_lines(names):
        answer = await there.change("PUT", f"/{some}/_block/write")
        if not answer.get("acknowledged") or not answer.get("shards_acknowledged"):
            sentence = f"Not every shard of {some} in {seen.name} has taken the block yet: look at them."
            raise StepError(ErrorType.NOT_YET, sentence, seen.evidence())


async def unbar(job: Job[Any], settings: OpensearchSettings, seen: DomainView, names: Collection[str]) -> None:
    """Lift that block. Raises StepError."""
    there = await wire(job, settings, seen.address)
    for some in _in_lines(names):
        await there.change("PUT", f"/{some}/_settings", {"index.blocks.write": None})


def _in_lines(names: Iterable[str]) -> Iterator[str]:
    """Joined, as many as OpenSearch takes in one request line."""
    line = ""
    for name in names:
        if line and len(line) + len(name) > LONGEST:
            yield line
            line = ""
        line = f"{line},{name}" if line else name
    if line:
        yield line


def liftable(seen: DomainView) -> tuple[str, ...]:
    """The indices that have the block which `bar` sets."""
    return tuple(name for name, one in seen.indices.items() if NO_WRITES in one.blocks)


async def read_replication(there: Wire, name: str) -> Replication:
    """How the index's replication stands. Raises StepError.

    The plugin answers HTTP 500 while replication runs and the leader's domain cannot be asked: that it runs is all
    that is known then.
    """
    try:
        said = await there.ask(f"/_plugins/_replication/{name}/_status")
    except StepError as error:
        if error.kind is ErrorType.UNREACHABLE and "code" in error.evidence:
            return Replication(state=UNKNOWN, reason=error.sentence)
        raise
    details = said.get("syncing_details") or {}
    return Replication(
        state=said["status"],
        reason=said.get("reason") or "",
        alias=said.get("leader_alias") or "",
        leader_checkpoint=details.get("leader_checkpoint"),
        follower_checkpoint=details.get("follower_checkpoint"),
    )


async def _read_indices(there: Wire, settings: OpensearchSettings) -> dict[str, IndexView]:
    names = ",".join(settings.indices)
    shown, blocks, stats = await asyncio.gather(
        there.ask(f"/{names}/_settings?flat_settings=true&{_MATCHING}"),
        there.ask("/_cluster/state/blocks"),
        there.ask(f"/{names}/_stats/docs?level=shards&ignore_unavailable=true"),
    )
    barred = blocks.get("blocks", {}).get("indices", {})
    found = {
        name: index_of(one["settings"], barred.get(name, ()), stats.get("indices", {}).get(name))
        for name, one in sorted(shown.items())
    }
    asked = [name for name, one in found.items() if one.follows or one.leader]
    said = await asyncio.gather(*(read_replication(there, name) for name in asked))
    return found | {
        name: found[name].model_copy(update={"replication": one}) for name, one in zip(asked, said, strict=True)
    }
