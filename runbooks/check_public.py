"""Advice on public names: they can lead where the traffic is, and need nothing of a region that is lost."""

import re
from collections.abc import Iterator

from runbooks.aws.planes import PLANES, STS_GLOBAL, STS_HOME
from runbooks.azure.planes import GLOBAL, regions_beside
from runbooks.faults import Finding
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.steps import Verb

_AWS_REGION = re.compile(r"[a-z]{2}(-[a-z0-9]+)+-[0-9]")


def one_primary(runbook: Runbook) -> Iterator[Finding]:
    """What leads to one region at a time is not for a system that serves from several."""
    serving = [name for name, region in runbook.regions.items() if region.traffic]
    if len(serving) < 2:  # noqa: PLR2004 - one is no trouble
        return
    for name, resource in runbook.resources.items():
        kind = KINDS.get(resource.kind)
        if kind is not None and kind.leads_to_one(resource.common):
            sentence = f"{name} leads to one region at a time, but {' and '.join(serving)} take traffic"
            yield Finding(("resources", name), sentence)


def control_planes(runbook: Runbook) -> Iterator[Finding]:
    """What a step needs may be in the very region that is being left."""
    for name, resource in runbook.resources.items():
        plane = PLANES.get(resource.kind)
        for region in runbook.regions if plane is not None else ():
            if plane is not None and plane.region in aws_regions(runbook, region):
                sentence = (
                    f"cut_over.{name} changes {plane.service}, whose control plane is in {plane.region}: it may be "
                    f"away when {region} is what is left; {plane.instead}"
                )
                yield Finding(("resources", name), sentence)
        yield from _sts(runbook, name)
        if resource.kind in GLOBAL:
            yield from _group(runbook, name, GLOBAL[resource.kind])


def _group(runbook: Runbook, name: str, service: str) -> Iterator[Finding]:
    """What is in no region on Azure is changed where its resource group is."""
    for region in regions_beside(runbook, name):
        group = runbook.resources[name].common["resource_group"]
        sentence = (
            f"cut_over.{name} changes {service} in the resource group {group}, which has what is in {region}, too: "
            f"while a group's own region is away nothing in it can be changed; put {name} into a group of its own, in "
            "a third region"
        )
        yield Finding(("resources", name), sentence)


def aws_regions(runbook: Runbook, region: str) -> frozenset[str]:
    """The regions of AWS that are lost with a region of the runbook: by its name, and where its resources are."""
    found = {region} if _AWS_REGION.fullmatch(region) else set()
    for name, resource in runbook.resources.items():
        kind = KINDS.get(resource.kind)
        if kind is not None and Verb.CUT_OVER not in kind.verbs:  # a public name is in no region
            found.add(str(runbook.settings_of(name, region).get("aws_region", "")))
    return frozenset(found - {""})


def _sts(runbook: Runbook, name: str) -> Iterator[Finding]:
    """The global address of STS is in one region, although each region has its own."""
    for region in runbook.regions:
        settings = runbook.settings_of(name, region)
        endpoints = settings.get("endpoints")
        sts = str(endpoints.get("sts", "")) if isinstance(endpoints, dict) else ""
        home = [each for each in runbook.regions if STS_HOME in aws_regions(runbook, each)]
        if settings.get("role") and STS_GLOBAL in sts and home:
            sentence = (
                f"{name} takes on its role at {STS_GLOBAL}, which is in {STS_HOME}: every step on it fails when "
                f"{home[0]} is what is left; take it out of `endpoints`, and the region's own is asked"
            )
            yield Finding(("resources", name), sentence)
            return
