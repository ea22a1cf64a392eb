"""What alerts say of a runbook's regions. Pure: the door asks whom they concern, the workflow `alerts` weighs them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from runbooks.alert_rules import ANY, AlertRule
from runbooks.alerts import Alert, Begun, Evidence, Standing
from runbooks.models import Procedure, Runbook
from runbooks.values import UnixTime

PLACES = re.compile(r"\{([^{}]*)\}")
"""What `from` takes out of an alert."""

FORGOTTEN = 86400.0
"""Seconds after which an alert that nothing was heard of any more stands no longer: its end was lost."""

MOST = 300
"""So many alerts may stand at once; a storm of more says nothing new."""
_KEPT = 2000

MOST_ASKED = 6
"""So often it is asked for what nobody answers: after that only people start it, or other alerts."""
RAREST = 3600.0
"""The longest pause between two of these."""

_RESTRAINT = ("automatic", "approve", "propose")
_NAMED = 3


def concerns(runbook: Runbook, alert: Alert) -> bool:
    """One of the runbook's rules is about the alert, and about one of its regions."""
    return any(region_of(runbook, rule, alert) is not None for rule in runbook.triggers)


def region_of(runbook: Runbook, rule: AlertRule, alert: Alert) -> str | None:
    """The region that the alert is about by that rule; None when the rule does not match, or it is about none."""
    if not matches(rule, alert):
        return None
    named = named_by(rule, alert)
    region = rule.regions.get(named, named)
    return region if region in runbook.regions else None


def matches(rule: AlertRule, alert: Alert) -> bool:
    """The rule is about the alert, wherever that is. Once it no longer fires, its severity and title may be others."""
    if rule.alert not in (ANY, alert.source, endpoint(alert)):
        return False
    loose = () if alert.status == "firing" else ("severity", "title")
    return all(_fits(wanted, _value(alert, key)) for key, wanted in rule.match.items() if key not in loose)


def named_by(rule: AlertRule, alert: Alert) -> str:
    """What the alert calls the region, as `from` says where to find that; empty when it does not say."""
    return PLACES.sub(lambda found: _place(alert, found[1]), rule.source)


def endpoint(alert: Alert) -> str:
    """The endpoint that it came to: what counts as one source."""
    return f"{alert.source}/{alert.name}"


def id_of(alert: Alert) -> str:
    """What tells it from every other alert."""
    return f"{endpoint(alert)}/{alert.key}"


def heard(known: Evidence, alert: Alert, proof: str = "") -> Evidence:
    """What is known after that delivery. In whatever order they come, and however often, the newest event counts."""
    delivery = f"{id_of(alert)}/{alert.delivery}/{alert.status}"
    if delivery in known.seen:
        return known
    counted = {"seen": (*known.seen, delivery)[-_KEPT:], "counted": known.counted + 1}
    if alert.status == "firing":
        return known.model_copy(update={**counted, "standing": _fired(known, alert, proof)})
    if alert.status == "resolved":
        return known.model_copy(update={**counted, **_resolved(known, alert)})
    return known.model_copy(update=counted)


def aged(known: Evidence, now: UnixTime) -> Evidence:
    """Without what nothing was heard of for too long."""
    kept = {name: one for name, one in known.standing.items() if one.heard_at + FORGOTTEN > now}
    return known if len(kept) == len(known.standing) else known.model_copy(update={"standing": kept})


def still_of(runbook: Runbook, known: Evidence) -> Evidence:
    """Without what concerns that runbook no more: its text was changed."""
    kept = {name: one for name, one in known.standing.items() if concerns(runbook, one.alert)}
    return known.model_copy(update={"standing": kept})


def _fired(known: Evidence, alert: Alert, proof: str) -> dict[str, Standing]:
    name, standing = id_of(alert), known.standing
    before = standing.get(name)
    if alert.at <= known.settled.get(name, float("-inf")):
        return standing  # it comes late: its end is known already
    if before is None:
        new = Standing(alert=alert, since=alert.received_at, heard_at=alert.received_at, proof=proof)
        return standing if len(standing) >= MOST else {**standing, name: new}
    newer = alert if alert.at > before.alert.at else before.alert
    since, heard_at = min(before.since, alert.received_at), max(before.heard_at, alert.received_at)
    return {**standing, name: Standing(alert=newer, since=since, heard_at=heard_at, proof=proof or before.proof)}


def _resolved(known: Evidence, alert: Alert) -> dict[str, object]:
    name = id_of(alert)
    settled = {**known.settled, name: max(alert.at, known.settled.get(name, alert.at))}
    newest = sorted(settled, key=lambda one: settled[one])[-_KEPT:]
    standing = dict(known.standing)
    before = standing.get(name)
    if before is not None and before.alert.at <= alert.at:
        del standing[name]
    elif before is not None:  # it began anew after that end
        standing[name] = before.model_copy(update={"since": max(before.since, before.alert.received_at)})
    return {"settled": {one: settled[one] for one in newest}, "standing": standing}


@dataclass(frozen=True)
class Claim:
    """What alerts that stand want for one region, by one rule."""

    region: str
    rule: AlertRule
    alerts: tuple[Standing, ...]
    """Those of this rule, and of every other that starts the same there; the oldest first."""
    firing: Mapping[str, UnixTime]
    """The endpoints they came to, and since when each fires."""

    def same(self, other: "Claim") -> bool:
        """By the same rule and endpoints: alerts that are only repeated say nothing new."""
        return (self.region, self.rule, set(self.firing)) == (other.region, other.rule, set(other.firing))

    @property
    def since(self) -> UnixTime:
        """Since when so many fire."""
        return sorted(self.firing.values())[self.rule.needs - 1]

    @property
    def ready_at(self) -> UnixTime:
        """When they have fired for as long as the rule wants."""
        return self.since + self.rule.dwell

    @property
    def awaited(self) -> str | None:
        """What is missing for it to be acted on, but time; None when nothing is."""
        if len(self.firing) >= self.rule.needs:
            return None
        return f"{len(self.firing)} of the {self.rule.needs} endpoints needed fire for {self.region}: {self.said}"

    @property
    def start(self) -> Procedure:
        """What is to be started."""
        return Procedure(self.rule.start)

    @property
    def said(self) -> str:
        """What fires, in words: what each endpoint says, once."""
        said = list(dict.fromkeys(f"{endpoint(one.alert)} says {title(one.alert)}" for one in self.alerts))
        more = len(said) - _NAMED
        return "; ".join(said[:_NAMED]) + (f"; and {more} more" if more > 0 else "")

    @property
    def by(self) -> str:
        """Who asks: the endpoint that fires first."""
        return f"alert:{endpoint(self.alerts[0].alert)}"


def claims(runbook: Runbook, known: Evidence, region: str, now: UnixTime) -> tuple[Claim, ...]:
    """What is claimed for the region. What may be acted on comes first, then failovers, then what asks nobody."""
    found = []
    for start in dict.fromkeys(rule.start for rule in runbook.triggers):
        rules = [rule for rule in runbook.triggers if rule.start == start]
        about = [_about(runbook, rule, known, region) for rule in rules]
        alerts = tuple(sorted({id_of(one.alert): one for group in about for one in group}.values(), key=_age))
        firing: dict[str, UnixTime] = {}
        for one in alerts:
            firing.setdefault(endpoint(one.alert), one.since)
        found += [Claim(region, rule, alerts, firing) for rule, own in zip(rules, about, strict=True) if own]
    return tuple(sorted(found, key=lambda claim: _order(claim, now)))


def covered(claim: Claim, begun: Begun | None, now: UnixTime) -> bool:
    """What it wants was asked for already, or what goes further: a failover before a switchover, fewer questions."""
    if begun is None or (begun.again_at is not None and now >= begun.again_at):
        return False
    if begun.start != claim.start:
        return begun.start == Procedure.FAILOVER
    return _RESTRAINT.index(begun.mode) <= _RESTRAINT.index(claim.rule.mode)


def unanswered(begun: Begun, now: UnixTime, patience: float) -> Begun | None:
    """When it is asked for again, ever more rarely; None: it was asked for often enough."""
    if begun.asked >= MOST_ASKED:
        return None
    pause = min(patience * 2 ** (begun.asked - 1), RAREST)
    return begun.model_copy(update={"again_at": now + pause, "run": ""})


def begun_by(claim: Claim, before: Begun | None) -> Begun:
    """What is begun by the claim. One that joins the run of a milder one adds to it: both must want it stopped."""
    asked = 1
    if before is not None and before.again_at is not None:  # its run has ended
        asked, before = before.asked + 1, None
    own = before if before is not None and before.start == claim.start else None
    stop = claim.rule.on_resolved == "stop" and (own is None or own.stop)
    run = own.run if own else ""
    return Begun(start=claim.start, mode=claim.rule.mode, run=run, stop=stop, by=claim.by, asked=asked)


def title(alert: Alert) -> str:
    """What it says, in a few words."""
    return alert.title or alert.labels.get("alertname", "") or alert.key


def _about(runbook: Runbook, rule: AlertRule, known: Evidence, region: str) -> list[Standing]:
    return [one for one in known.standing.values() if region_of(runbook, rule, one.alert) == region]


def _age(one: Standing) -> tuple[UnixTime, str]:
    return one.since, id_of(one.alert)


def _order(claim: Claim, now: UnixTime) -> tuple[bool, bool, bool, int]:
    few = claim.awaited is not None
    waits = few or now < claim.ready_at
    return waits, few, claim.start != Procedure.FAILOVER, _RESTRAINT.index(claim.rule.mode)


def _value(alert: Alert, key: str) -> str:
    own = {"severity": alert.severity, "title": alert.title, "region": alert.region}.get(key, "")
    return own or alert.labels.get(key, "")


def _place(alert: Alert, name: str) -> str:
    label = name.removeprefix("labels.")
    return _value(alert, name) if label == name else alert.labels.get(label, "")


def _fits(wanted: str, value: str) -> bool:
    if wanted.startswith("~"):
        return re.fullmatch(wanted[1:], value) is not None
    return wanted == value
