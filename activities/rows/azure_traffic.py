"""Technologies that lead clients on Azure."""

from typing import Any

from activities.contract import Technology
from activities.cut_over.azure_dns import CutOverAzureDns
from activities.cut_over.front_door import CutOverFrontDoor
from activities.cut_over.traffic_manager import CutOverTrafficManager
from activities.detect.azure_dns import DetectAzureDns
from activities.detect.front_door import DetectFrontDoor
from activities.detect.traffic_manager import DetectTrafficManager
from activities.verify.azure_dns import VerifyAzureDns

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    CutOverAzureDns,
    CutOverFrontDoor,
    CutOverTrafficManager,
    DetectAzureDns,
    DetectFrontDoor,
    DetectTrafficManager,
    VerifyAzureDns,
)
