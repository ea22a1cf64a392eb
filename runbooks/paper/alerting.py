"""Which alerts of other systems start what, and how that is decided."""

from runbooks.alert_rules import ANY, AlertMode, AlertRule
from runbooks.durations import duration
from runbooks.models import Runbook
from runbooks.paper.blocks import Code, Grid, Paragraph, Section

_MODES: dict[AlertMode, str] = {
    "propose": "at least one person must say yes, whatever the policy says; silence is a no",
    "approve": "as the policy of the procedure says",
    "automatic": "nobody is asked",
}


def alerting(book: Runbook) -> Section:
    """The section."""
    title = "Alerts that start something"
    if not book.triggers:
        return Section(title, (Paragraph("None: the runbook listens to no alerts."),))
    told = (
        "An alert is evidence, no proof: enough of it, for long enough, starts a run. A failover begins only when the "
        "vantage points see the region down, too. Every decision is kept with its reasons."
    )
    rows = tuple(_row(rule) for rule in book.triggers)
    head = ("Alerts of", "That match", "Region that is left", "Start a", "When", "Decided", "Once resolved")
    return Section(title, (Paragraph(told), Grid(head, rows)))


def _row(rule: AlertRule) -> tuple[str, ...]:
    names = [f"{named} is {region}" for named, region in rule.regions.items()]
    endpoints = "one endpoint fires" if rule.needs == 1 else f"{rule.needs} endpoints fire for the same region"
    lasting = f", for {duration(rule.dwell)}" if rule.dwell else ""
    return (
        "every source" if rule.alert == ANY else Code(rule.alert),
        "\n".join(f"{key}: {wanted}" for key, wanted in rule.match.items()),
        "\n".join([rule.source, *names]),
        rule.start,
        f"{endpoints}{lasting}",
        _MODES[rule.mode],
        "the run is stopped, if it still can be undone" if rule.on_resolved == "stop" else "the run goes on",
    )
