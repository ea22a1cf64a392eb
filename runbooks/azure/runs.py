"""The settings of a runbook's own steps on Azure, by technology.

`{region}`, `{source}`, `{target}` and the region's own `vars` may stand in their texts (`runbooks/extras.py`).
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from runbooks.azure.access import AzureSettings, ResourceId
from runbooks.values import Model, Seconds


class AzureStep(AzureSettings):
    """Where a step of the runbook's own runs on Azure."""

    resource_group: str = Field(pattern=r"^([\w.()-]|\{\w+\}){1,90}$")
    azure_region: str = Field(pattern=r"^(\{\w+\}|[a-z][a-z0-9]+)$", description="such as westeurope, or {region}")


class AutomationStep(AzureStep):
    """A runbook of Azure Automation to run: published, in an account that is not in the region that fails."""

    account: str = Field(pattern=r"^([A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]|\{\w+\})$")
    """The Automation account."""
    automation_runbook: str = Field(pattern=r"^[A-Za-z][\w-]{0,62}$")
    """The name of the Automation runbook."""
    parameters: dict[str, str] = {}
    """As it takes them; what is no text is given as JSON."""
    run_on: str | None = None
    """A group of hybrid workers; None: Azure's own sandbox."""
    repeatable: bool = False
    """Running it twice does no harm: a failure is tried again without a person."""

    @property
    def account_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.Automation/automationAccounts", self.account)


SiteAction = Literal["failover", "planned_failover", "test_failover", "test_failover_cleanup", "commit"]


class SiteRecoveryStep(AzureStep):
    """A recovery plan of Azure Site Recovery to run: machines that move to `azure_region` as one.

    The way (from the primary side or back to it) is not said: it is the one that leads there.
    """

    vault: str = Field(pattern=r"^([A-Za-z][A-Za-z0-9-]{1,49}|\{\w+\})$")
    """The Recovery Services vault: in no region that the plan leads out of."""
    recovery_plan: str = Field(pattern=r"^([A-Za-z]([\w-]{0,61}\w)?|\{\w+\})$")
    """The plan's name."""
    action: SiteAction = "failover"
    provider: Literal["A2A", "HyperVReplicaAzure", "InMageAzureV2", "InMageRcm"] = "A2A"
    """How its machines are replicated: within Azure, or to it from Hyper-V or VMware (and then this leads not back)."""
    recovery_point: Literal[
        "latest", "latest_processed", "latest_application_consistent", "latest_crash_consistent"
    ] = "latest"
    """`latest` loses least, and takes longest: what has arrived is worked in first."""
    shut_down_source: bool = True
    """In a failover Azure tries to stop the machines that are left; it goes on when it cannot."""
    test_network: ResourceId | None = None
    """For a test failover: the virtual network that its machines are made in, apart from all others."""
    rpo: Seconds | None = None
    """The check says which machines are further behind; None: as far as Site Recovery itself calls healthy."""
    repeatable: bool = False
    """Running it twice does no harm: a failure is tried again without a person."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.action == "test_failover") != (self.test_network is not None):
            message = "test_network is for action test_failover, which needs one"
            raise ValueError(message)
        if self.provider == "HyperVReplicaAzure" and self.recovery_point == "latest_crash_consistent":
            message = "HyperVReplicaAzure has no crash-consistent recovery points"
            raise ValueError(message)
        return self

    @property
    def vault_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.RecoveryServices/vaults", self.vault)


STEPS: dict[str, type[Model]] = {"run.azure_automation": AutomationStep, "run.site_recovery": SiteRecoveryStep}
