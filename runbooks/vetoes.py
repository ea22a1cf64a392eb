"""What keeps the detector from starting a failover although a quorum calls the region down.

Each veto looks at one immutable snapshot and answers with a sentence, or None. Pure: `activities/weighing.py` adds
what has to be asked at that moment. A person who asks for a failover is asked none of this.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from runbooks.detection import Words, broken, one_alone, words
from runbooks.durations import duration
from runbooks.models import Runbook, Veto
from runbooks.objection import Objection
from runbooks.run_calls import GateAnswer
from runbooks.runs import Verdict
from runbooks.steps import Reading
from runbooks.values import Model, UnixTime
from runbooks.windows import known_zone, open_window

_LOOK_AGAIN = 15.0
_RARER = 10
"""What ends without a sign (a deployment, a kill switch) is asked about again, the rarer the longer it lasts."""

_SETTLES = 1.0
"""Seconds that the vantage points have beyond their rule to say whether what one look saw is so."""


class Snapshot(Model):
    """Everything that the vetoes judge by. `since`: a quorum has called the region down from then on."""

    runbook: Runbook
    region: str
    verdicts: tuple[Verdict, ...]
    at: UnixTime
    since: UnixTime
    gate: GateAnswer = GateAnswer()
    deploying: Reading | None = None
    """What the question whether a deployment is in progress was answered, if there is one."""
    looks: tuple[Verdict, ...] = ()
    """One look at every other region at the moment of decision: a common cause reaches it a moment later, perhaps."""

    @property
    def words(self) -> Words:
        """What is said of the region."""
        return words(self.runbook, self.verdicts, self.region)

    @property
    def again(self) -> UnixTime:
        """When to ask again about what ends without a sign."""
        return self.at + max(_LOOK_AGAIN, (self.at - self.since) / _RARER)


def same_symptom(seen: Snapshot) -> Objection | None:
    """Every other region fails in the same way: a common cause, which a failover would not leave behind."""
    others = [region for region in seen.runbook.regions if region != seen.region]
    settled = {region: names for region in others if (names := _shared_symptom(seen, region)) is not None}
    glimpsed = {region: names for region in others if (names := _glimpse(seen, region)) is not None}
    alike = {**glimpsed, **settled}
    if len(alike) < len(others):
        return None
    shown = " and ".join(f"{region} ({alike[region]})" for region in others)
    rule = seen.runbook.detect
    soon = None if len(settled) == len(others) else seen.at + rule.interval * rule.failures + _SETTLES
    sentence = f"the same fails in {shown}: a failover would not leave it behind"
    return Objection(veto="same-symptom", sentence=sentence, until=soon)


def one_vantage(seen: Snapshot) -> Objection | None:
    """Where one word makes a quorum, it is not enough against others who see the region healthy."""
    sentence = one_alone(seen.words)
    return None if sentence is None else Objection(veto="one-vantage", sentence=sentence)


def broken_probe(seen: Snapshot) -> Objection | None:
    """Without the words of broken probes there is no quorum any more."""
    deaf = {v: why for v, why in broken(seen.runbook, seen.verdicts).items() if v in seen.words.seen_by}
    left = words(seen.runbook, seen.verdicts, seen.region, deaf)
    if not deaf or left.down:
        return None
    who = "; ".join(f"the word of {vantage} does not count: it {why}" for vantage, why in deaf.items())
    return Objection(veto="broken-probe", sentence=f"{who}. Without that, {left.count}")


def deploy(seen: Snapshot) -> Objection | None:
    """A deployment is in progress: the fault is most likely its own."""
    if seen.deploying is None or seen.deploying.state != "healthy":
        return None
    sentence = f"a deployment is in progress: {seen.deploying.reason.rstrip('.')}"
    return Objection(veto="deploy", sentence=sentence, until=seen.again)


def maintenance(seen: Snapshot) -> Objection | None:
    """A maintenance window is open. One whose time zone is not known here counts as open."""
    strange = [w.timezone for w in seen.runbook.maintenance if not known_zone(w.timezone)]
    if strange:
        sentence = f"the maintenance windows cannot be read: this machine knows no time zone {strange[0]}"
        return Objection(veto="maintenance", sentence=sentence, until=seen.again)
    found = open_window(seen.runbook.maintenance, seen.at)
    if found is None:
        return None
    window, closes = found
    why = f" ({window.reason})" if window.reason else ""
    return Objection(veto="maintenance", sentence=f"maintenance{why} until {_clock(closes)}", until=closes)


def cool_down(seen: Snapshot) -> Objection | None:
    """The last run changed something, and it is too early for another."""
    ended, rule = seen.gate.last_ended_at, seen.runbook.policy.cool_down
    if ended is None or not seen.gate.last_changed or seen.at >= ended + rule:
        return None
    sentence = f"the last run ended at {_clock(ended)}, and for {duration(rule)} after it nothing begins by itself"
    return Objection(veto="cool-down", sentence=sentence, until=ended + rule)


VETOES: dict[Veto, Callable[[Snapshot], Objection | None]] = {
    "same-symptom": same_symptom,
    "one-vantage": one_vantage,
    "broken-probe": broken_probe,
    "deploy": deploy,
    "maintenance": maintenance,
    "cool-down": cool_down,
}


def objections(seen: Snapshot) -> tuple[Objection, ...]:
    """Everything that stands against a failover now. The kill switch does, whatever vetoes the runbook wants."""
    found = [VETOES[veto](seen) for veto in seen.runbook.detect.vetoes]
    if seen.gate.kill_switch is not None:
        found.insert(0, Objection(veto="kill-switch", sentence=seen.gate.kill_switch, until=seen.again))
    return tuple(objection for objection in found if objection is not None)


def _shared_symptom(seen: Snapshot, region: str) -> str | None:
    """Which failing checks the region shares with the suspected one, as seen by at least half of those who can tell.

    A vantage point that alone sees everything down tells of itself, so it is not asked.
    """
    sees_something = {v.vantage for v in seen.verdicts if v.state == "healthy"}
    deaf = broken(seen.runbook, seen.verdicts) if sees_something else {}
    there = words(seen.runbook, seen.verdicts, region, deaf)
    failing = {name for verdict in seen.words.bad for name in verdict.failing}
    alike = [v for v in there.bad if not failing or not v.failing or failing & set(v.failing)]
    if not alike or len(alike) < len(there.good):
        return None
    names = sorted(failing & {name for verdict in alike for name in verdict.failing})
    return ", ".join(names) or alike[0].reason


def _glimpse(seen: Snapshot, region: str) -> str | None:
    """Which failing checks one look at the region has just found, too. One look alone may be a flicker."""
    failing = {name for verdict in seen.words.bad for name in verdict.failing}
    now = {name for look in seen.looks if look.region == region for name in look.failing}
    return ", ".join(sorted(failing & now)) or None


def _clock(at: UnixTime) -> str:
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")
