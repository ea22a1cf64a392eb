"""Switchovers, failbacks and rehearsals on examples that can be checked by hand; the properties have their own file."""

from typing import Any

import pytest

from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Procedure, Runbook
from runbooks.plan import Plan, PlanError
from runbooks.planner import Request, make_plan
from runbooks.steps import Reading, Verb
from tests.runbooks.test_planner import NOW, THIRD, facts, reading, standby, three
from tests.workflows.world import SOURCE, TARGET, runbook


def primary(region: str, *followers: str, **values: Any) -> Reading:
    """A primary that knows those standbys."""
    standbys = {
        f"vector-db.{name}": {"state": "streaming", "sync_state": "async", "lag_bytes": 0} for name in followers
    }
    return reading("vector-db", region, **{"role": "primary", "position": 100, "standbys": standbys, **values})


def follower(region: str, **values: Any) -> Reading:
    """A standby that streams and has nearly everything."""
    return standby(region, streaming=True, lag_bytes=0, **values)


def former(region: str, **values: Any) -> Reading:
    """A primary that has come back fenced."""
    return reading("vector-db", region, **{"role": "primary", "position": 90, "read_only": True, **values})


def at(*regions: str) -> Reading:
    """The public name leads there."""
    return reading("name", "public", regions=list(regions), addresses=[], ttl=1)


def size(region: str, count: int) -> Reading:
    """A group of so many replicas."""
    return reading("service", region, desired=count, ready=count)


def plan(procedure: Procedure, seen: Facts, book: Runbook | None = None, **request: Any) -> Plan:
    """The plan of that procedure; out of the usual source unless said otherwise."""
    return make_plan(book or runbook(), procedure, Request(**{"source": SOURCE, **request}), seen)


def ids(plan: Plan) -> list[str]:
    """The steps in their order."""
    return [step.id for step in plan.steps]


def names(plan: Plan) -> list[str | None]:
    """The names under which what refuses the plan could be accepted."""
    return [refusal.name for refusal in plan.refusals]


def sentences(plan: Plan) -> str:
    """Why the plan refuses itself."""
    return "; ".join(refusal.sentence for refusal in plan.refusals)


def test_a_switchover_stops_writes_last_and_loses_nothing() -> None:
    """Everything that can be done before the fence is done before it, and everything else after the cut-over."""
    made = plan(Procedure.SWITCHOVER, facts(primary(SOURCE, TARGET), follower(TARGET)))
    assert ids(made) == [
        f"scale.service.{TARGET}",
        f"verify.http.{TARGET}",
        f"catch_up.vector-db.{TARGET}.near",
        f"fence.vector-db.{SOURCE}",
        f"catch_up.vector-db.{TARGET}",
        f"promote.vector-db.{TARGET}",
        f"verify.sql-vector-db.{TARGET}",
        "cut_over.name",
        "verify.dns-name.public",
        f"reseed.vector-db.{SOURCE}",
        f"catch_up.vector-db.{SOURCE}.rebuilt",
    ]
    assert made.refusals == ()
    assert [(loss.seconds, loss.bytes) for loss in made.loss] == [(0.0, 0)]
    promote = made.step(f"promote.vector-db.{TARGET}")
    assert promote.settings["upstream"] == runbook().settings_of("vector-db", SOURCE)
    assert promote.settings["host"] == "127.0.2.1"


def test_the_rules_of_a_switchover_are_its_own() -> None:
    """What is accepted for it, and whether its traffic waits for full size."""
    book = runbook(policy={"switchover": {"cut_over": "while-scaling", "accept": ["capacity:service"]}})
    made = plan(Procedure.SWITCHOVER, facts(primary(SOURCE, TARGET), follower(TARGET)), book)
    assert made.accepted == ("capacity:service",)
    assert made.step(f"verify.http.{TARGET}").needs == ()


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ([follower(TARGET)], "us-east-1 is not seen to hold the writer (no reading young enough): if it is dead, use"),
        (
            [primary(SOURCE), follower(TARGET)],
            "eu-west-1 does not stream from us-east-1: it would never have everything",
        ),
        ([primary(SOURCE, TARGET)], "vector-db in eu-west-1 cannot be read: no reading young enough"),
        ([primary(SOURCE, TARGET), primary(TARGET)], "vector-db has two writers: us-east-1 and eu-west-1"),
        ([standby(SOURCE), follower(TARGET)], "us-east-1 is a standby, and no region is seen to hold the writer"),
    ],
)
def test_a_switchover_refuses_what_it_cannot_see_to_be_safe(seen: list[Reading], why: str) -> None:
    """None of these can be accepted: they must be mended."""
    made = plan(Procedure.SWITCHOVER, facts(*seen))
    assert why in sentences(made)
    assert None in names(made)


def test_a_switchover_over_a_long_lag_waits_only_when_that_is_accepted() -> None:
    """The objective in seconds, and what is missing in bytes."""
    far = {"state": "streaming", "sync_state": "async", "lag_bytes": 5_000_000}
    seen = facts(primary(SOURCE, standbys={f"vector-db.{TARGET}": far}), follower(TARGET, lag_seconds=9.0))
    made = plan(Procedure.SWITCHOVER, seen)
    assert sentences(made) == (
        "vector-db in eu-west-1 is 5000000 bytes (9.0 s) behind; the objective is 5 s: the move would wait for it"
    )
    plan(Procedure.SWITCHOVER, seen, accept=("lag:vector-db",)).raise_if_unsafe()


@pytest.mark.parametrize(("seconds", "refusals"), [(4.0, []), (9.0, ["lag:vector-db"])])
def test_a_lag_that_only_the_primary_tells_counts_as_well(seconds: float, refusals: list[str]) -> None:
    """In seconds, of a store that counts no bytes."""
    told = {f"vector-db.{TARGET}": {"state": "streaming", "sync_state": "async", "lag_seconds": seconds}}
    seen = facts(primary(SOURCE, standbys=told), standby(TARGET, streaming=True))
    assert names(plan(Procedure.SWITCHOVER, seen)) == refusals


def test_an_idle_primary_is_no_lag() -> None:
    """Its last commit is an hour old, and its standby has it."""
    made = plan(Procedure.SWITCHOVER, facts(primary(SOURCE, TARGET), follower(TARGET, last_commit_at=NOW - 3600)))
    assert made.refusals == ()


def test_in_a_switchover_every_other_standby_follows_the_new_primary() -> None:
    """One in a third region too; one that cannot be read is left, and the plan says so."""
    book = three({SOURCE: 100, TARGET: 0, THIRD: 0}, {SOURCE: 1, TARGET: 1, THIRD: 1})
    seen = [primary(SOURCE, TARGET, THIRD), follower(TARGET)]
    made = plan(Procedure.SWITCHOVER, facts(*seen, follower(THIRD)), book, target=TARGET)
    assert [i for i in ids(made) if i.startswith("reseed")] == [
        f"reseed.vector-db.{SOURCE}",
        f"reseed.vector-db.{THIRD}",
    ]
    blind = plan(Procedure.SWITCHOVER, facts(*seen), book, target=TARGET)
    assert f"vector-db in {THIRD} is left as it is: it cannot be read" in blind.notes


def home_again(*more: Reading, **request: Any) -> Plan:
    """The failback after a failover to the target."""
    usual = [primary(TARGET), former(SOURCE), at(TARGET), size(TARGET, 2), size(SOURCE, 2)]
    known = {(r.resource, r.region) for r in more}
    seen = facts(*more, *(r for r in usual if (r.resource, r.region) not in known))
    return plan(Procedure.FAILBACK, seen, **{"source": TARGET, **request})


def test_a_failback_rebuilds_home_and_then_moves_there() -> None:
    """It salvages and compares where the kind can, and scales the standby in when all is done."""
    made = home_again()
    able = KINDS["postgres"].verbs
    salvaged = [f"salvage.vector-db.{SOURCE}"] if Verb.SALVAGE in able else []
    compared = [f"compare.vector-db.{SOURCE}"] if Verb.COMPARE in able else []
    assert ids(made) == [
        *salvaged,
        f"reseed.vector-db.{SOURCE}",
        f"catch_up.vector-db.{SOURCE}.rebuilt",
        *compared,
        f"scale.service.{SOURCE}",
        f"verify.http.{SOURCE}",
        f"catch_up.vector-db.{SOURCE}.near",
        f"fence.vector-db.{TARGET}",
        f"catch_up.vector-db.{SOURCE}",
        f"promote.vector-db.{SOURCE}",
        f"verify.sql-vector-db.{SOURCE}",
        "cut_over.name",
        "verify.dns-name.public",
        f"scale_down.service.{TARGET}",
        f"reseed.vector-db.{TARGET}",
        f"catch_up.vector-db.{TARGET}.rebuilt",
    ]
    assert (made.target, made.traffic_after) == (SOURCE, {SOURCE: 100, TARGET: 0})
    assert made.refusals == ()
    down = made.step(f"scale_down.service.{TARGET}")
    assert (down.settings["replicas"], down.settings["down"]) == (1, True)
    assert down.sentence == "Scale service in eu-west-1 down to 1 replicas"


def test_a_step_of_ones_own_hangs_at_the_growing_and_not_at_the_shrinking() -> None:
    """`after: scale` runs before the look from inside, although the failback scales in at its end."""
    book = runbook(steps=[{"name": "warm", "uses": "notify.log", "after": "scale"}])
    usual = (primary(TARGET), former(SOURCE), at(TARGET), size(TARGET, 2), size(SOURCE, 2))
    made = plan(Procedure.FAILBACK, facts(*usual), book, source=TARGET)
    assert made.step("notify.warm").needs == (f"scale.service.{SOURCE}",)
    assert "notify.warm" in made.step(f"verify.http.{SOURCE}").needs


def test_a_home_that_streams_already_is_not_rebuilt() -> None:
    """As after a switchover: the note says so."""
    made = home_again(primary(TARGET, SOURCE), follower(SOURCE))
    assert f"reseed.vector-db.{SOURCE}" not in ids(made)
    assert made.notes == (f"vector-db in {SOURCE} is a streaming standby of {TARGET} already: it is not rebuilt",)
    assert made.refusals == ()


def test_a_former_primary_that_takes_writes_is_fenced_first_when_that_is_accepted() -> None:
    """Its fence is never lifted by an abort."""
    made = home_again(former(SOURCE, read_only=False))
    assert names(made) == ["two-writers:vector-db"]
    fence = made.step(f"fence_former.vector-db.{SOURCE}")
    assert fence.undo is None
    assert fence.id in made.steps[1].needs
    home_again(former(SOURCE, read_only=False), accept=("two-writers:vector-db",)).raise_if_unsafe()


def test_a_failback_needs_the_primary_to_be_seen() -> None:
    """If it is dead, that is a failover."""
    made = home_again(reading("vector-db", TARGET, "unhealthy"))
    assert "vector-db: no region is seen to take writes; if its primary is dead, use a failover" in sentences(made)


def test_a_failback_without_anything_to_move_makes_no_sense() -> None:
    """Neither does one to a standby, nor out of a region that serves nothing."""
    well = facts(primary(SOURCE, TARGET), follower(TARGET))
    with pytest.raises(PlanError, match="everything of llm is home already"):
        plan(Procedure.FAILBACK, well)
    with pytest.raises(PlanError, match="eu-west-1 is a standby"):
        plan(Procedure.FAILBACK, well, target=TARGET)
    with pytest.raises(PlanError, match="eu-west-1 serves nothing now"):
        plan(Procedure.FAILBACK, well, source=TARGET)


def test_what_is_home_already_is_protected_again() -> None:
    """After a failover into the home region nothing moves, and the other region becomes a standby of it again."""
    made = plan(Procedure.FAILBACK, facts(primary(SOURCE), former(TARGET)), source=TARGET, target=SOURCE)
    assert made.traffic_after == made.traffic_before
    assert {(step.verb, step.region) for step in made.steps if step.resource == "vector-db"} == {
        (Verb.SALVAGE, TARGET),
        (Verb.RESEED, TARGET),
        (Verb.CATCH_UP, TARGET),
        (Verb.COMPARE, TARGET),
    }


def test_a_failover_rebuilds_no_former_primary() -> None:
    """What only it may have is saved by a failback first; a mere standby follows the new primary at once."""
    book = three({SOURCE: 100, TARGET: 0, THIRD: 0}, {SOURCE: 2, TARGET: 1, THIRD: 1})
    for third, rebuilt in ((former(THIRD), []), (follower(THIRD), [f"reseed.vector-db.{THIRD}"])):
        made = plan(Procedure.FAILOVER, facts(primary(SOURCE, TARGET), follower(TARGET), third), book, target=TARGET)
        assert [step.id for step in made.steps if step.verb is Verb.RESEED] == rebuilt


ACTIVE = {SOURCE: 50, TARGET: 30, THIRD: 20}
SIZES = {SOURCE: 10, TARGET: 6, THIRD: 4}


def test_of_an_active_active_system_the_declared_shares_come_back() -> None:
    """Not all of the traffic goes home, and whoever had grown shrinks to its own size."""
    book = three(ACTIVE, SIZES)
    sizes = (size(SOURCE, 0), size(TARGET, 11), size(THIRD, 9))
    seen = facts(primary(TARGET, THIRD), former(SOURCE), follower(THIRD), at(TARGET, THIRD), *sizes)
    made = plan(Procedure.FAILBACK, seen, book, source=TARGET)
    assert (made.target, made.traffic_after) == (SOURCE, ACTIVE)
    assert made.step(f"scale.service.{SOURCE}").settings["replicas"] == 10
    down = {s.region: s.settings["replicas"] for s in made.steps if s.id.startswith("scale_down.")}
    assert down == {TARGET: 6, THIRD: 4}


def test_a_writer_goes_back_to_its_home_and_to_no_other_region() -> None:
    """The region that comes back never held it: it is rebuilt as a standby, and the writer stays."""
    book = three(ACTIVE, SIZES)
    seen = facts(primary(SOURCE, TARGET), follower(TARGET), former(THIRD), at(SOURCE, TARGET), size(SOURCE, 13))
    made = plan(Procedure.FAILBACK, seen, book)
    assert (made.target, made.traffic_after) == (THIRD, ACTIVE)
    assert [step.id for step in made.steps if step.verb in (Verb.PROMOTE, Verb.FENCE)] == []
    assert f"reseed.vector-db.{THIRD}" in ids(made)
    moved = book.model_dump(mode="json")
    moved["resources"]["vector-db"]["home"] = THIRD
    again = plan(Procedure.FAILBACK, seen, Runbook.model_validate(moved))
    assert f"promote.vector-db.{THIRD}" in ids(again)


def test_a_rehearsal_grows_looks_and_shrinks() -> None:
    """To the size that was seen, and nothing else is touched; what a failover would lose now is noted."""
    book = runbook(steps=[{"name": "warm", "uses": "notify.log", "after": "scale"}])
    made = plan(Procedure.DRILL, facts(primary(SOURCE, TARGET), follower(TARGET), size(TARGET, 1)), book)
    rehearsed = [f"rehearse.vector-db.{TARGET}"] if Verb.REHEARSE in KINDS["postgres"].verbs else []
    assert ids(made) == [
        f"scale.service.{TARGET}",
        f"verify.http.{TARGET}",
        *rehearsed,
        f"scale_down.service.{TARGET}",
    ]
    assert made.traffic_after == made.traffic_before
    assert made.step(f"scale_down.service.{TARGET}").settings["replicas"] == 1
    assert "warm: not run, since a rehearsal must touch nothing but what it makes itself" in made.notes
    assert f"if {SOURCE} failed now: vector-db: {TARGET} has every acknowledged write" in made.notes
    assert made.loss == ()


def test_a_group_that_is_large_enough_already_is_not_scaled_in() -> None:
    """A rehearsal leaves what it found."""
    made = plan(Procedure.DRILL, facts(primary(SOURCE, TARGET), follower(TARGET), size(TARGET, 4)))
    assert [step.id for step in made.steps if step.id.startswith("scale_down")] == []


@pytest.mark.parametrize("procedure", [Procedure.READINESS, Procedure.RESTORE_TEST, Procedure.EVACUATE])
def test_what_has_no_plan_says_so(procedure: Procedure) -> None:
    """It is made of runs, or of checks."""
    with pytest.raises(PlanError, match=f"{procedure} has no plan of its own"):
        plan(procedure, facts())
