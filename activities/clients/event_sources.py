"""The event source mappings of a Lambda function: which are on, and which a fence of Evac's has switched off.

https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
"""

import asyncio
from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, account_of, epoch_in
from activities.clients.aws import Aws
from activities.errors import StepError
from runbooks.aws.event_sources import EventSourcesSettings
from runbooks.steps import ErrorType

SEES = ("lambda:ListEventSourceMappings", "lambda:ListTags")
CHANGES = ("lambda:TagResource", "lambda:UpdateEventSourceMapping")
LISTS = frozenset({"lambda:ListEventSourceMappings"})

_STOPPED = "evac:stopped"
"""The decision whose fence has switched the mapping off."""
_BUSY = {"ResourceInUseException": ErrorType.BUSY, "ResourceConflictException": ErrorType.BUSY}
_OFF = "Disabled"


class Mapping(View):
    """One event source mapping."""

    uuid: str
    arn: str
    source: str
    state: str
    result: str = ""
    """How Lambda says that its last batch went."""
    epoch: int | None = None
    stopped: int | None = None


class MappingsView(View):
    """As Lambda shows them."""

    mappings: tuple[Mapping, ...]

    @property
    def newest(self) -> int | None:
        """The newest decision that any of them has kept."""
        return max((one.epoch for one in self.mappings if one.epoch is not None), default=None)

    @property
    def off(self) -> bool:
        """All of them are off."""
        return all(one.state == _OFF for one in self.mappings)

    @property
    def consumes(self) -> bool:
        """Any of them is on, and stays so."""
        return any(one.state not in (_OFF, "Disabling", "Deleting") for one in self.mappings)

    @property
    def on(self) -> bool:
        """All of them are on."""
        return all(one.state == "Enabled" for one in self.mappings)

    def keeps(self, epoch: int) -> bool:
        """All of them have kept that decision."""
        return all(one.epoch == epoch for one in self.mappings)

    def told(self) -> str:
        """So many in each state."""
        states = [one.state for one in self.mappings]
        return ", ".join(f"{states.count(state)} {state.lower()}" for state in sorted(set(states)))


def arns(settings: EventSourcesSettings) -> tuple[str, ...]:
    """IAM knows mappings by numbers that are not known beforehand."""
    return (f"arn:aws:lambda:{settings.aws_region}:{account_of(settings)}:event-source-mapping:*",)


async def read_mappings(there: Aws, settings: EventSourcesSettings) -> MappingsView:
    """Look. Raises StepError; NOT_FOUND when the function has none of them."""
    asked = "list_event_source_mappings", "EventSourceMappings"
    found = await there.pages("lambda", *asked, FunctionName=settings.function)
    meant = [one for one in found if not settings.sources or _source(one) in settings.sources]
    missing = sorted(set(settings.sources) - {_source(one) for one in meant})
    if missing or not meant:
        which = f" of {' and '.join(missing)}" if missing else ""
        sentence = (
            f"The function {settings.function} in {settings.aws_region} has no event source mapping{which}: look "
            "whether the runbook names it rightly."
        )
        raise StepError(ErrorType.NOT_FOUND, sentence)
    tags = await asyncio.gather(
        *(there.read("lambda", "list_tags", Resource=one["EventSourceMappingArn"]) for one in meant)
    )
    return MappingsView(mappings=tuple(_view(one, kept["Tags"]) for one, kept in zip(meant, tags, strict=True)))


async def note(there: Aws, mapping: Mapping, epoch: int, *, stops: bool) -> None:
    """Keep the decision, and whether it is the one that switches the mapping off. Raises StepError."""
    tags = {EPOCH_TAG: str(epoch), **({_STOPPED: str(epoch)} if stops else {})}
    await there.change("lambda", "tag_resource", meanings=_BUSY, Resource=mapping.arn, Tags=tags)


async def order(there: Aws, mapping: Mapping, *, on: bool) -> None:
    """Have it switched on, or off. Raises StepError; BUSY while it is being changed."""
    await there.change("lambda", "update_event_source_mapping", meanings=_BUSY, UUID=mapping.uuid, Enabled=on)


def _view(shown: dict[str, Any], tags: dict[str, str]) -> Mapping:
    stopped = tags.get(_STOPPED, "")
    return Mapping(
        uuid=shown["UUID"],
        arn=shown["EventSourceMappingArn"],
        source=_source(shown),
        state=shown["State"],
        result=shown.get("LastProcessingResult") or "",
        epoch=epoch_in(tags),
        stopped=int(stopped) if stopped.isdecimal() else None,
    )


def _source(shown: dict[str, Any]) -> str:
    return str(shown.get("EventSourceArn", ""))
