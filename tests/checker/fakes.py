"""The activities' twins in the model: each does to the world what the real one does, and answers alike."""

from collections.abc import Callable, Mapping

from pydantic import JsonValue
from temporalio.exceptions import ApplicationError

from activities.planning import answer
from runbooks.kind import known_as
from runbooks.kinds import KINDS
from runbooks.models import WITNESS
from runbooks.probes import PUBLIC
from runbooks.reports import PublicCall, PublicReport
from runbooks.run_calls import PlanAnswer, PlanCall, WritersCall, WritersReport
from runbooks.runs import Verdict
from runbooks.steps import ErrorType, Reading, StepCall, StepResult, Verb
from runbooks.watches import WatchCall, WatchReport
from tests.checker.stores import UNIT, Server, Store
from tests.checker.world import World


def failure(kind: ErrorType, sentence: str) -> ApplicationError:
    """As the contract raises it."""
    return ApplicationError(sentence, type=kind, non_retryable=False)


class Fakes:
    """One world's activities. A test breaks one by overriding it."""

    def __init__(self, world: World) -> None:
        self.world = world

    def perform(self, name: str, call: StepCall) -> StepResult:
        """Do what the activity of that name does: the act, its read-only twin, or its undoing."""
        verb, _, rest = name.partition(".")
        twin = rest.partition(".")[2]
        act: Callable[[StepCall], StepResult] = getattr(self, f"undo_{verb}" if twin == "undo" else verb)
        if twin == "check":
            return self.check(call)
        if Verb(verb) in {Verb.DETECT, Verb.NOTIFY}:
            return act(call)
        self._not_stale(call)
        self.world.executed[name] += 1
        kept = self._kept(call)
        result = act(call)
        if result.changed:
            self.world.changes.append(call.step)
            if kept is not None and call.epoch < self.world.superseded:
                self.world.find("stale-epoch", f"{call.step} changed something after a newer decision")
        return result

    def plan(self, call: PlanCall) -> PlanAnswer:
        """The real planner's answer."""
        return answer(call)

    # --- looking

    def reading(self, resource: str, region: str, place: str = WITNESS) -> Reading:
        """One resource in one region, as seen from a place."""
        world = self.world
        values: dict[str, JsonValue] | None
        if resource in world.stores:
            values = self._data_values(world.stores[resource], region) if world.seen(resource, region, place) else None
        elif region == PUBLIC:
            values = {"regions": list(world.leads[resource]), "addresses": [], "ttl": 1}
        else:
            there = world.replicas[resource, region]
            seen = region not in world.dead and world.reaches(place, region)
            values = {"desired": there, "ready": there} if seen else None
        return Reading(
            resource=resource,
            region=region,
            state="unknown" if values is None else "healthy",
            reason="no answer" if values is None else "",
            values=values or {},
            observed_at=world.now,
        )

    def _data_values(self, store: Store, region: str) -> dict[str, JsonValue]:
        world, server = self.world, store.servers[region]
        settings = {r: world.book.settings_of(store.name, r) for r in store.servers}
        standbys: dict[str, JsonValue] = {
            known_as(KINDS[store.kind], settings[r]): {
                "state": "streaming",
                "sync_state": "async",
                "lag_bytes": UNIT * (len(server.log) - len(other.log)),
            }
            for r, other in store.servers.items()
            if other.role == "standby" and other.upstream == region and world.streams(store.name, r)
        }
        newest = max((store.answers[n].at for n in server.log if n in store.answers), default=None)
        return {
            "role": server.role,
            "timeline": server.timeline,
            "position": UNIT * len(server.log),
            "streaming": server.role == "standby" and world.streams(store.name, region),
            "lag_bytes": 0 if server.role == "standby" else None,
            "last_commit_at": newest if server.role == "standby" else None,
            "read_only": server.read_only,
            "transactions": len(server.log),
            "epoch": server.epoch,
            "standbys": standbys if server.role == "primary" else {},
        }

    def detect(self, call: StepCall) -> StepResult:
        """A reading."""
        reading = self.reading(call.resource, call.region)
        return StepResult(changed=False, reason="looked", reading=reading, observed_at=self.world.now)

    def verdicts(self, call: WatchCall) -> WatchReport:
        """What one vantage point says of every region."""
        world = self.world

        def verdict(region: str) -> Verdict:
            good = region not in world.dead and world.reaches(call.vantage, region)
            return Verdict(
                vantage=call.vantage,
                region=region,
                state="healthy" if good else "unhealthy",
                reason="answers" if good else "no answer",
                at=world.now,
                first_bad_at=None if good else world.now,
            )

        return WatchReport(verdicts=tuple(verdict(region) for region in call.runbook.regions))

    def writers(self, call: WritersCall) -> WritersReport:
        """Who takes writes, as one vantage point sees it."""
        regions = self.world.book.regions
        readings = tuple(self.reading(name, region, call.vantage) for name in call.resources for region in regions)
        return WritersReport(vantage=call.vantage, readings=readings)

    def public(self, call: PublicCall) -> PublicReport:
        """The public checks, as seen from one vantage point."""

        def seen(one: StepCall) -> StepResult:
            try:
                return self.verify(one)
            except ApplicationError as error:
                return StepResult(changed=False, proved=False, reason=error.message)

        return PublicReport(vantage=call.vantage, results=tuple(seen(one) for one in call.calls))

    def check(self, call: StepCall) -> StepResult:
        """Could it be done now? Never an error."""
        world, why = self.world, None
        if call.resource in world.stores and not world.seen(call.resource, call.region):
            powered = call.uses.startswith("fence.") and "power" in call.settings
            why = None if powered else f"{call.resource} in {call.region} does not answer"
        elif (call.resource, call.region) in world.replicas and not world.reaches(WITNESS, call.region):
            why = f"{call.resource} in {call.region} does not answer"
        return StepResult(changed=False, proved=why is None, reason=why or "It could be done now.")

    # --- acting

    def fence(self, call: StepCall) -> StepResult:
        """Read-only where it answers; switched off where it does not, if somebody can."""
        world, server = self.world, self._server(call)
        before: dict[str, JsonValue] = {"read_only": server.read_only, "powered": server.powered}
        if world.seen(call.resource, call.region):
            server.epoch = call.epoch
            if server.role != "primary" or server.read_only:
                return StepResult(changed=False, reason="It takes no writes already", before=before)
            server.read_only = True
            world.verified.discard(call.region)
            return StepResult(changed=True, reason="It takes no more writes", before=before)
        if not server.powered:
            return StepResult(changed=False, reason="It is switched off already", before=before)
        if "power" not in call.settings:
            return StepResult(changed=False, proved=False, reason="It does not answer, nothing can switch it off")
        server.powered, server.epoch = False, call.epoch
        return StepResult(changed=True, reason="It is switched off", before=before)

    def undo_fence(self, call: StepCall) -> StepResult:
        """It takes writes again, if it did before."""
        world, server = self.world, self._server(call)
        was = (bool(call.before.get("read_only")), bool(call.before.get("powered", True)))
        changed = was != (server.read_only, server.powered)
        if server.powered and not world.seen(call.resource, call.region):
            raise failure(ErrorType.UNREACHABLE, f"{call.resource} in {call.region} does not answer")
        server.read_only, server.powered = was
        return StepResult(changed=changed, reason="It takes writes again" if changed else "It is as it was")

    def catch_up(self, call: StepCall) -> StepResult:
        """Wait until the standby has everything that its upstream has."""
        world, store = self.world, self.world.stores[call.resource]
        upstream = self._upstream(call)
        self._must_answer(call)
        mine, theirs = store.servers[call.region], store.servers[upstream]
        if mine.role == "primary":
            return StepResult(changed=False, reason="It has taken over already")
        if not world.seen(call.resource, upstream) or not world.streams(call.resource, call.region):
            raise failure(ErrorType.NOT_YET, f"{call.region} does not get what {upstream} has")
        behind = len(theirs.log) - len(mine.log)
        world.replicate(call.resource, behind=0)
        return StepResult(changed=False, reason=f"It has everything ({behind} came)")

    def promote(self, call: StepCall) -> StepResult:
        """Make it the primary; with an upstream, only when it has everything of it."""
        store, server = self.world.stores[call.resource], self._server(call)
        self._must_answer(call)
        if server.role == "primary" and not server.read_only:
            return StepResult(changed=False, reason="It is the primary already")
        if "upstream" in call.settings:
            theirs = store.servers[self._upstream(call)]
            if not self.world.seen(call.resource, theirs.region) or theirs.log != server.log:
                raise failure(ErrorType.WRONG_STATE, f"{call.region} is not known to have everything")
        server.role, server.read_only, server.upstream = "primary", False, None
        server.timeline, server.epoch = server.timeline + 1, call.epoch
        store.promoted.append(call.region)
        return StepResult(changed=True, reason="It is the primary")

    def scale(self, call: StepCall) -> StepResult:
        """Let the group have that many replicas."""
        key, wanted = (call.resource, call.region), int(str(call.settings["replicas"]))
        if call.region in self.world.dead or not self.world.reaches(WITNESS, call.region):
            raise failure(ErrorType.UNREACHABLE, f"{call.resource} in {call.region} does not answer")
        before = self.world.replicas[key]
        if not call.settings.get("down"):
            wanted = max(wanted, before)
        self.world.replicas[key] = wanted
        changed = before != wanted
        return StepResult(changed=changed, reason=f"{wanted} replicas", before={"replicas": before})

    def undo_scale(self, call: StepCall) -> StepResult:
        """As large as it was."""
        if "replicas" not in call.before:
            return StepResult(changed=False, reason="What it was before is not known: it stays as it is")
        settings: dict[str, JsonValue] = {"replicas": call.before["replicas"], "down": True}
        return self.scale(call.model_copy(update={"settings": settings}))

    def cut_over(self, call: StepCall) -> StepResult:
        """Lead the name to the regions that have a weight; compare and set."""
        weights = call.settings["weights"]
        assert isinstance(weights, dict)
        wanted = tuple(region for region, weight in weights.items() if weight)
        if not wanted:
            raise failure(ErrorType.WRONG_STATE, "a name must lead somewhere")
        return self._lead(call, wanted)

    def undo_cut_over(self, call: StepCall) -> StepResult:
        """Lead it where it led before."""
        before = call.before.get("regions", call.settings.get("before"))
        assert isinstance(before, list), "an undo must know what was before"
        return self._lead(call, tuple(str(region) for region in before), check=False)

    def _lead(self, call: StepCall, wanted: tuple[str, ...], *, check: bool = True) -> StepResult:
        world, now = self.world, self.world.leads[call.resource]
        before: dict[str, JsonValue] = {"regions": list(now)}
        world.name_epoch[call.resource] = max(world.name_epoch[call.resource], call.epoch)
        if set(now) == set(wanted):
            return StepResult(changed=False, reason="It leads there already", before=before)
        world.leads[call.resource] = wanted
        if check:
            world.look_at_the_traffic(call.resource, set(wanted) - set(now))
        return StepResult(changed=True, reason=f"It leads to {' and '.join(wanted)}", before=before)

    def verify(self, call: StepCall) -> StepResult:
        """Does it serve there, and can it write?"""
        world, technology = self.world, call.uses.partition(".")[2]
        good = world.serves(call.region) and world.reaches(WITNESS, call.region)
        if technology == "sql" and call.resource in world.stores:
            good = world.takes_writes(call.resource, call.region) and good
        elif technology in ("http", "inference"):
            good = good and all(world.writer_for(name, call.region) is not None for name in world.stores)
        elif technology == "dns":
            good = call.resource in world.leads
        if not good:
            raise failure(ErrorType.NOT_YET, f"{call.step} is not right yet")
        if technology != "dns":
            world.verified.add(call.region)
        return StepResult(changed=False, reason="It is right")

    def salvage(self, call: StepCall) -> StepResult:
        """Find what only the former primary has."""
        store = self.world.stores[call.resource]
        self._must_answer(call)
        upstream = self._upstream(call)
        orphans = set(store.servers[call.region].log) - set(store.servers[upstream].log)
        store.salvaged |= orphans
        return StepResult(changed=False, proved=not orphans, reason=f"{len(orphans)} writes are only here")

    def reseed(self, call: StepCall) -> StepResult:
        """Make it follow its upstream, whatever it was."""
        world, store = self.world, self.world.stores[call.resource]
        server, upstream = store.servers[call.region], self._upstream(call)
        server.powered = True
        self._must_answer(call)
        if not world.seen(call.resource, upstream) or not world.reaches(call.region, upstream):
            raise failure(ErrorType.UNREACHABLE, f"{call.resource} in {upstream} does not answer")
        if server.role == "standby" and server.upstream == upstream and store.follow(call.region, 0):
            return StepResult(changed=False, reason="It follows already")
        gone = (set(server.log) - set(store.servers[upstream].log)) - store.salvaged
        if gone and Verb.SALVAGE in KINDS[store.kind].verbs:
            world.find(
                "salvage", f"{len(gone)} writes of {call.resource} were destroyed unsaved", f"orphans:{store.name}"
            )
        server.role, server.upstream, server.read_only = "standby", upstream, False
        server.log, server.timeline = list(store.servers[upstream].log), store.servers[upstream].timeline
        server.epoch = call.epoch
        return StepResult(changed=True, reason=f"It follows {upstream}")

    def compare(self, call: StepCall) -> StepResult:
        """The standby holds what its upstream holds."""
        store, upstream = self.world.stores[call.resource], self._upstream(call)
        self._must_answer(call)
        self.world.replicate(call.resource, behind=0)
        same = store.servers[call.region].log == store.servers[upstream].log
        return StepResult(changed=False, proved=same, reason="The same" if same else "They differ")

    def run(self, call: StepCall) -> StepResult:
        """The runbook's own command."""
        return StepResult(changed=True, reason=f"{call.step} ran")

    def restore(self, call: StepCall) -> StepResult:
        """A backup, restored aside."""
        return StepResult(changed=True, reason=f"{call.resource} restored aside")

    def rehearse(self, call: StepCall) -> StepResult:
        """A copy, promoted aside."""
        return StepResult(changed=True, reason=f"{call.resource} rehearsed aside")

    def notify(self, call: StepCall) -> StepResult:
        """People hear it (`people.py`)."""
        return StepResult(changed=True, reason=f"told by {call.uses}")

    # --- what they share

    def _not_stale(self, call: StepCall) -> None:
        kept = self._kept(call)
        if kept is not None and call.epoch < kept:
            raise failure(ErrorType.STALE_EPOCH, f"{call.resource} has kept a newer decision ({kept})")

    def _kept(self, call: StepCall) -> int | None:
        """The newest decision that what is acted on has kept; None: it keeps none, or does not answer."""
        world = self.world
        if call.resource in world.stores:
            return self._server(call).epoch if world.seen(call.resource, call.region) else None
        return world.name_epoch.get(call.resource)

    def _server(self, call: StepCall) -> Server:
        return self.world.stores[call.resource].servers[call.region]

    def _must_answer(self, call: StepCall) -> None:
        if not self.world.seen(call.resource, call.region):
            raise failure(ErrorType.UNREACHABLE, f"{call.resource} in {call.region} does not answer")

    def _upstream(self, call: StepCall) -> str:
        wanted = call.settings["upstream"]
        assert isinstance(wanted, Mapping)
        identity = KINDS[self.world.book.resources[call.resource].kind].identity
        for region in self.world.book.regions:
            settings = self.world.book.settings_of(call.resource, region)
            if all(settings.get(key) == wanted.get(key) for key in identity):
                return region
        message = f"{call.step}: no region has the upstream {wanted}"
        raise AssertionError(message)
