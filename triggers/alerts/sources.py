"""Which reader understands which source."""

from collections.abc import Callable

from runbooks.alerts import Alert, AlertSource
from triggers.alerts import (
    alertmanager,
    aws_health,
    azure_monitor,
    datadog,
    eventbridge,
    generic,
    google_cloud,
    grafana,
    pagerduty,
    sns,
)
from triggers.alerts.received import Received

Reader = Callable[[Received], tuple[Alert, ...]]
"""Every alert in the body; none where it rightly holds none. Raises UnreadableError."""

READERS: dict[AlertSource, Reader] = {
    "alertmanager": alertmanager.read,
    "grafana": grafana.read,
    "sns": sns.read,
    "eventbridge": eventbridge.read,
    "aws-health": aws_health.read,
    "azure-monitor": azure_monitor.read,
    "google-cloud": google_cloud.read,
    "pagerduty": pagerduty.read,
    "datadog": datadog.read,
    "generic": generic.read,
}
