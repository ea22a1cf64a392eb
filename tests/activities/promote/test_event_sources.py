"""`promote.event_sources`, and whole procedures of a runbook with a consumer, planned and carried out."""

import pytest

from runbooks.models import Procedure, Runbook
from runbooks.steps import ErrorType, Verb
from tests.activities.calls import refused
from tests.aws.procedure import book_of, carried_out, planned, seen, verbs
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.event_sources import stand_consumers, states

ON, OFF = ["Enabled", "Enabled"], ["Disabled", "Disabled"]


def stood(aws: World) -> Runbook:
    """Both queues are consumed here."""
    stand_consumers(aws, "worker")
    return book_of("event_sources", aws.settings(HERE, function="worker"), aws.settings(THERE, function="worker"))


async def test_a_failover_moves_the_consumer(aws: World) -> None:
    """The one region stops before the other starts; nothing can be lost of what holds nothing."""
    plan = await planned(stood(aws), Procedure.FAILOVER, HERE)
    assert (verbs(plan), plan.refusals) == ([(Verb.FENCE, HERE), (Verb.PROMOTE, THERE)], ())
    assert plan.loss[0].seconds == 0.0
    done = await carried_out(plan, epoch=7)
    assert [result.reason for result in done.values()] == [
        "Its event source mappings: 2 disabled; before: 2 enabled.",
        "Its event source mappings: 2 enabled; before: 2 disabled.",
    ]
    assert (states(aws, "worker", HERE), states(aws, "worker", THERE)) == (OFF, ON)


async def test_a_switchover_and_the_way_home(aws: World) -> None:
    """There and back, one region at a time."""
    book = stood(aws)
    away = await planned(book, Procedure.SWITCHOVER, HERE)
    assert away.refusals == ()
    await carried_out(away, epoch=7)
    assert (states(aws, "worker", HERE), states(aws, "worker", THERE)) == (OFF, ON)
    home = await planned(book, Procedure.FAILBACK, THERE)
    assert home.refusals == ()
    await carried_out(home, epoch=8)
    assert (states(aws, "worker", HERE), states(aws, "worker", THERE)) == (ON, OFF)


async def test_a_dead_region_may_still_consume(aws: World) -> None:
    """Nobody can prove that it does not: that must be accepted. Nothing is lost by it."""
    book = stood(aws)
    history = [one for one in await seen(book) if one.region == HERE]
    aws.client("lambda", HERE).delete_function(FunctionName="worker")
    for one in aws.client("lambda", HERE).list_event_source_mappings(FunctionName="worker")["EventSourceMappings"]:
        aws.client("lambda", HERE).delete_event_source_mapping(UUID=one["UUID"])
    plan = await planned(book, Procedure.FAILOVER, HERE, history=history)
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:store"]
    assert plan.loss[0].seconds == pytest.approx(0, abs=5)


async def test_a_switch_that_does_not_end_is_told(aws: World) -> None:
    """It says how far Lambda is, and gives no second order meanwhile."""
    book = stood(aws)
    aws.tell("lambda", takes=600.0)
    sentence = await refused("promote.event_sources", book.settings_of("store", THERE), ErrorType.NOT_YET, within=3.0)
    assert sentence == (
        "The event source mappings of worker in eu-west-1 are not enabled yet: 2 enabling. Look at them in Lambda."
    )
    assert aws.asked(changes=True).count("lambda:UpdateEventSourceMapping") == 2
