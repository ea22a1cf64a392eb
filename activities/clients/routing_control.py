"""Routing controls of Amazon Application Recovery Controller, by the data plane alone: five endpoints, asked in turn.

Its rules (https://docs.aws.amazon.com/r53recovery/latest/dg/route53-arc-best-practices.regional.html): keep the
endpoints at hand, try them in random order, and go on to the next one when one does not answer. Routing controls keep
no tags, so the decision is kept in a tag of their control panel, in the control plane (us-west-2): read and written
when it answers at once, and left out when it does not.
"""

import asyncio
import random
from typing import Any

from activities.aws import EPOCH_TAG
from activities.clients.aws import Answer, Aws, aws
from activities.contract import Job
from activities.errors import StepError
from activities.switching import Switched, Switches
from runbooks.aws.switches import RoutingControlCommon, RoutingControlPlace
from runbooks.steps import ErrorType

_CLUSTER, _CONFIG = "route53-recovery-cluster", "route53-recovery-control-config"
_ELSEWHERE = frozenset({ErrorType.UNREACHABLE, ErrorType.TIMED_OUT, ErrorType.BUSY})
_MEANINGS = {"ConflictException": ErrorType.CONFLICT}
_CONNECT, _READ = 1.0, 2.0
"""Seconds: a region that is lost must not cost more before the next one is asked."""


class Controls(RoutingControlCommon, Switched):
    """The settings of a `kind: routing_control` resource in all its regions together."""

    places: dict[str, RoutingControlPlace]

    @property
    def panel(self) -> str:
        """The control panel of its first control."""
        return next(iter(self.places.values())).control.partition("/routingcontrol/")[0]


class Cluster:
    """The endpoints of one cluster, for one call."""

    def __init__(self, job: Job[Controls]) -> None:
        self._job = job
        self._order = list(job.settings.cluster)
        random.shuffle(self._order)

    async def ask(self, operation: str, **asked: Any) -> Answer:
        """The first answer. Raises StepError; unreachable when no endpoint gives one."""
        silent: list[str] = []
        for _ in range(len(self._order)):
            try:
                return await self.once(operation, **asked)
            except StepError as error:
                if error.kind not in _ELSEWHERE:
                    raise
                silent.append(error.sentence)
        count = f"None of the {len(self._order)} endpoints of the routing controls' cluster answers"
        raise StepError(ErrorType.UNREACHABLE, f"{count}. The last one: {silent[-1]}")

    async def once(self, operation: str, **asked: Any) -> Answer:
        """Ask the next endpoint; one that does not answer comes last from then on. Raises StepError."""
        region = self._order[0]
        try:
            return await self._at(region).change(_CLUSTER, operation, meanings=_MEANINGS, **asked)
        except StepError:
            if self._order[0] == region:
                self._order.append(self._order.pop(0))
            raise

    def __len__(self) -> int:
        return len(self._order)

    def _at(self, region: str) -> Aws:
        endpoint = self._job.settings.cluster[region]
        return aws(self._job, _hasty(self._job.settings, region, {_CLUSTER: endpoint}))


def _hasty(settings: Controls, region: str, endpoints: dict[str, str]) -> Controls:
    waits = {
        "connect_timeout": min(_CONNECT, settings.connect_timeout),
        "read_timeout": min(_READ, settings.read_timeout),
    }
    changed = {"aws_region": region, "endpoints": {**settings.endpoints, **endpoints}}
    return settings.model_copy(update={**changed, **waits})


def cluster(job: Job[Controls]) -> Cluster:
    """The same for the whole call, so that what it has learned of silent endpoints is kept."""
    found = job.kept.setdefault("routing-controls", None) or Cluster(job)
    job.kept["routing-controls"] = found
    assert isinstance(found, Cluster)
    return found


async def read_controls(job: Job[Controls]) -> Switches:
    """Look. Raises StepError."""
    regions = tuple(job.settings.places)
    epoch, *states = await asyncio.gather(_epoch(job), *(_is_on(job, region) for region in regions))
    on = tuple(region for region, is_on in zip(regions, states, strict=True) if is_on)
    return Switches(on=on, epoch=epoch or None, noted=epoch is not None)


async def _is_on(job: Job[Controls], region: str) -> bool:
    control = job.settings.places[region].control
    answer = await cluster(job).ask("get_routing_control_state", RoutingControlArn=control)
    return bool(answer["RoutingControlState"] == "On")


async def turn_controls(job: Job[Controls], on: tuple[str, ...]) -> None:
    """Set all of them at once: they are changed together, or not at all. Raises StepError, by a safety rule's name.

    An answer that is lost may mean that it was done: the state is looked at before the next endpoint is asked.
    """
    entries = [
        {"RoutingControlArn": place.control, "RoutingControlState": "On" if region in on else "Off"}
        for region, place in job.settings.places.items()
    ]
    override = {"SafetyRulesToOverride": list(job.settings.override)} if job.settings.override else {}
    for tries_left in reversed(range(len(cluster(job)))):
        try:
            await cluster(job).once(
                "update_routing_control_states", UpdateRoutingControlStateEntries=entries, **override
            )
        except StepError as error:
            _refuse_by_rule(job, error)
            if error.kind not in _ELSEWHERE or not tries_left:
                raise
        else:
            return
        if set((await read_controls(job)).on) == set(on):
            return


def _refuse_by_rule(job: Job[Controls], error: StepError) -> None:
    """A safety rule is no conflict that passes by. Raises StepError."""
    if error.evidence.get("code") not in ("ConflictException", "ValidationException"):
        return
    if "safety rule" not in error.sentence.lower():
        return
    raise StepError(
        ErrorType.WRONG_STATE,
        f"A safety rule refuses that {job.call.resource} is led there. {error.sentence} A person may name the rule's "
        "ARN in `override`.",
        error.evidence,
    )


async def _epoch(job: Job[Controls]) -> int | None:
    """The newest decision of this runbook, 0 when there is none; None when the control plane gives no answer."""
    there = aws(job, _hasty(job.settings, job.settings.aws_region, {}))
    try:
        answer = await there.change(_CONFIG, "list_tags_for_resource", ResourceArn=job.settings.panel)
    except StepError as error:
        if error.kind in _ELSEWHERE:
            return None
        raise
    kept = str(answer.get("Tags", {}).get(_tag(job), ""))
    return int(kept) if kept.isdecimal() else 0


async def note_controls(job: Job[Controls]) -> None:
    """Keep the decision, if the control plane answers. Raises StepError when it refuses."""
    there = aws(job, _hasty(job.settings, job.settings.aws_region, {}))
    tags = {_tag(job): str(job.call.epoch)}
    try:
        await there.change(_CONFIG, "tag_resource", ResourceArn=job.settings.panel, Tags=tags)
    except StepError as error:
        if error.kind not in _ELSEWHERE:
            raise


def _tag(job: Job[Controls]) -> str:
    """Several runbooks may have controls in one panel, and each counts its decisions by itself."""
    return f"{EPOCH_TAG}:{job.call.runbook}:{job.call.resource}"
