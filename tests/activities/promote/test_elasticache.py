"""`promote.elasticache`, and whole procedures of a runbook with a Global Datastore, planned and carried out."""

import pytest

from runbooks.models import Procedure, Runbook
from runbooks.steps import ErrorType, Verb
from tests.activities.calls import perform, refused
from tests.aws.procedure import book_of, carried_out, planned, seen, verbs
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.elasticache import lagging, roles, settings_of, stand_datastore


def stood(aws: World) -> Runbook:
    """The primary is here; the secondary was a second behind."""
    stand_datastore(aws, "sessions")
    lagging(aws, "sessions", 1.0)
    lagging(aws, "sessions", 1.0, region=HERE)  # as AWS tells it a minute after a move
    return book_of("elasticache", settings_of(aws, "sessions", HERE), settings_of(aws, "sessions", THERE))


async def test_a_failover_moves_the_primary(aws: World) -> None:
    """Planned from what is seen; AWS makes the former primary a secondary in the same operation."""
    plan = await planned(stood(aws), Procedure.FAILOVER, HERE)
    assert (verbs(plan), plan.refusals) == ([(Verb.FENCE, HERE), (Verb.PROMOTE, THERE)], ())
    assert plan.loss[0].seconds == pytest.approx(60, abs=60)
    done = await carried_out(plan, epoch=7)
    assert roles(aws, "sessions") == {HERE: "SECONDARY", THERE: "PRIMARY"}
    fence, promote = done.values()
    assert fence.reason == (
        "It takes writes until the promotion: AWS makes it a secondary in the same operation. Decision 7 was noted."
    )
    assert promote.reason == (
        "It is the primary; before it was a secondary. AWS says: us-east-1:sessions-here is secondary (associated)."
    )


async def test_a_switchover_waits_for_a_person_and_the_way_home_is_clear(aws: World) -> None:
    """That everything has arrived cannot be proved, and is not claimed."""
    book = stood(aws)
    away = await planned(book, Procedure.SWITCHOVER, HERE)
    assert away.refusals == ()
    done = await carried_out(away, epoch=7)
    exact = next(done[step.id] for step in away.steps if step.settings.get("exact"))
    assert exact.proved is False
    assert exact.reason == (
        "It is 1 s behind us-east-1:sessions-here, which takes writes until the promotion: what is written in the last "
        "moments may be lost. Skip this step to accept that."
    )
    assert roles(aws, "sessions") == {HERE: "SECONDARY", THERE: "PRIMARY"}
    home = await planned(book, Procedure.FAILBACK, THERE)
    assert home.refusals == ()
    await carried_out(home, epoch=8)
    assert roles(aws, "sessions") == {HERE: "PRIMARY", THERE: "SECONDARY"}


async def test_a_dead_region_is_not_asked_for_the_promotion(aws: World) -> None:
    """Its fence cannot be proved, and must be accepted; the promotion needs the heir's region only."""
    book = stood(aws)
    history = [one for one in await seen(book) if one.region == HERE]
    aws.tell("elasticache", status={"sessions-here": "deleting"})
    plan = await planned(book, Procedure.FAILOVER, HERE, accept=["unproved-fence:store"], history=history)
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:store"]
    asked = len(aws.calls())
    await perform("promote.elasticache", book.settings_of("store", THERE), within=20.0)
    assert {call["region"] for call in aws.calls()[asked:]} == {THERE}
    assert roles(aws, "sessions") == {HERE: "SECONDARY", THERE: "PRIMARY"}


async def test_a_move_that_does_not_end_is_told(aws: World) -> None:
    """It says how far AWS is, and is tried again without a second order."""
    book = stood(aws)
    aws.tell("elasticache", slow=1000)
    settings = book.settings_of("store", THERE)
    sentence = await refused("promote.elasticache", settings, ErrorType.NOT_YET, within=3.0)
    assert sentence == (
        "eu-west-1:sessions-there is secondary (modifying), and its datastore modifying: look at its events in "
        "ElastiCache."
    )
    await refused("promote.elasticache", settings, ErrorType.NOT_YET, within=3.0)
    assert aws.asked(changes=True).count("elasticache:FailoverGlobalReplicationGroup") == 1


async def test_a_worker_that_was_faster_has_done_it(aws: World) -> None:
    """AWS refuses to make a primary of what is one already: that is no failure of the step."""
    book = stood(aws)
    aws.tell("elasticache", beaten=True)
    done = await perform("promote.elasticache", book.settings_of("store", THERE), within=20.0)
    assert (done.changed, done.reason) == (
        False,
        "It is the primary already. AWS says: us-east-1:sessions-here is secondary (associated).",
    )
    assert roles(aws, "sessions") == {HERE: "SECONDARY", THERE: "PRIMARY"}


async def test_an_order_that_is_refused_is_told(aws: World) -> None:
    """With AWS's own words, when the group is no primary."""
    book = stood(aws)
    aws.bend("elasticache:FailoverGlobalReplicationGroup", "deny")
    sentence = await refused("promote.elasticache", book.settings_of("store", THERE), ErrorType.DENIED, within=20.0)
    assert "elasticache:FailoverGlobalReplicationGroup" in sentence
    assert roles(aws, "sessions") == {HERE: "PRIMARY", THERE: "SECONDARY"}
