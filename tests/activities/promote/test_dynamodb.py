"""`promote.dynamodb`, and whole procedures of a runbook with a global table, planned and carried out."""

import json
from typing import Any

import pytest

from runbooks.models import Procedure, Runbook
from runbooks.steps import ErrorType, Verb
from tests.activities.calls import perform, refused
from tests.aws.procedure import book_of, carried_out, planned, seen, verbs
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.dynamodb import POLICY, arn, policy_of, replicated, stand_table


def stood(aws: World, **more: Any) -> Runbook:
    """A table that is written here, replicated in under half a second."""
    stand_table(aws, "orders", **more)
    replicated(aws, "orders", HERE, THERE, took=0.4)
    settings = {region: aws.settings(region, table="orders", quiet="1s") for region in (HERE, THERE)}
    return book_of("dynamodb", settings[HERE], settings[THERE])


def fences(aws: World) -> dict[str, bool]:
    """Where Evac's fence is, as DynamoDB shows it."""
    policies = {region: policy_of(aws, "orders", region) for region in (HERE, THERE)}
    return {region: len(policy["Statement"]) > len(POLICY["Statement"]) for region, policy in policies.items()}


async def test_a_former_writer_that_is_not_fenced_stops_it(aws: World) -> None:
    """In a planned procedure there are never two writers."""
    stood(aws)
    upstream = aws.settings(HERE, table="orders")
    settings = aws.settings(THERE, table="orders", upstream=upstream)
    sentence = await refused("promote.dynamodb", settings, ErrorType.WRONG_STATE, within=10.0)
    assert "there would be two writers" in sentence
    assert fences(aws) == {HERE: False, THERE: True}


async def test_a_failover_moves_the_writer(aws: World) -> None:
    """Planned from what is seen, with the loss that CloudWatch bounds; afterwards only the heir takes writes."""
    plan = await planned(stood(aws), Procedure.FAILOVER, HERE)
    assert verbs(plan) == [(Verb.FENCE, HERE), (Verb.PROMOTE, THERE)]
    assert plan.refusals == ()
    assert plan.loss[0].seconds == pytest.approx(60, abs=60)
    await carried_out(plan, epoch=7)
    assert fences(aws) == {HERE: True, THERE: False}
    assert policy_of(aws, "orders", THERE) == POLICY


async def test_a_switchover_and_the_way_home_lose_nothing(aws: World) -> None:
    """There and back: writes are denied and replication is waited for before the other region is opened."""
    book = stood(aws)
    away = await planned(book, Procedure.SWITCHOVER, HERE)
    assert (away.refusals, away.loss[0].seconds) == ((), 0.0)
    await carried_out(away, epoch=7)
    assert fences(aws) == {HERE: True, THERE: False}
    replicated(aws, "orders", THERE, HERE, took=0.4)
    home = await planned(book, Procedure.FAILBACK, THERE)
    assert home.refusals == ()
    await carried_out(home, epoch=8)
    assert fences(aws) == {HERE: False, THERE: True}


async def test_two_writers_are_refused_until_one_is_fenced(aws: World) -> None:
    """A global table that Evac has never seen takes writes everywhere: a failback, accepted, makes the standby."""
    book = stood(aws, fenced=None)
    refusing = await planned(book, Procedure.FAILOVER, HERE)
    assert "two writers" in refusing.refusals[0].sentence
    first = await planned(book, Procedure.FAILBACK, HERE, accept=["two-writers:store"])
    assert [refusal.name for refusal in first.refusals] == ["two-writers:store"]
    await carried_out(first, epoch=7)
    assert fences(aws) == {HERE: False, THERE: True}
    assert (await planned(book, Procedure.FAILOVER, HERE)).refusals == ()


async def test_a_region_that_is_silent_leaves_the_loss_to_what_its_writer_said_before(aws: World) -> None:
    """The writer was last seen with a standby half a second behind, as of the last minute that was measured."""
    book = stood(aws)
    history = [one for one in await seen(book) if one.region == HERE]
    aws.client("dynamodb", HERE).delete_table(TableName="orders")
    plan = await planned(book, Procedure.FAILOVER, HERE, history=history)
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:store"]
    assert plan.loss[0].seconds == pytest.approx(60, abs=60)


async def test_an_idle_policy_is_left_to_its_owner(aws: World) -> None:
    """What the user adds to the policy while it is fenced stays when the fence is lifted."""
    book = stood(aws)
    mine = policy_of(aws, "orders", THERE)
    mine["Id"] = "changed-by-hand"
    aws.client("dynamodb", THERE).put_resource_policy(ResourceArn=arn("orders", THERE), Policy=json.dumps(mine))
    await perform("promote.dynamodb", book.settings_of("store", THERE), within=10.0)
    assert policy_of(aws, "orders", THERE) == {**POLICY, "Id": "changed-by-hand"}
