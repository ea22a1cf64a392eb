"""What can be done with a recovery plan as it stands, what is asked for it, and what would be ill of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from activities.clients.azure_site_recovery import Machine, Plan, Vault
from activities.errors import StepError
from runbooks.azure.runs import SiteAction, SiteRecoveryStep
from runbooks.steps import ErrorType

_POINTS = {
    "latest": "Latest",
    "latest_processed": "LatestProcessed",
    "latest_application_consistent": "LatestApplicationConsistent",
    "latest_crash_consistent": "LatestCrashConsistent",
}


@dataclass(frozen=True)
class Operation:
    """An action, as Azure calls it."""

    allowed: str
    """Among the plan's `allowedOperations`."""
    begins: str
    permission: str


def _operation(allowed: str, begins: str, action: str) -> Operation:
    plans = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans"
    return Operation(allowed, f"replication_recovery_plans.{begins}", f"{plans}/{action}/action")


OPERATIONS: Mapping[SiteAction, Operation] = {
    "commit": _operation("Commit", "begin_failover_commit", "failoverCommit"),
    "planned_failover": _operation("PlannedFailover", "begin_planned_failover", "plannedFailover"),
    "test_failover": _operation("TestFailover", "begin_test_failover", "testFailover"),
    "test_failover_cleanup": _operation("TestFailoverCleanup", "begin_test_failover_cleanup", "testFailoverCleanup"),
    "failover": _operation("UnplannedFailover", "begin_unplanned_failover", "unplannedFailover"),
}


FOLLOWING: frozenset[SiteAction] = frozenset({"commit", "test_failover_cleanup"})
"""What can be done only when something else was done before: in the same procedure, as a rule."""


def already(plan: Plan, settings: SiteRecoveryStep) -> str | None:
    """The sentence that nothing is left to do with it, whoever has done it; None otherwise."""
    if plan.busy and plan.status != "Suspended":
        return None
    offered = OPERATIONS[settings.action].allowed in plan.allowed
    over = bool(plan.machines) and not plan.left(settings)
    match settings.action:
        case "failover" | "planned_failover" if over:
            return f"Every machine of the plan {plan.name} runs in {settings.azure_region} already."
        case "commit" if over and not offered:
            return f"The failover of the plan {plan.name} is committed already."
        case "test_failover_cleanup" if not offered and not plan.busy:
            return f"No test failover of the plan {plan.name} is up."
    return None


def unfit(plan: Plan, settings: SiteRecoveryStep) -> StepError | None:
    """Why it will never do what the runbook wants of it; None when it may."""
    others = sorted(set(plan.providers) - {settings.provider})
    if others:
        known = ", ".join(others)
        sentence = (
            f"The plan {plan.name} holds machines of {known}, not of {settings.provider} alone: correct the runbook."
        )
        return StepError(ErrorType.BAD_SETTINGS, sentence, plan.evidence())
    if plan.way_to(settings) is None:
        ends = " and ".join(sorted({side for side in plan.sides if side is not None})) or "no regions of Azure"
        sentence = (
            f"The plan {plan.name} leads between {ends}, and not to {settings.azure_region}: correct the runbook."
        )
        return StepError(ErrorType.BAD_SETTINGS, sentence, plan.evidence())
    return None


def why_not(plan: Plan, settings: SiteRecoveryStep) -> StepError | None:
    """Why it could not be begun now; None when it could."""
    wanted = OPERATIONS[settings.action].allowed
    refusal = unfit(plan, settings)
    if refusal is not None or wanted in plan.allowed:
        return refusal
    if plan.busy:
        sentence = (
            f"The plan {plan.name} is at another job, {plan.scenario} ({plan.status}, {plan.job}): look at it first, "
            "then say retry."
        )
        return StepError(ErrorType.WRONG_STATE, sentence, plan.evidence())
    offered = ", ".join(plan.allowed) or "nothing"
    sentence = f"Site Recovery allows no {wanted} of the plan {plan.name} now, but {offered}: look at it."
    return StepError(ErrorType.WRONG_STATE, sentence, plan.evidence())


def requested(plan: Plan, settings: SiteRecoveryStep, run: str) -> dict[str, Any] | None:
    """The request's body; None: it has none."""
    if settings.action == "commit":
        return None
    if settings.action == "test_failover_cleanup":
        return {"properties": {"comments": f"evac {run}"[:1024]}}
    properties: dict[str, Any] = {
        "failoverDirection": plan.way_to(settings),
        "providerSpecificDetails": [_point(settings)],
    }
    if settings.action == "failover":
        properties["sourceSiteOperations"] = "Required" if settings.shut_down_source else "NotRequired"
    if settings.action == "test_failover":
        properties |= {"networkType": "VmNetworkAsInput", "networkId": settings.test_network}
    return {"properties": properties}


def _point(settings: SiteRecoveryStep) -> dict[str, str]:
    return {"instanceType": settings.provider, "recoveryPointType": _POINTS[settings.recovery_point]}


def ill(plan: Plan, vault: Vault, settings: SiteRecoveryStep) -> list[str]:
    """What the check holds against it: sentences. A failover itself is not kept from being tried by any of it."""
    if settings.action in FOLLOWING:
        return []
    faults = [] if plan.machines else [f"The plan {plan.name} has no machines."]
    if plan.way_to(settings) == "PrimaryToRecovery" and vault.region == plan.sides[0]:
        faults.append(
            f"The vault {settings.vault} is in {vault.region}, the region that the plan {plan.name} leads out of: with "
            "the region the plan is lost. Protect the machines from a vault elsewhere."
        )
    return [*faults, *(one for one in (_ill(machine, settings) for machine in plan.machines) if one)]


def _ill(machine: Machine, settings: SiteRecoveryStep) -> str | None:
    if machine.health not in {"Normal", ""}:
        why = f": {'; '.join(machine.errors).rstrip('.')}" if machine.errors else ""
        return f"The replication of {machine.name} is {machine.health}{why}."
    if settings.rpo is None:
        return None
    if machine.behind is None:
        return f"How far {machine.name} is behind is not known, and {settings.rpo:g} s are allowed."
    if machine.behind > settings.rpo:
        return f"{machine.name} is {machine.behind:g} s behind, and {settings.rpo:g} s are allowed."
    return None
