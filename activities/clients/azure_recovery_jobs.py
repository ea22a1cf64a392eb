"""Jobs of Azure Site Recovery: how one stands, and which machines it has failed at.

https://learn.microsoft.com/rest/api/site-recovery/replication-jobs
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from activities.acting import View
from activities.clients.azure import Azure
from activities.clients.azure_site_recovery import Note, Plan
from runbooks.azure.runs import SiteAction, SiteRecoveryStep

_DONE = frozenset({"Succeeded", "CompletedWithInformation"})
_FAILED = frozenset({"Failed", "Cancelled", "PartiallySucceeded"})
_SKEW = 60.0
"""Seconds that Azure's clock may be behind ours."""
_MOST = 5
"""So many machines are named in a sentence."""
_SCENARIOS: Mapping[SiteAction, frozenset[str]] = {
    "failover": frozenset({"unplannedfailover", "failover"}),
    "planned_failover": frozenset({"plannedfailover"}),
    "test_failover": frozenset({"testfailover"}),
    "test_failover_cleanup": frozenset({"testfailovercleanup"}),
    "commit": frozenset({"commit", "commitfailover", "failovercommit"}),
}
"""What the job of an action is called, in small letters."""


class RecoveryJob(View):
    """One job of a plan."""

    name: str
    scenario: str
    state: str
    description: str
    faults: tuple[str, ...] = ()
    """`gpu-2: there is no capacity`: the machine, or the task, and what Site Recovery says of it."""

    @property
    def done(self) -> bool:
        """It has ended well; a test failover waits until it is cleaned up, which is its end for now."""
        return self.state in _DONE or (self.state == "Suspended" and "StopTestFailover" in self.description)

    @property
    def failed(self) -> bool:
        """It has ended, and not well."""
        return self.state in _FAILED

    @property
    def detail(self) -> str:
        """What is to be said of how it stands, or why it failed."""
        if self.state == "Suspended" and not self.done:
            return f"it waits for a person ({self.description}): see to it in the portal, where the job is resumed"
        more = len(self.faults) - _MOST
        told = "; ".join(one.rstrip(".") for one in self.faults[:_MOST])
        return f"{told}; and {more} more" if more > 0 else told


def is_of(action: SiteAction, scenario: str) -> bool:
    """A job of that scenario is what the action makes."""
    return scenario.lower() in _SCENARIOS[action]


async def find_job(there: Azure, settings: SiteRecoveryStep, plan: Plan, note: Note) -> RecoveryJob | None:
    """The job that was begun after the note: the plan's own, or one that it shows no more. Raises StepError."""
    vault = (settings.resource_group, settings.vault)
    if plan.job not in {"None", note.after} and is_of(settings.action, plan.scenario):
        return _job(await there.read("siterecovery", "replication_jobs.get", *vault, plan.job))
    listed = await there.pages("siterecovery", "replication_jobs.list", *vault)
    ours = [one for one in listed if one["name"] != note.after and _is_ours(one["properties"], settings, note)]
    newest = max(ours, key=lambda one: _started(one["properties"]), default=None)
    return _job(newest) if newest is not None else None


def _is_ours(properties: Mapping[str, Any], settings: SiteRecoveryStep, note: Note) -> bool:
    named = str(properties.get("targetObjectName", "")).lower() == settings.recovery_plan.lower()
    fits = is_of(settings.action, str(properties.get("scenarioName", "")))
    return named and fits and _started(properties) > note.at - _SKEW


def _started(properties: Mapping[str, Any]) -> float:
    at = properties.get("startTime")
    return datetime.fromisoformat(str(at)).timestamp() if at else 0.0


def _job(raw: Mapping[str, Any]) -> RecoveryJob:
    properties = raw["properties"]
    tasks = list(_leaves(properties.get("tasks") or ()))
    faults = [f"{_subject(task)}: {_why(task)}" for task in tasks if task.get("state") == "Failed"]
    if not faults:
        faults = [_said(one) for one in properties.get("errors") or ()]
    return RecoveryJob(
        name=raw["name"],
        scenario=str(properties.get("scenarioName")),
        state=str(properties.get("state")),
        description=str(properties.get("stateDescription") or ""),
        faults=tuple(faults),
    )


def _leaves(tasks: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - a part of an answer
    """The tasks that have no tasks of their own: of a group, those of its machines."""
    for task in tasks:
        inner = (task.get("groupTaskCustomDetails") or {}).get("childTasks")
        if inner:
            yield from _leaves(inner)
        else:
            yield task


def _subject(task: Mapping[str, Any]) -> str:
    """The machine that a task is about, or what the task is called."""
    entity = (task.get("customDetails") or {}).get("jobTask") or {}
    return str(entity.get("targetObjectName") or task.get("friendlyName") or task.get("name"))


def _why(task: Mapping[str, Any]) -> str:
    said = " ".join(_said(one) for one in task.get("errors") or ())
    return said or str(task.get("stateDescription") or "it failed")


def _said(error: Mapping[str, Any]) -> str:
    service, provider = error.get("serviceErrorDetails") or {}, error.get("providerErrorDetails") or {}
    return str(service.get("message") or provider.get("errorMessage") or service.get("code") or "no reason is told")
