"""What leads clients on Azure: the whole suite, in a process of its own when there are several."""

from tests.conformance.acts import *  # noqa: F403
from tests.conformance.looks import *  # noqa: F403

KINDS = ("azure_dns", "front_door", "traffic_manager")
