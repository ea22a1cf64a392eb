"""Technologies that run something of the user's own on Azure."""

from typing import Any

from activities.contract import Technology
from activities.run.azure_automation import RunAzureAutomation
from activities.run.site_recovery import RunSiteRecovery

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (RunAzureAutomation, RunSiteRecovery)
