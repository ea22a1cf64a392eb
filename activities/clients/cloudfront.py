"""A CloudFront distribution: to which region's origin it leads, changed by compare and set on its ETag.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
"""

import copy
from typing import Any

from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aws import Answer, Aws
from activities.errors import StepError
from activities.switching import Switched, Switches
from runbooks.aws.switches import CloudFrontCommon, CloudFrontPlace
from runbooks.steps import ErrorType

_MEANINGS = {"PreconditionFailed": ErrorType.CONFLICT, "InvalidIfMatchVersion": ErrorType.CONFLICT}


class Origins(CloudFrontCommon, Switched):
    """The settings of a `kind: cloudfront` resource in all its regions together."""

    places: dict[str, CloudFrontPlace]


class OriginView(Switches):
    """Which origins are led to."""

    etag: str
    arn: str
    targets: tuple[str, ...]
    """The origin of the default behaviour, and of each other one in its order."""


async def read_origins(there: Aws, settings: Origins) -> OriginView:
    """Look. Raises StepError; an origin that the distribution has not is not found."""
    answer = await there.read("cloudfront", "get_distribution", Id=settings.distribution)
    distribution = answer["Distribution"]
    config = distribution["DistributionConfig"]
    known = {each["Id"] for part in ("Origins", "OriginGroups") for each in config.get(part, {}).get("Items") or ()}
    absent = sorted({place.origin for place in settings.places.values()} - known)
    if absent:
        sentence = f"The distribution {settings.distribution} has no origin {absent[0]}: correct `origin`."
        raise StepError(ErrorType.NOT_FOUND, sentence)
    tags = await there.read("cloudfront", "list_tags_for_resource", Resource=distribution["ARN"])
    targets = _targets(config)
    return OriginView(
        on=tuple(region for region, place in settings.places.items() if place.origin in targets),
        epoch=epoch_in(tags["Tags"].get("Items", ())),
        pending=distribution["Status"] != "Deployed",
        etag=answer["ETag"],
        arn=distribution["ARN"],
        targets=targets,
    )


def _behaviours(config: Answer) -> list[Any]:
    return [config["DefaultCacheBehavior"], *(config.get("CacheBehaviors", {}).get("Items") or ())]


def _targets(config: Answer) -> tuple[str, ...]:
    return tuple(each["TargetOriginId"] for each in _behaviours(config))


async def note_on_distribution(there: Aws, seen: OriginView, epoch: int) -> None:
    """Keep the decision in its tags. Raises StepError."""
    tags = {"Items": [{"Key": EPOCH_TAG, "Value": str(epoch)}]}
    await there.change("cloudfront", "tag_resource", Resource=seen.arn, Tags=tags)


async def turn_origins(
    there: Aws, settings: Origins, seen: OriginView, on: tuple[str, ...], was: OriginView | None
) -> None:
    """Lead every behaviour that leads to one of the origins to this one. Raises StepError: conflict by the ETag."""
    if len(on) > 1:
        raise StepError(
            ErrorType.BAD_SETTINGS,
            f"A distribution leads to one origin at a time, and not to {' and '.join(on)}: use weighted records "
            "(kind route53) for several regions.",
        )
    answer = await there.read("cloudfront", "get_distribution_config", Id=settings.distribution)
    config = copy.deepcopy(answer["DistributionConfig"])
    if answer["ETag"] != seen.etag:
        raise StepError(ErrorType.CONFLICT, f"The distribution {settings.distribution} was changed meanwhile.")
    ours = {place.origin for place in settings.places.values()}
    for number, behaviour in enumerate(_behaviours(config)):
        if was is not None and len(was.targets) == len(seen.targets):
            behaviour["TargetOriginId"] = was.targets[number]
        elif behaviour["TargetOriginId"] in ours:
            behaviour["TargetOriginId"] = settings.places[on[0]].origin
    await there.change(
        "cloudfront",
        "update_distribution",
        meanings=_MEANINGS,
        Id=settings.distribution,
        IfMatch=seen.etag,
        DistributionConfig=config,
    )
