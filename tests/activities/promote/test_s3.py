"""`promote.s3`, and whole procedures of a runbook with a replicated bucket, planned and carried out."""

from typing import Any

import pytest

from runbooks.models import Procedure, Runbook
from runbooks.plan import Step
from runbooks.steps import ErrorType, Verb
from tests.activities.calls import perform, refused
from tests.aws.procedure import book_of, carried_out, planned, verbs
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.s3 import (
    TAGS,
    age_fence,
    buckets,
    fences,
    pending,
    rule,
    rules_of,
    settings_of,
    stand_buckets,
)


def stood(aws: World, **more: Any) -> Runbook:
    """Written here; a minute ago nothing was pending."""
    stand_buckets(aws, "models", **more)
    pending(aws, "models", HERE, 0)
    return book_of("s3", settings_of(aws, "models", HERE), settings_of(aws, "models", THERE))


async def test_a_failover_moves_the_writer_and_reverses_replication(aws: World) -> None:
    """The heir takes writes and is copied back; the user's rule stays, and so do policy and tags."""
    book = stood(aws, copied=False)
    aws.tell("s3", rules={buckets("models")[HERE]: {"Role": "r", "Rules": [rule(buckets("models")[THERE])]}})
    plan = await planned(book, Procedure.FAILOVER, HERE)
    assert (verbs(plan), plan.refusals) == ([(Verb.FENCE, HERE), (Verb.PROMOTE, THERE)], ())
    assert plan.loss[0].seconds == pytest.approx(60, abs=60)
    await carried_out(plan, epoch=7)
    assert fences(aws, "models") == {HERE: True, THERE: False}
    assert rules_of(aws, "models", HERE) == [rule("models-there")]
    assert rules_of(aws, "models", THERE) == [
        {
            "ID": "evac-models-here",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {"Bucket": "arn:aws:s3:::models-here", "Metrics": {"Status": "Enabled"}},
        }
    ]
    shown = aws.client("s3", THERE).get_bucket_tagging(Bucket="models-there")["TagSet"]
    assert shown == [*TAGS, {"Key": "evac:epoch", "Value": "7"}]


async def test_a_rule_of_the_users_own_is_enabled_as_it_is(aws: World) -> None:
    """Its filter and its other settings are kept."""
    book = stood(aws)
    off = {"Role": "r", "Rules": [rule("models-here", Status="Disabled")]}
    aws.tell("s3", rules={"models-there": off})
    await perform("promote.s3", book.settings_of("store", THERE), within=10.0)
    assert rules_of(aws, "models", THERE) == [rule("models-here")]


async def test_a_dead_region_gets_its_copies_later(aws: World) -> None:
    """The heir takes writes all the same, and says what is left to the reseed."""
    book = stood(aws, copied=False)
    aws.tell("s3", unreachable=["models-here"])
    result = await perform("promote.s3", book.settings_of("store", THERE), within=10.0)
    assert result.reason.startswith(
        "It takes writes: the fence of decision 3 was lifted from its policy. But models-here get no copies yet, which "
        "the reseed must see to: AWS answers InvalidRequest to s3:PutReplicationConfiguration"
    )
    assert fences(aws, "models")[THERE] is False
    again = await perform("promote.s3", book.settings_of("store", THERE), within=10.0)
    assert again.changed is False


async def test_a_switchover_and_the_way_home_lose_nothing(aws: World) -> None:
    """Nothing is pending in a minute that began after the fence: then the other bucket is opened."""
    book = stood(aws)
    pending(aws, "models", THERE, 0)

    def minutes_pass(step: Step) -> None:
        if step.verb is Verb.FENCE:
            age_fence(aws, "models", step.region)

    away = await planned(book, Procedure.SWITCHOVER, HERE)
    assert (away.refusals, away.loss[0].seconds) == ((), 0.0)
    await carried_out(away, epoch=7, then=minutes_pass)
    assert fences(aws, "models") == {HERE: True, THERE: False}
    home = await planned(book, Procedure.FAILBACK, THERE)
    assert home.refusals == ()
    await carried_out(home, epoch=8, then=minutes_pass)
    assert fences(aws, "models") == {HERE: False, THERE: True}


async def test_without_a_role_it_says_what_is_missing(aws: World) -> None:
    """In a planned procedure no write goes without its copy."""
    stand_buckets(aws, "models", fenced=HERE, copied=False)
    upstream = settings_of(aws, "models", HERE)
    settings = {**settings_of(aws, "models", THERE), "replication_role": None, "upstream": upstream}
    sentence = await refused("promote.s3", settings, ErrorType.BAD_SETTINGS, within=10.0)
    assert sentence == (
        "The bucket models-there has no replication, and no role to copy its objects to models-here: give "
        "`replication_role`."
    )
