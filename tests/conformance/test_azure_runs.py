"""A runbook's own steps on Azure: the whole suite, in a process of its own when there are several."""

from tests.conformance.acts import *  # noqa: F403

KINDS = ("azure_automation", "site_recovery")
