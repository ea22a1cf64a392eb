"""What is asked of a recovery plan, and what is left to do with it."""

from typing import Any

import pytest

from activities.clients.azure_site_recovery import Machine, Plan
from activities.recovering import already, requested, why_not
from runbooks.azure.runs import SiteRecoveryStep

NETWORK = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/a/providers/Microsoft.Network/vnets/b"


def settings(**more: Any) -> SiteRecoveryStep:
    """Of a step that leads to westeurope."""
    given = {
        "subscription": "11111111-2222-3333-4444-555555555555",
        "resource_group": "asr",
        "azure_region": "westeurope",
        "vault": "llm-vault",
        "recovery_plan": "llm",
    }
    return SiteRecoveryStep.model_validate({**given, **more})


def plan(*regions: str, **more: Any) -> Plan:
    """A plan between eastus and westeurope, with a machine in each of those regions."""
    machines = tuple(Machine(name=f"m{at}", active="Primary", region=one) for at, one in enumerate(regions))
    given: dict[str, Any] = {
        "name": "llm",
        "allowed": ("UnplannedFailover",),
        "scenario": "None",
        "job": "None",
        "status": "",
        "providers": ("A2A",),
        "sides": ("eastus", "westeurope"),
        "machines": machines,
    }
    return Plan(**{**given, **more})


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ({}, {"sourceSiteOperations": "Required"}),
        ({"shut_down_source": False}, {"sourceSiteOperations": "NotRequired"}),
        ({"action": "planned_failover"}, {}),
        (
            {"action": "test_failover", "test_network": NETWORK},
            {"networkType": "VmNetworkAsInput", "networkId": NETWORK},
        ),
    ],
)
def test_what_is_asked(more: dict[str, Any], body: dict[str, Any]) -> None:
    """Which way, from which recovery point, and what the action wants besides."""
    asked = requested(plan("eastus"), settings(recovery_point="latest_processed", **more), "run-1")
    point = {"instanceType": "A2A", "recoveryPointType": "LatestProcessed"}
    assert asked == {
        "properties": {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": [point], **body}
    }


def test_a_commit_and_a_cleanup_have_no_direction() -> None:
    """The one has no body at all."""
    assert requested(plan("eastus"), settings(action="commit"), "run-1") is None
    clean = requested(plan("eastus"), settings(action="test_failover_cleanup"), "run-1")
    assert clean == {"properties": {"comments": "evac run-1"}}


def test_the_way_is_that_to_the_region() -> None:
    """Between two zones of one region there is none that it could tell."""
    assert plan("eastus").way_to(settings()) == "PrimaryToRecovery"
    assert plan("westeurope").way_to(settings(azure_region="eastus")) == "RecoveryToPrimary"
    assert plan("eastus", sides=("westeurope", "westeurope")).way_to(settings()) is None
    assert plan(sides=(None, None)).way_to(settings(provider="InMageRcm")) == "PrimaryToRecovery"


def test_nothing_is_done_already_while_a_machine_is_left() -> None:
    """Nor in a plan without machines, nor while a job goes on."""
    over = plan("westeurope", "westeurope")
    assert already(over, settings()) == "Every machine of the plan llm runs in westeurope already."
    assert already(plan("westeurope", "eastus"), settings()) is None
    assert already(plan(), settings()) is None
    assert already(over.model_copy(update={"job": "j", "status": "InProgress"}), settings()) is None


def test_a_plan_without_regions_of_azure_is_said() -> None:
    """Its machines are not Azure's, although the runbook says so."""
    refusal = why_not(plan("eastus", sides=(None, None)), settings())
    assert refusal is not None
    assert "leads between no regions of Azure" in refusal.sentence
