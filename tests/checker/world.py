"""A model of everything that Evac acts on: regions, links, data stores, groups, the public name, and clients."""

from collections import Counter
from dataclasses import dataclass, field

from runbooks.kinds import KINDS
from runbooks.models import WITNESS, Runbook
from runbooks.steps import Verb
from runbooks.traffic import public_names
from tests.checker.stores import Server, Store

_WARM = 8
"""Writes before the run begins, one every half second."""


@dataclass(frozen=True)
class Finding:
    """Something that must never be. `excuse`: the acceptance by name that makes it a person's own choice."""

    rule: str
    sentence: str
    excuse: str = ""


@dataclass
class World:
    """The state behind the activities. Nothing in it waits: an effect is there at once, and then clients write."""

    book: Runbook
    source: str
    now: float
    lag: int = 0
    stores: dict[str, Store] = field(default_factory=dict)
    replicas: dict[tuple[str, str], int] = field(default_factory=dict)
    leads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    name_epoch: dict[str, int] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    cuts: set[frozenset[str]] = field(default_factory=set)
    """Pairs of places between which nothing passes."""
    verified: set[str] = field(default_factory=set)
    superseded: int = 0
    """A newer decision than the run's has been carried out, with this epoch."""
    kill_switch: str | None = None
    findings: list[Finding] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    """Every act that changed something, in order."""
    executed: Counter[str] = field(default_factory=Counter)
    writes: int = 0
    shape_before: dict[str, object] = field(default_factory=dict)
    began: float = 0.0

    def __post_init__(self) -> None:
        """Set up as the runbook declares it: the writer where the traffic is, everybody else follows."""
        shares = {name: region.traffic for name, region in self.book.regions.items()}
        home = max(shares, key=lambda name: shares[name])
        for name, resource in self.book.resources.items():
            kind = KINDS[resource.kind]
            if kind.holds_data:
                servers = {r: Server(r, upstream=None if r == home else home) for r in self.book.regions}
                servers[home].role = "primary"
                self.stores[name] = Store(name, resource.kind, servers, self.lag, home=home)
            elif Verb.SCALE in kind.verbs:
                for region in self.book.regions:
                    self.replicas[name, region] = resource.replicas.get(region, 1)
        for name in public_names(self.book):
            self.leads[name] = tuple(region for region, share in shares.items() if share)
            self.name_epoch[name] = 0
        self.locals = {region for region, share in shares.items() if share}
        end = self.now
        for n in range(_WARM):
            self.now = end - (_WARM - n) / 2
            self.tick()
        self.now = end

    def begin(self) -> None:
        """The run begins here: what it may have to bring back is remembered."""
        self.shape_before = self.shape()
        self.began = self.now

    def reaches(self, one: str, other: str) -> bool:
        """Does anything pass between the two places?"""
        return one == other or frozenset((one, other)) not in self.cuts

    def isolate(self, region: str) -> None:
        """Cut the region off from every other place; everything in it goes on."""
        self.cuts |= {frozenset((region, other)) for other in (*self.book.regions, WITNESS) if other != region}

    def seen_up(self, region: str) -> bool:
        """Somebody outside the region sees it alive."""
        others = (place for place in (*self.book.regions, WITNESS) if place != region)
        return region not in self.dead and any(self.reaches(place, region) for place in others)

    def up(self, store: str, region: str) -> bool:
        """The store's server there runs."""
        return region not in self.dead and self.stores[store].servers[region].powered

    def seen(self, store: str, region: str, place: str = WITNESS) -> bool:
        """It runs, and answers to that place."""
        return self.up(store, region) and self.reaches(place, region)

    def takes_writes(self, store: str, region: str) -> bool:
        """A client there would get its write acknowledged."""
        server = self.stores[store].servers[region]
        return self.up(store, region) and server.role == "primary" and not server.read_only

    def writer_for(self, store: str, region: str) -> str | None:
        """Where the services in that region write to: at home if they can."""
        places = [region, *(other for other in self.book.regions if other != region)]
        return next((p for p in places if self.takes_writes(store, p) and self.reaches(region, p)), None)

    def serves(self, region: str) -> bool:
        """Its groups have a replica each."""
        groups = [count for (_name, place), count in self.replicas.items() if place == region]
        return region not in self.dead and all(groups)

    def tick(self) -> None:
        """Clients write: those whom the public name leads, and those beside each server that once served."""
        for name, store in self.stores.items():
            public = [r for leads in self.leads.values() for r in leads if self.serves(r)]
            places = {self.writer_for(name, region) for region in public}
            places |= {region for region in self.locals if self.takes_writes(name, region)}
            for place in sorted(filter(None, places)):
                self.writes += 1
                store.write(place, self.writes, self.now)
            self.replicate(name)

    def replicate(self, name: str, behind: int | None = None) -> None:
        """Whoever follows and reaches its upstream gets what that has, but for the lag."""
        store = self.stores[name]
        for region, server in store.servers.items():
            if server.role == "standby" and self.streams(name, region):
                store.follow(region, store.lag if behind is None else behind)

    def streams(self, name: str, region: str) -> bool:
        """The standby is connected to its upstream."""
        upstream = self.stores[name].servers[region].upstream
        return (
            upstream is not None
            and self.up(name, region)
            and self.up(name, upstream)
            and self.reaches(region, upstream)
        )

    def shape(self) -> dict[str, object]:
        """What an abort before the point of no return must bring back."""
        servers = {f"{s.name} in {r}": server.shape() for s in self.stores.values() for r, server in s.servers.items()}
        groups = {f"{name} in {region}": count for (name, region), count in self.replicas.items()}
        return {**servers, **groups, **self.leads}

    def find(self, rule: str, sentence: str, excuse: str = "") -> None:
        """Keep what must never be; the same once."""
        finding = Finding(rule, sentence, excuse)
        if finding not in self.findings:
            self.findings.append(finding)

    def look_for_two_writers(self) -> None:
        """After every effect: at most one server of each store takes writes of clients."""
        for name in self.stores:
            found = [region for region in self.book.regions if self.takes_writes(name, region)]
            if len(found) > 1:
                self.find("two-writers", f"{name} takes writes in {' and '.join(found)}", f"unproved-fence:{name}")

    def look_at_the_traffic(self, name: str, gained: set[str]) -> None:
        """After a public name was led elsewhere: only to regions that were verified, serve, and can write."""
        for region in sorted(gained):
            for store in self.stores:
                if self.writer_for(store, region) is None:
                    self.find("traffic", f"{name} leads to {region}, from where {store} takes no writes", "verify")
            if not self.serves(region):
                self.find("traffic", f"{name} leads to {region}, where nothing serves", "verify")
            if region not in self.verified:
                self.find("traffic", f"{name} leads to {region}, which was not verified", "verify")
