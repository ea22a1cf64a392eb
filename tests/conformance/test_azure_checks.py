"""What asks Azure itself: the whole suite, in a process of its own when there are several."""

from tests.conformance.looks import *  # noqa: F403

KINDS = ("azure_monitor", "azure_resource_health", "azure_service_health")
