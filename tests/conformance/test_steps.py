"""Steps of a runbook"s own, and Terraform: the whole suite, in a process of its own when there are several."""

from tests.conformance.acts import *  # noqa: F403
from tests.conformance.looks import *  # noqa: F403

KINDS = ("region_switch", "ssm_automation", "ssm_command", "step_functions", "terraform", "terraform_drift")
