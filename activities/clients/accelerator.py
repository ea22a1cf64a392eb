"""Endpoint groups of AWS Global Accelerator: their traffic dials, and the decision in the accelerator's tags.

https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoint-groups-traffic-dial.html
"""

import asyncio

from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aws import Aws
from activities.switching import Switched, Switches
from runbooks.aws.switches import AcceleratorCommon, AcceleratorPlace


class Dials(AcceleratorCommon, Switched):
    """The settings of a `kind: global_accelerator` resource in all its regions together."""

    places: dict[str, AcceleratorPlace]

    @property
    def accelerator(self) -> str:
        """The accelerator of its first endpoint group."""
        return accelerator_of(next(iter(self.places.values())).endpoint_group)


class DialView(Switches):
    """How far each is open."""

    dials: dict[str, float]


def accelerator_of(endpoint_group: str) -> str:
    """The ARN of the accelerator that an endpoint group belongs to."""
    return endpoint_group.partition("/listener/")[0]


async def read_dials(there: Aws, settings: Dials) -> DialView:
    """Look. Raises StepError."""
    whole, tags, *groups = await asyncio.gather(
        there.read("globalaccelerator", "describe_accelerator", AcceleratorArn=settings.accelerator),
        there.read("globalaccelerator", "list_tags_for_resource", ResourceArn=settings.accelerator),
        *(
            there.read("globalaccelerator", "describe_endpoint_group", EndpointGroupArn=place.endpoint_group)
            for place in settings.places.values()
        ),
    )
    shown = [group["EndpointGroup"].get("TrafficDialPercentage", 100.0) for group in groups]
    dials = {region: float(dial) for region, dial in zip(settings.places, shown, strict=True)}
    return DialView(
        on=tuple(region for region, dial in dials.items() if dial > 0),
        epoch=epoch_in(tags.get("Tags", ())),
        pending=whole["Accelerator"]["Status"] != "DEPLOYED",
        dials=dials,
    )


async def note_on_accelerator(there: Aws, settings: Dials, epoch: int) -> None:
    """Keep the decision. Raises StepError."""
    tags = [{"Key": EPOCH_TAG, "Value": str(epoch)}]
    await there.change("globalaccelerator", "tag_resource", ResourceArn=settings.accelerator, Tags=tags)


async def turn_dials(there: Aws, settings: Dials, seen: DialView, on: tuple[str, ...], was: DialView | None) -> None:
    """Open those that are to serve first, so that never all are shut. Raises StepError."""
    for region in sorted(settings.places, key=lambda region: region not in on):
        place = settings.places[region]
        if (seen.dials[region] > 0) == (region in on):
            continue
        dial = (was.dials[region] if was is not None else place.dial) if region in on else 0.0
        await there.change(
            "globalaccelerator",
            "update_endpoint_group",
            EndpointGroupArn=place.endpoint_group,
            TrafficDialPercentage=dial,
        )
