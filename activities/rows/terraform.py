"""Terraform's technologies."""

from typing import Any

from activities.contract import Technology
from activities.detect.terraform import DetectTerraform
from activities.detect.terraform_drift import DetectTerraformDrift
from activities.run.terraform import RunTerraform
from activities.scale.terraform import ScaleTerraform

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    DetectTerraform,
    DetectTerraformDrift,
    RunTerraform,
    ScaleTerraform,
)
