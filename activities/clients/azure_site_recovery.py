"""A recovery plan of Azure Site Recovery: how it stands, its machines, and what Evac has noted of it on the vault.

https://learn.microsoft.com/rest/api/site-recovery/replication-recovery-plans
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Literal

from activities.acting import View
from activities.clients.azure import Azure
from runbooks.azure.runs import SiteRecoveryStep
from runbooks.values import Model

LOOKS = (
    "Microsoft.RecoveryServices/vaults/read",
    "Microsoft.RecoveryServices/vaults/replicationFabrics/read",
    "Microsoft.RecoveryServices/vaults/replicationJobs/read",
    "Microsoft.RecoveryServices/vaults/replicationProtectedItems/read",
    "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/read",
)
"""The permissions that a look at it needs."""
_VAULTS = "2025-08-01"
"""The api-version by which a vault itself is asked: azure-mgmt-resource takes that of each type from the caller."""
_NONE = "None"
"""What Site Recovery calls the job of a plan that has none."""

Way = Literal["PrimaryToRecovery", "RecoveryToPrimary"]


class Machine(Model):
    """One that the plan moves (a replication protected item)."""

    name: str
    active: str
    """`Primary` or `Recovery`: on which of its two sides it runs."""
    region: str | None = None
    """Where it runs; None: that is no region of Azure."""
    health: str = ""
    """`Normal`, `Warning`, `Critical`; what is wrong besides in `errors`."""
    errors: tuple[str, ...] = ()
    behind: float | None = None
    """Seconds: the RPO that Site Recovery has measured last."""


class Plan(View):
    """As it stands."""

    name: str
    allowed: tuple[str, ...]
    """What Site Recovery would do with it now: `UnplannedFailover`, `TestFailover`, `Commit`, ..."""
    scenario: str
    """What it is doing, or did last."""
    job: str
    """That one's job; `None` when there is none."""
    status: str
    providers: tuple[str, ...]
    sides: tuple[str | None, str | None]
    """The regions of its primary and of its recovery side, where they are of Azure."""
    machines: tuple[Machine, ...]

    @property
    def busy(self) -> bool:
        """It is at something, or waits for somebody."""
        return self.job != _NONE and self.status in {"InProgress", "NotStarted", "Suspended"}

    def way_to(self, settings: SiteRecoveryStep) -> Way | None:
        """Which way leads to that region; None: none does."""
        if settings.provider != "A2A":
            return "PrimaryToRecovery"
        primary, recovery = self.sides
        if primary == recovery or settings.azure_region not in self.sides:
            return None
        return "PrimaryToRecovery" if recovery == settings.azure_region else "RecoveryToPrimary"

    def left(self, settings: SiteRecoveryStep) -> tuple[str, ...]:
        """The machines that do not run where it leads."""
        if settings.provider != "A2A":
            return tuple(one.name for one in self.machines if one.active != "Recovery")
        return tuple(one.name for one in self.machines if one.region != settings.azure_region)


class Vault(Model):
    """What holds plans and jobs."""

    region: str
    tags: dict[str, str] = {}


class Note(Model):
    """What Evac writes on the vault before it begins something with a plan: by which decision, and after which job."""

    mark: str
    epoch: int
    scheduling: str
    after: str
    at: float

    def __str__(self) -> str:
        return f"evac {self.mark} e{self.epoch} {self.scheduling} after {self.after} at {self.at:.0f}"

    @classmethod
    def read(cls, text: str) -> "Note | None":
        """None: there is none."""
        found = _NOTE.match(text)
        if found is None:
            return None
        mark, epoch, scheduling, after, at = found.groups()
        return cls(mark=mark, epoch=int(epoch), scheduling=scheduling, after=after, at=float(at))


_NOTE = re.compile(r"evac ([0-9a-f]{16}) e(\d+) ([0-9a-f]{8}) after (\S+) at (\d+)")


async def read_plan(there: Azure, settings: SiteRecoveryStep) -> Plan:
    """Look at it and all of its machines. Raises StepError."""
    vault = (settings.resource_group, settings.vault)
    raw = await there.read("siterecovery", "replication_recovery_plans.get", *vault, settings.recovery_plan)
    properties = raw["properties"]
    items, *sides = await asyncio.gather(
        there.pages("siterecovery", "replication_protected_items.list", *vault),
        _side(there, settings, properties.get("primaryFabricId")),
        _side(there, settings, properties.get("recoveryFabricId")),
    )
    groups = properties.get("groups") or ()
    wanted = [str(one["id"]) for group in groups for one in group.get("replicationProtectedItems") or ()]
    known = {str(one["id"]).lower(): one["properties"] for one in items}
    scenario = properties.get("currentScenario") or {}
    return Plan(
        name=raw["name"],
        allowed=tuple(properties.get("allowedOperations") or ()),
        scenario=str(scenario.get("scenarioName") or _NONE),
        job=job_name(scenario.get("jobId")),
        status=str(properties.get("currentScenarioStatus") or ""),
        providers=tuple(properties.get("replicationProviders") or ()),
        sides=(sides[0], sides[1]),
        machines=tuple(_machine(id_, known.get(id_.lower())) for id_ in wanted),
    )


async def read_vault(there: Azure, settings: SiteRecoveryStep) -> Vault:
    """Where it is, and what is noted on it. Raises StepError."""
    raw = await there.read("resources", "resources.get_by_id", settings.vault_id.strip("/"), api_version=_VAULTS)
    return Vault(region=_region(raw.get("location")) or "", tags=raw.get("tags") or {})


def note_of(vault: Vault, settings: SiteRecoveryStep) -> Note | None:
    """What is noted of that plan."""
    return Note.read(vault.tags.get(_tag(settings), ""))


async def write_note(there: Azure, settings: SiteRecoveryStep, note: Note, more: str) -> None:
    """Note it; every other tag of the vault stays. `more` is for people. Raises StepError."""
    body = {"operation": "Merge", "properties": {"tags": {_tag(settings): f"{note} {more}"[:256]}}}
    await there.operate("resources", "tags.begin_update_at_scope", settings.vault_id.strip("/"), body)


def job_name(id_: Any) -> str:  # noqa: ANN401 - a part of an answer
    """Of the whole id of a job."""
    return str(id_ or _NONE).rpartition("/")[2]


def _tag(settings: SiteRecoveryStep) -> str:
    return f"evac-{settings.recovery_plan}"


async def _side(there: Azure, settings: SiteRecoveryStep, fabric: str | None) -> str | None:
    """The region of a fabric; None: it is none of Azure's."""
    name = str(fabric or "").rpartition("/replicationFabrics/")[2]
    if settings.provider != "A2A" or not name:
        return None
    where = (settings.resource_group, settings.vault, name)
    details = (await there.read("siterecovery", "replication_fabrics.get", *where))["properties"].get("customDetails")
    return _region((details or {}).get("location"))


def _machine(id_: str, properties: Mapping[str, Any] | None) -> Machine:
    if properties is None:  # nobody knows where it runs, so it has not arrived anywhere
        return Machine(name=id_.rpartition("/")[2], active="unknown", health="unknown")
    details = properties.get("providerSpecificDetails") or {}
    active = str(properties.get("activeLocation"))
    side = "recoveryFabricLocation" if active == "Recovery" else "primaryFabricLocation"
    errors = properties.get("healthErrors") or ()
    behind = details.get("rpoInSeconds")
    return Machine(
        name=str(properties.get("friendlyName")),
        active=active,
        region=_region(details.get(side)),
        health=str(properties.get("replicationHealth") or ""),
        errors=tuple(str(one.get("summaryMessage") or one.get("errorMessage") or one["errorCode"]) for one in errors),
        behind=None if behind is None else float(behind),
    )


def _region(location: Any) -> str | None:  # noqa: ANN401 - a part of an answer
    """`West Europe` is westeurope."""
    return str(location).replace(" ", "").lower() if location else None
