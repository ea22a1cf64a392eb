"""Technologies of checks that ask Azure itself."""

from typing import Any

from activities.contract import Technology
from activities.detect.azure_monitor import DetectAzureMonitor
from activities.detect.azure_resource_health import DetectAzureResourceHealth
from activities.detect.azure_service_health import DetectAzureServiceHealth

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    DetectAzureMonitor,
    DetectAzureResourceHealth,
    DetectAzureServiceHealth,
)
