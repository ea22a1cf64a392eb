"""The planner on examples that can be checked by hand; the properties are in a file of their own."""

from typing import Any

from runbooks.facts import Facts
from runbooks.models import Procedure, Runbook
from runbooks.plan import Plan
from runbooks.planner import Request, make_plan
from runbooks.steps import Reading
from tests.workflows.world import SOURCE, TARGET, runbook

NOW = 1_000_000.0
THIRD = "ap-south-1"
POWER = {"power": "http://power"}


def reading(resource: str, region: str, state: str = "healthy", age: float = 1.0, **values: Any) -> Reading:
    """One reading."""
    return Reading.model_validate(
        {
            "resource": resource,
            "region": region,
            "state": state,
            "reason": "connection refused" if state != "healthy" else "",
            "values": values,
            "observed_at": NOW - age,
        }
    )


def standby(region: str, position: int = 100, behind: float = 0.5, **values: Any) -> Reading:
    """A standby whose newest commit is that old."""
    values = {"role": "standby", "position": position, "timeline": 1, "last_commit_at": NOW - behind, **values}
    return reading("vector-db", region, **values)


def facts(*readings: Reading, **more: Any) -> Facts:
    """The readings, with a name that leads to the source unless they say otherwise, and groups that serve."""
    known = {(r.resource, r.region) for r in readings}
    usual = [
        reading("name", "public", regions=[SOURCE], addresses=[], ttl=1),
        *(reading("service", region, desired=1, ready=1) for region in (TARGET, THIRD)),
    ]
    return Facts(at=NOW, readings=(*readings, *(r for r in usual if (r.resource, r.region) not in known)), **more)


def three(traffic: dict[str, int], replicas: dict[str, int]) -> Runbook:
    """The example's system in three regions."""
    roles = {name: "active" if share else "standby" for name, share in traffic.items()}
    book = runbook().model_dump(mode="json")
    book["regions"] = {name: {"role": roles[name], "traffic": share} for name, share in traffic.items()}
    names = list(traffic)
    book["resources"]["vector-db"]["settings"] = {
        name: {"host": f"127.0.{n}.1", "application_name": f"vector-db.{name}"} for n, name in enumerate(names)
    }
    book["resources"]["service"] |= {"replicas": replicas, "settings": {name: {"agent": name} for name in names}}
    book["resources"]["name"]["settings"] = {name: {"address": f"127.0.{n}.1"} for n, name in enumerate(names)}
    return Runbook.model_validate(book)


def plan_failover(book: Runbook, request: Request, seen: Facts) -> Plan:
    """The failover plan."""
    return make_plan(book, Procedure.FAILOVER, request, seen)


def sizes(plan: Plan) -> dict[str, Any]:
    """What each region is scaled to."""
    return {step.region: step.settings["replicas"] for step in plan.steps if step.verb == "scale"}


def promoted(plan: Plan) -> list[str]:
    """Where the database is promoted."""
    return [step.region for step in plan.steps if step.verb == "promote"]


def test_active_passive_moves_everything() -> None:
    """The standby gets all traffic, the source's size, and the writer."""
    plan = plan_failover(runbook(), Request(source=SOURCE), facts(standby(TARGET)))
    assert plan.traffic_after == {SOURCE: 0, TARGET: 100}
    assert sizes(plan) == {TARGET: 2}
    assert promoted(plan) == [TARGET]
    assert plan.refusals == ()


def test_active_active_gives_the_share_to_the_survivor() -> None:
    """50/50 and a standby: the survivor carries all, with its own replicas and those of the lost half."""
    book = three({SOURCE: 50, TARGET: 50, THIRD: 0}, {SOURCE: 4, TARGET: 3, THIRD: 1})
    seen = facts(
        standby(TARGET),
        standby(THIRD),
        reading("name", "public", regions=[SOURCE, TARGET], addresses=[], ttl=1),
    )
    plan = plan_failover(book, Request(source=SOURCE), seen)
    assert plan.traffic_after == {SOURCE: 0, TARGET: 100, THIRD: 0}
    assert sizes(plan) == {TARGET: 7}


def test_a_named_target_gets_the_share_instead() -> None:
    """The standby, when the operator names it."""
    book = three({SOURCE: 50, TARGET: 50, THIRD: 0}, {SOURCE: 4, TARGET: 3, THIRD: 1})
    seen = facts(
        standby(TARGET),
        standby(THIRD),
        reading("name", "public", regions=[SOURCE, TARGET], addresses=[], ttl=1),
    )
    plan = plan_failover(book, Request(source=SOURCE, target=THIRD), seen)
    assert plan.traffic_after == {SOURCE: 0, TARGET: 50, THIRD: 50}
    assert sizes(plan) == {THIRD: 4}
    assert promoted(plan) == [THIRD]


def test_the_database_is_promoted_where_the_lag_is_least() -> None:
    """Of two survivors the one that has more of the log."""
    book = three({SOURCE: 34, TARGET: 33, THIRD: 33}, {SOURCE: 2, TARGET: 2, THIRD: 2})
    name = reading("name", "public", regions=[SOURCE, TARGET, THIRD], addresses=[], ttl=1)
    plan = plan_failover(book, Request(source=SOURCE), facts(standby(TARGET, 100), standby(THIRD, 101), name))
    assert promoted(plan) == [THIRD]


def test_a_standby_that_missed_a_promotion_is_not_ahead() -> None:
    """Its position is higher, on an older timeline: it is no candidate."""
    book = three({SOURCE: 34, TARGET: 33, THIRD: 33}, {SOURCE: 2, TARGET: 2, THIRD: 2})
    name = reading("name", "public", regions=[SOURCE, TARGET, THIRD], addresses=[], ttl=1)
    seen = facts(standby(TARGET, 100, timeline=2), standby(THIRD, 900, timeline=1), name)
    assert promoted(plan_failover(book, Request(source=SOURCE), seen)) == [TARGET]


def test_who_has_more_of_the_log_is_chosen_whatever_the_primary_said() -> None:
    """The primary's last word was that it waits for one standby; dying bit by bit, it then waited for the other."""
    book = three({SOURCE: 100, TARGET: 0, THIRD: 0}, {SOURCE: 2, TARGET: 1, THIRD: 1})
    states = {TARGET: "sync", THIRD: "potential"}
    primary = reading(
        "vector-db",
        SOURCE,
        age=3.0,
        role="primary",
        synchronous=True,
        standbys={
            f"vector-db.{region}": {"state": "streaming", "sync_state": state, "lag_bytes": 0}
            for region, state in states.items()
        },
    )
    seen = facts(standby(TARGET, 100), standby(THIRD, 101), history=(primary,), fault_at=NOW - 2)
    plan = plan_failover(book, Request(source=SOURCE), seen)
    assert promoted(plan) == [THIRD]
    assert plan.standing() == ()
    asked = plan_failover(book, Request(source=SOURCE, target=TARGET), seen)
    sentence = "vector-db: up to the last 1.0 s of writes may be missing in eu-west-1"
    ahead = "vector-db in ap-south-1 is 1 bytes ahead of eu-west-1"
    assert [(loss.seconds, loss.sentence) for loss in asked.loss] == [(1.0, f"{sentence}; {ahead}")]
    assert asked.refusals == ()
    strict = book.model_copy(update={"objectives": book.objectives.model_copy(update={"rpo": 0.5})})
    refused = plan_failover(strict, Request(source=SOURCE, target=TARGET), seen)
    assert ahead in [refusal.sentence for refusal in refused.standing()]


def test_the_writer_stays_where_it_is() -> None:
    """A source without the writer loses its traffic only: no fence, no promotion."""
    seen = facts(reading("vector-db", TARGET, role="primary"), reading("vector-db", SOURCE, "unhealthy"))
    plan = plan_failover(runbook(), Request(source=SOURCE), seen)
    assert promoted(plan) == []
    assert plan.notes == ("vector-db: eu-west-1 holds the writer; it stays there",)
    assert [step.id for step in plan.steps if step.verb == "fence"] == []


def test_a_lag_over_the_objective_is_refused_with_numbers() -> None:
    """And the name under which it can be accepted is given."""
    plan = plan_failover(runbook(), Request(source=SOURCE), facts(standby(TARGET, behind=14.2)))
    assert [(refusal.name, refusal.sentence) for refusal in plan.refusals] == [
        ("loss:vector-db", "vector-db in eu-west-1 is up to 14.2 s behind; the objective is 5 s")
    ]


def test_a_synchronous_standby_loses_nothing() -> None:
    """The primary was last seen to wait for it at every commit, a moment before the fault."""
    primary = reading(
        "vector-db",
        SOURCE,
        age=3.0,
        role="primary",
        synchronous=True,
        standbys={f"vector-db.{TARGET}": {"state": "streaming", "sync_state": "sync", "lag_bytes": 0}},
    )
    seen = facts(standby(TARGET, behind=600), history=(primary,), fault_at=NOW - 2)
    plan = plan_failover(runbook(), Request(source=SOURCE), seen)
    assert [loss.seconds for loss in plan.loss] == [0.0]
    assert plan.refusals == ()


def test_a_standby_that_has_reached_what_the_primary_had_loses_only_what_came_after() -> None:
    """The primary had not heard of it yet (Valkey hears once a second), and the standby had it all the same."""
    told = {f"vector-db.{TARGET}": {"state": "streaming", "sync_state": "async", "lag_bytes": 5}}
    primary = reading("vector-db", SOURCE, age=2.5, role="primary", position=95, timeline=1, standbys=told)
    for position, seconds in ((95, 0.5), (94, 598.0)):
        seen = facts(standby(TARGET, position=position, behind=600), history=(primary,), fault_at=NOW - 2)
        assert [loss.seconds for loss in plan_failover(runbook(), Request(source=SOURCE), seen).loss] == [seconds]


def test_a_store_that_counts_seconds_bounds_the_loss_by_them() -> None:
    """What its primary said that a standby lacked, half a second before the fault, and what came after."""
    told = {f"vector-db.{TARGET}": {"state": "streaming", "sync_state": "async", "lag_seconds": 3.0}}
    primary = reading("vector-db", SOURCE, age=2.5, role="primary", standbys=told)
    seen = facts(standby(TARGET, position=0, last_commit_at=None), history=(primary,), fault_at=NOW - 2)
    assert [loss.seconds for loss in plan_failover(runbook(), Request(source=SOURCE), seen).loss] == [3.5]
    alive = facts(standby(TARGET, position=0, last_commit_at=None), primary)
    assert [loss.seconds for loss in plan_failover(runbook(), Request(source=SOURCE), alive).loss] == [5.5]


def test_what_the_primary_said_long_before_the_fault_counts_for_nothing() -> None:
    """The same reading, a minute old at the fault."""
    primary = reading(
        "vector-db",
        SOURCE,
        age=63.0,
        role="primary",
        synchronous=True,
        standbys={f"vector-db.{TARGET}": {"state": "streaming", "sync_state": "sync", "lag_bytes": 0}},
    )
    seen = facts(standby(TARGET, behind=600), history=(primary,), fault_at=NOW - 2)
    plan = plan_failover(runbook(), Request(source=SOURCE), seen)
    assert [refusal.name for refusal in plan.refusals] == ["loss:vector-db"]


def test_a_source_that_nobody_can_switch_off_needs_acceptance() -> None:
    """It does not answer and has no power controller: its fence cannot be proved."""
    book = runbook()
    database = book.resources["vector-db"].model_copy(update={"common": {}})
    book = book.model_copy(update={"resources": {**book.resources, "vector-db": database}})
    plan = plan_failover(book, Request(source=SOURCE), facts(standby(TARGET)))
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:vector-db"]
    accepted = plan_failover(book, Request(source=SOURCE, accept=("unproved-fence:vector-db",)), facts(standby(TARGET)))
    accepted.raise_if_unsafe()


def test_while_scaling_the_name_does_not_wait_for_full_size() -> None:
    """A region that serves already gets the traffic at once; one that serves nothing is waited for."""
    book = runbook(policy={"failover": {"cut_over": "while-scaling"}})
    serving = plan_failover(book, Request(source=SOURCE), facts(standby(TARGET)))
    empty = reading("service", TARGET, desired=0, ready=0)
    cold = plan_failover(book, Request(source=SOURCE), facts(standby(TARGET), empty))
    scale = f"scale.service.{TARGET}"
    assert (scale in serving.step("cut_over.name").needs, scale in cold.step("cut_over.name").needs) == (False, True)


def test_a_standby_behind_its_living_primary_does_not_have_every_write() -> None:
    """A standby that is cut off believes itself up to date for a minute: the primary's own position counts."""
    source = reading("vector-db", SOURCE, role="primary", position=1000, timeline=1)
    target = standby(TARGET, position=400, behind=9.0, streaming=True, lag_bytes=0)
    plan = plan_failover(runbook(), Request(source=SOURCE), facts(source, target))
    assert [loss.seconds for loss in plan.loss] == [9.0]
    assert "loss:vector-db" in {refusal.name for refusal in plan.refusals}


def test_one_of_several_quorum_standbys_need_not_have_every_write() -> None:
    """A commit that any one of two standbys has answered may be only in the one that cannot be seen."""
    book = three({SOURCE: 100, TARGET: 0, THIRD: 0}, {SOURCE: 1, TARGET: 1, THIRD: 1})
    quorum = {"state": "streaming", "sync_state": "quorum", "lag_bytes": 10}
    primary = reading(
        "vector-db",
        SOURCE,
        role="primary",
        position=100,
        timeline=1,
        synchronous=True,
        standbys={f"vector-db.{TARGET}": quorum, f"vector-db.{THIRD}": quorum},
    )
    dead = reading("vector-db", THIRD, state="unhealthy")
    unseen = facts(standby(TARGET, behind=3.0), dead, history=(primary,), fault_at=NOW - 0.5)
    assert [loss.seconds for loss in plan_failover(book, Request(source=SOURCE), unseen).loss] == [0.5]
    seen = facts(standby(TARGET, behind=3.0), standby(THIRD, position=90), history=(primary,), fault_at=NOW - 0.5)
    assert [loss.seconds for loss in plan_failover(book, Request(source=SOURCE), seen).loss] == [0.0]


def test_a_row_is_written_only_where_the_writer_is() -> None:
    """The writer stands in a third region and stays there: the heir of the traffic cannot write to its standby."""
    book = three({SOURCE: 100, TARGET: 0, THIRD: 0}, {SOURCE: 1, TARGET: 1, THIRD: 1})
    seen = facts(
        standby(SOURCE), standby(TARGET), reading("vector-db", THIRD, role="primary", position=100, timeline=1)
    )
    plan = plan_failover(book, Request(source=SOURCE, target=TARGET), seen)
    assert [step.id for step in plan.steps if step.verb == "verify"] == [
        f"verify.http.{TARGET}",
        "verify.dns-name.public",
    ]
