"""What alerts say of a runbook's regions. Pure: the door asks whom they concern, the workflow `alerts` weighs them."""

import re

from runbooks.alert_rules import ANY, AlertRule
from runbooks.alerts import Alert
from runbooks.models import Runbook

PLACES = re.compile(r"\{([^{}]*)\}")
"""What `from` takes out of an alert."""


def concerns(runbook: Runbook, alert: Alert) -> bool:
    """One of the runbook's rules is about the alert, and about one of its regions."""
    return any(region_of(runbook, rule, alert) is not None for rule in runbook.triggers)


def region_of(runbook: Runbook, rule: AlertRule, alert: Alert) -> str | None:
    """The region that the alert is about by that rule; None when the rule does not match, or it is about none."""
    if not matches(rule, alert):
        return None
    named = words_for(rule, alert)
    region = rule.regions.get(named, named)
    return region if region in runbook.regions else None


def matches(rule: AlertRule, alert: Alert) -> bool:
    """The rule is about the alert, wherever that is. Once it no longer fires, its severity and title may be others."""
    if rule.alert not in (ANY, alert.source, endpoint(alert)):
        return False
    loose = () if alert.status == "firing" else ("severity", "title")
    return all(_fits(wanted, _value(alert, key)) for key, wanted in rule.match.items() if key not in loose)


def words_for(rule: AlertRule, alert: Alert) -> str:
    """What the alert calls the region, as `from` says where to find that; empty when it does not say."""
    return PLACES.sub(lambda found: _value(alert, found[1].removeprefix("labels.")), rule.source)


def endpoint(alert: Alert) -> str:
    """The endpoint that it came to: what counts as one source."""
    return f"{alert.source}/{alert.name}"


def _value(alert: Alert, key: str) -> str:
    own = {"severity": alert.severity, "title": alert.title, "region": alert.region}.get(key, "")
    return own or alert.labels.get(key, "")


def _fits(wanted: str, value: str) -> bool:
    if wanted.startswith("~"):
        return re.fullmatch(wanted[1:], value) is not None
    return wanted == value
