"""The lab's own services, names and steps: the whole suite, in a process of its own when there are several."""

from tests.conformance.acts import *  # noqa: F403
from tests.conformance.looks import *  # noqa: F403

KINDS = ("apprise", "command", "dns", "http", "inference", "log", "process", "rfc2136", "slack", "tcp")
