"""A runbook's own steps on Azure."""

from typing import Any

from tests.azure.fakes.automation import Automation
from tests.azure.recovery import jobs_of, plan_of, plan_settings, sides_of, stand_plan
from tests.conformance.specimen import OnAzure, Settings

ACCOUNT = "Microsoft.Automation/automationAccounts"


class RunAzureAutomation(OnAzure):
    """An Automation runbook."""

    uses = "run.azure_automation"

    async def stand(self) -> Settings:
        """A published one."""
        self.azure.put(ACCOUNT, self.name, region=self.there)
        self.put("Published")
        return self.azure.settings(self.there, account=self.name, automation_runbook="drain")

    def put(self, state: str) -> None:
        """The runbook, so."""
        self.azure.put(f"{ACCOUNT}/runbooks", self.name, "drain", region=self.there, properties={"state": state})

    async def effect(self) -> Any:
        """Every job that was made."""
        return [one["name"] for one in self.azure.arm.provider(Automation).jobs(self.azure.arm)]

    async def absent(self, settings: Settings) -> Settings:
        """Another runbook."""
        return {**settings, "automation_runbook": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """It was never published."""
        self.put("New")
        return settings


class RunSiteRecovery(OnAzure):
    """A recovery plan of two machines is failed over."""

    uses = "run.site_recovery"
    lost = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/unplannedFailover/action"

    async def stand(self) -> Settings:
        """They run here."""
        stand_plan(self.azure, self.name)
        return plan_settings(self.azure, self.name)

    async def effect(self) -> Any:
        """Where they run, and every job that was begun."""
        return sides_of(self.azure, self.name), jobs_of(self.azure)

    async def absent(self, settings: Settings) -> Settings:
        """Another plan."""
        return {**settings, "recovery_plan": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """A test failover of it is up."""
        plan_of(self.azure, self.name)["properties"]["allowedOperations"] = ["TestFailoverCleanup"]
        return settings
