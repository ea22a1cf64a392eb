"""Technologies that work on Kubernetes, on whatever cloud."""

from typing import Any

from activities.contract import Technology
from activities.detect.kubernetes import DetectKubernetes
from activities.scale.kubernetes import ScaleKubernetes

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (DetectKubernetes, ScaleKubernetes)
