"""Technologies that scale and deploy on Azure, and those that look at what scales."""

from typing import Any

from activities.contract import Technology
from activities.detect.aks_nodepool import DetectAksNodepool
from activities.detect.azure_deployment import DetectAzureDeployment
from activities.detect.container_app import DetectContainerApp
from activities.detect.vmss import DetectVmss
from activities.run.azure_deployment import RunAzureDeployment
from activities.scale.aks_nodepool import ScaleAksNodepool
from activities.scale.azure_deployment import ScaleAzureDeployment
from activities.scale.container_app import ScaleContainerApp
from activities.scale.vmss import ScaleVmss

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    DetectAksNodepool,
    DetectAzureDeployment,
    DetectContainerApp,
    DetectVmss,
    RunAzureDeployment,
    ScaleAksNodepool,
    ScaleAzureDeployment,
    ScaleContainerApp,
    ScaleVmss,
)
