"""Random systems and random sights of them, for properties of the planner."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from runbooks.candidates import standby_name
from runbooks.check import check
from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.planner import Request
from runbooks.probes import PUBLIC
from runbooks.safety import ACCEPTABLE
from runbooks.steps import Reading

NOW = 1_000_000.0
MAX_AGE = 15.0
FRESH = (0.0, 0.5, 3.0, 14.9)
STALE = (15.1, 60.0, 86_400.0)
STORES: dict[str, dict[str, str]] = {
    "postgres": {"host": "{}", "application_name": "{}"},
    "valkey": {"host": "{}"},
    "nats": {"host": "{}", "domain": "{}", "stream": "{}"},
}
"""What a region's settings say, by kind of data store."""
NAMES = ("us-east-1", "eu-west-1", "ap-south-1", "sa-east-1", "af-south-1")


@dataclass(frozen=True)
class Situation:
    """What the planner is asked, and what was seen."""

    runbook: Runbook
    request: Request
    facts: Facts

    @property
    def data(self) -> list[str]:
        """The resources that hold data."""
        return [name for name, resource in self.runbook.resources.items() if KINDS[resource.kind].holds_data]


@st.composite
def shares(draw: st.DrawFn, count: int) -> list[int]:
    """Whole percentages above 0 that add up to 100."""
    cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=count - 1, max_size=count - 1, unique=True)))
    return [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]


@st.composite
def runbooks(draw: st.DrawFn) -> Runbook:
    """Two to five regions, active-passive or active-active, with data, groups, public names, checks and own steps."""
    regions = draw(st.permutations(NAMES))[: draw(st.integers(2, 5))]
    active = 1 if draw(st.booleans()) else draw(st.integers(1, len(regions)))
    traffic = [*draw(shares(active)), *[0] * (len(regions) - active)]
    resources: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 4))):
        resources[f"db{number}"] = _database(draw, f"db{number}", regions, list(resources))
    for number in range(draw(st.integers(0, 2))):
        resources[f"web{number}"] = _group(
            draw, f"web{number}", dict(zip(regions, traffic, strict=True)), list(resources)
        )
    for number in range(draw(st.integers(0, 2))):
        resources[f"name{number}"] = _name(f"name{number}", regions, list(resources))
    ordered = draw(st.permutations(list(resources)))
    built = Runbook.model_validate(
        {
            "evac": 1,
            "name": "system",
            "objectives": {"rto": 300, "rpo": draw(st.sampled_from([0, 1, 10, 3600]))},
            "regions": {
                name: {"role": "active" if share else "standby", "traffic": share}
                for name, share in zip(regions, traffic, strict=True)
            },
            "resources": {name: resources[name] for name in ordered},
            "checks": _checks(draw, resources),
            "steps": _steps(draw, resources),
            "policy": {
                "failover": {
                    "accept": draw(accepted(list(resources))),
                    "cut_over": draw(st.sampled_from(["when-scaled", "while-scaling"])),
                }
            },
        }
    )
    assert check(built) == ()
    return built


def _needs(draw: st.DrawFn, earlier: list[str]) -> list[str]:
    return draw(st.lists(st.sampled_from(earlier), unique=True, max_size=3)) if earlier else []


def _database(draw: st.DrawFn, name: str, regions: list[str], earlier: list[str]) -> dict[str, Any]:
    kind = draw(st.sampled_from([kind for kind in STORES if kind in KINDS]))
    common: dict[str, Any] = {"power": "http://power"} if draw(st.booleans()) else {}
    common |= {"subjects": ["orders.>"]} if kind == "nats" else {}
    told = STORES[kind].items()
    settings = {region: {key: text.format(f"{name}-{region}") for key, text in told} for region in regions}
    return {"kind": kind, "common": common, "settings": settings, "needs": _needs(draw, earlier)}


def _group(draw: st.DrawFn, name: str, traffic: dict[str, int], earlier: list[str]) -> dict[str, Any]:
    replicas = {region: draw(st.integers(1 if share else 0, 12)) for region, share in traffic.items()}
    settings = {region: {"agent": f"http://{name}.{region}"} for region in traffic}
    return {"kind": "process", "replicas": replicas, "settings": settings, "needs": _needs(draw, earlier)}


def _name(name: str, regions: list[str], earlier: list[str]) -> dict[str, Any]:
    common = {
        "zone": "z.",
        "name": f"{name}.z.",
        "servers": ["192.0.2.53:53"],
        "key_name": "k.",
        "key_secret": "env://K",
    }
    settings = {region: {"address": f"192.0.2.{NAMES.index(region) + 1}"} for region in regions}
    return {"kind": "rfc2136", "common": common, "settings": settings, "needs": earlier[:1]}


def _checks(draw: st.DrawFn, resources: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"kind": "http", "url": "http://{region}/healthz"}]
    for name, resource in resources.items():
        if resource["kind"] == "postgres":
            found += [{"kind": kind, "resource": name} for kind in ("sql", "postgres") if draw(st.booleans())]
        if resource["kind"] == "rfc2136" and draw(st.booleans()):
            public = {"through": "public", "use": ["verify"], "resolve": name}
            found += [{"kind": "dns", "resource": name}, {"kind": "http", "url": "http://all/", **public}]
    return found


def _steps(draw: st.DrawFn, resources: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {resource["kind"] for resource in resources.values()}
    verbs = ["fence", "promote", "verify", "catch_up", "reseed"]
    verbs += ["scale"] if "process" in kinds else []
    verbs += ["cut_over"] if "rfc2136" in kinds else []
    hung = draw(st.lists(st.tuples(st.sampled_from(["after", "before"]), st.sampled_from(verbs)), max_size=3))
    own = {"uses": "notify.log", "settings": {"text": "now"}}
    return [{"name": f"own{n}", where: verb, **own} for n, (where, verb) in enumerate(hung)]


def accepted(resources: list[str]) -> st.SearchStrategy[list[str]]:
    """Some names of what may be accepted."""
    names = [f"{what}:{name}" for what in ACCEPTABLE for name in resources]
    return st.lists(st.sampled_from(names), unique=True, max_size=3)


@st.composite
def situations(draw: st.DrawFn, ages: tuple[float, ...] = (*FRESH, *STALE)) -> Situation:
    """A system, a question that makes sense, and readings: all well apart from the region being left, or anything."""
    runbook = draw(runbooks())
    regions = list(runbook.regions)
    serving = [region for region in regions if runbook.regions[region].traffic]
    source = draw(st.sampled_from(serving * 3 + regions))
    target = draw(st.one_of(st.none(), st.sampled_from([region for region in regions if region != source])))
    accept = draw(accepted(list(runbook.resources)))
    eye = _Eye(draw, runbook, source, ages, calm=draw(st.booleans()))
    for name, resource in runbook.resources.items():
        if KINDS[resource.kind].holds_data:
            eye.see_database(name)
        elif resource.kind == "process":
            for region in regions:
                eye.see(name, region, {"desired": 1, "ready": draw(st.integers(0, 1))})
        else:
            eye.see_name(name)
    facts = Facts(
        at=NOW,
        readings=tuple(eye.readings),
        history=tuple(eye.history),
        fault_at=draw(st.one_of(st.none(), st.just(NOW - 4.0))),
        max_age=MAX_AGE,
    )
    return Situation(runbook, Request(source=source, target=target, accept=tuple(accept)), facts)


class _Eye:
    """Looks at a system. When `calm`, everything outside the source is seen, healthy, and hardly behind."""

    def __init__(self, draw: st.DrawFn, runbook: Runbook, source: str, ages: tuple[float, ...], *, calm: bool) -> None:
        self.draw = draw
        self.runbook = runbook
        self.source = source
        self.ages = tuple(age for age in ages if age <= MAX_AGE) or ages if calm else ages
        self.calm = calm
        self.readings: list[Reading] = []
        self.history: list[Reading] = []

    def see(self, name: str, region: str, values: dict[str, Any]) -> None:
        """One look, which may find nothing."""
        well = ["healthy"] if self.calm and region != self.source else ["healthy"] * 4 + ["unhealthy", "unknown"]
        state = self.draw(st.sampled_from(well))
        kept = values if state == "healthy" else {}
        when = NOW - self.draw(st.sampled_from(self.ages))
        given = {"resource": name, "region": region, "state": state, "reason": state, "values": kept}
        self.readings.append(Reading.model_validate({**given, "observed_at": when}))

    def see_name(self, name: str) -> None:
        """Where a public name leads: as declared, or anywhere."""
        led = [region for region, declared in self.runbook.regions.items() if declared.traffic]
        if not self.calm and self.draw(st.booleans()):
            led = self.draw(st.lists(st.sampled_from(list(self.runbook.regions)), unique=True))
        self.see(name, PUBLIC, {"regions": led, "addresses": led, "ttl": 5})

    def see_database(self, name: str) -> None:
        """One writer, mostly in the source, its standbys behind it, and what was seen of it before the fault."""
        regions = list(self.runbook.regions)
        others = [] if self.calm else regions
        writer = self.draw(st.sampled_from([self.source] * 3 + others))
        standbys = {
            standby_name(self.runbook, name, region): self._standby_as_seen()
            for region in regions
            if region != writer and (self.calm or self.draw(st.booleans()))
        }
        primary = {"role": "primary", "position": 10_000, "synchronous": self.draw(st.booleans()), "standbys": standbys}
        for region in regions:
            if self.calm or self.draw(st.integers(0, 5)):
                self.see(name, region, primary if region == writer else self._standby())
        if self.calm or self.draw(st.booleans()):
            when = NOW - self.draw(st.sampled_from([4.5] if self.calm else [4.5, 9.0, 30.0]))
            seen = {"resource": name, "region": writer, "state": "healthy", "reason": "primary", "values": primary}
            self.history.append(Reading.model_validate({**seen, "observed_at": when}))

    def see_store(self, name: str, writer: str) -> None:
        """A writer; each other server follows it, or is a former primary, fenced or not, or is not seen."""
        others = [region for region in self.runbook.regions if region != writer]
        follows = [region for region in others if self.draw(st.integers(0, 2))]
        standbys = {standby_name(self.runbook, name, region): self._standby_as_seen() for region in follows}
        self.see(name, writer, {"role": "primary", "position": 10_000, "transactions": 7, "standbys": standbys})
        for region in others:
            if region in follows:
                self.see(name, region, {**self._standby(), "streaming": True, "transactions": 5})
            elif self.draw(st.integers(0, 3)):
                fenced = self.calm or self.draw(st.booleans())
                self.see(name, region, {"role": "primary", "position": 9_000, "read_only": fenced})

    def _standby_as_seen(self) -> dict[str, Any]:
        return {
            "state": "streaming",
            "sync_state": self.draw(st.sampled_from(["async", "sync"])),
            "lag_bytes": self.draw(st.sampled_from([0, 64])),
        }

    def _standby(self) -> dict[str, Any]:
        behind = self.draw(st.sampled_from([0, 0, 1, 64, 4096]))
        seconds = self.draw(st.one_of(st.none(), st.floats(0, 5 if self.calm else 5000)))
        streaming = self.draw(st.booleans())
        return {
            "role": "standby",
            "position": 10_000 - behind,
            "last_commit_at": None if seconds is None else NOW - seconds,
            "streaming": streaming,
            "lag_bytes": behind if streaming else None,
        }


@st.composite
def anything(draw: st.DrawFn) -> Situation:
    """A system in any state: somebody serves, somebody writes (perhaps two), and some have not come back yet."""
    runbook = draw(runbooks())
    regions = list(runbook.regions)
    source = draw(st.sampled_from(regions))
    target = draw(st.one_of(st.none(), st.sampled_from([region for region in regions if region != source])))
    eye = _Eye(draw, runbook, source, FRESH, calm=draw(st.booleans()))
    for name, resource in runbook.resources.items():
        if KINDS[resource.kind].holds_data:
            eye.see_store(name, draw(st.sampled_from([source, source, *regions])))
        elif resource.kind == "process":
            for region in regions:
                eye.see(name, region, {"desired": draw(st.integers(0, 20)), "ready": draw(st.integers(0, 1))})
        else:
            led = draw(st.lists(st.sampled_from(regions), unique=True, min_size=1))
            eye.see(name, PUBLIC, {"regions": led, "addresses": led, "ttl": 5})
    accept = draw(accepted(list(runbook.resources)))
    facts = Facts(at=NOW, readings=tuple(eye.readings), max_age=MAX_AGE)
    return Situation(runbook, Request(source=source, target=target, accept=tuple(accept)), facts)
