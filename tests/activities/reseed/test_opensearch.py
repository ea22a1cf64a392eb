"""`reseed.opensearch`: what the conformance suite does not try."""

from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.aws.world import HERE, THERE, THIRD, World
from tests.conformance.specimens.opensearch import (
    ask,
    connect,
    follow,
    settings_of,
    stand_domain,
    stand_pair,
    told,
    write,
)

_NAME = "vec"
_BEFORE = EPOCH - 1


async def stood(aws: World, *indices: str, fenced: bool = True, **more: Any) -> dict[str, Any]:
    """Promoted there, by an older decision; what was the writer here is to follow."""
    stand_pair(aws, _NAME, *indices)
    given = {"indices": list(indices or ("vectors",)), **more}
    here, there = settings_of(aws, _NAME, HERE, **given), settings_of(aws, _NAME, THERE, **given)
    if fenced:
        await perform("fence.opensearch", here, within=15.0, epoch=_BEFORE)
    await perform("promote.opensearch", there, within=15.0, epoch=_BEFORE)
    return {**here, "upstream": there}


def docs(aws: World, region: str, index: str = "vectors") -> list[str]:
    """The keys of an index."""
    return sorted(told(aws, _NAME, region)[index][0])


async def test_what_only_the_former_writer_had_is_kept(aws: World) -> None:
    """As a blocked clone; the index itself is what the new writer has."""
    stand_pair(aws, _NAME)
    told(aws, _NAME, HERE, dead=True)
    write(aws, _NAME, HERE, "lost")
    here, there = settings_of(aws, _NAME, HERE), settings_of(aws, _NAME, THERE)
    await perform("promote.opensearch", there, within=15.0, epoch=_BEFORE)
    write(aws, _NAME, THERE, "new")
    told(aws, _NAME, HERE, dead=False)
    await perform("fence.opensearch", here, within=15.0)
    result = await perform("reseed.opensearch", {**here, "upstream": there}, within=30.0)
    kept = f"evac-{EPOCH}-vectors"
    assert result.reason == f"It follows eu-west-1:vec-there: vectors. What was there is kept, blocked, as {kept}."
    assert ("lost" in docs(aws, HERE, kept), "lost" in docs(aws, HERE), "new" in docs(aws, HERE)) == (True, False, True)
    assert write(aws, _NAME, HERE, "x") == 403
    assert write(aws, _NAME, HERE, "x", kept) == 403


async def test_an_index_that_takes_writes_is_never_deleted(aws: World) -> None:
    """It must be fenced first."""
    settings = await stood(aws, fenced=False)
    sentence = await refused("reseed.opensearch", settings, ErrorType.WRONG_STATE, within=15.0)
    assert sentence == "vectors in us-east-1:vec-here still take writes: fence it first."
    assert len(docs(aws, HERE)) == 5


async def test_nobody_can_follow_who_is_no_writer(aws: World) -> None:
    """Fenced itself, or a follower."""
    settings = await stood(aws)
    await perform("fence.opensearch", settings["upstream"], within=15.0)
    sentence = await refused("reseed.opensearch", settings, ErrorType.WRONG_STATE, within=15.0)
    assert sentence.startswith("eu-west-1:vec-there is no writer: nothing can follow it.")
    assert list(told(aws, _NAME, HERE)) == ["vectors"]


async def test_what_the_new_writer_has_not_stays_blocked(aws: World) -> None:
    """It may be what was never copied."""
    settings = await stood(aws, "chats-1", indices=["chats-*"])
    told(aws, _NAME, HERE, dead=True)
    ask(aws, _NAME, HERE, "PUT /chats-2", {})
    await perform(
        "fence.opensearch", {**settings_of(aws, _NAME, HERE), "indices": ["chats-2"]}, within=15.0, epoch=_BEFORE
    )
    await perform("reseed.opensearch", settings, within=30.0)
    found = told(aws, _NAME, HERE)
    assert (sorted(found), found["chats-2"][1]) == (["chats-1", "chats-2", f"evac-{EPOCH}-chats-1"], True)


@pytest.mark.parametrize("moment", ["clone", "delete", "start"])
async def test_a_worker_that_dies_on_the_way_destroys_nothing(aws: World, moment: str) -> None:
    """Whoever comes next finds what was kept, and goes on from there."""
    settings = await stood(aws)
    match, after = {"clone": ("es:ESHttpPut", 0), "delete": ("es:ESHttpDelete", 0), "start": ("es:ESHttpPut", 1)}[
        moment
    ]
    aws.bend(match, "lose", times=1, after=after)
    await refused("reseed.opensearch", settings, ErrorType.UNREACHABLE, within=15.0)
    aws.straighten()
    await perform("reseed.opensearch", settings, within=30.0)
    kept = f"evac-{EPOCH}-vectors"
    assert sorted(told(aws, _NAME, HERE)) == [kept, "vectors"]
    assert (docs(aws, HERE, kept), docs(aws, HERE)) == (docs(aws, THERE), docs(aws, THERE))


async def test_a_clone_that_is_not_equal_saves_the_index(aws: World) -> None:
    """Somebody else's, or an unfinished one: nothing is deleted."""
    settings = await stood(aws)
    ask(aws, _NAME, HERE, f"PUT /evac-{EPOCH}-vectors", {})
    sentence = await refused("reseed.opensearch", settings, ErrorType.NOT_YET, within=15.0)
    assert sentence.endswith("Nothing was deleted.")
    assert len(docs(aws, HERE)) == 5


async def test_the_domains_are_connected_once(aws: World) -> None:
    """The new connection is accepted at its far end; the next time it is found."""
    settings = await stood(aws)
    aws.tell("opensearch", provisioning=3)
    await perform("reseed.opensearch", settings, within=30.0)
    client = aws.client("opensearch", HERE)
    (made,) = client.describe_outbound_connections()["Connections"]
    assert (made["ConnectionAlias"], made["ConnectionStatus"]["StatusCode"]) == ("evac-eu-west-1-vec-there", "ACTIVE")
    ask(aws, _NAME, HERE, "POST /_plugins/_replication/vectors/_stop", {})
    await perform("fence.opensearch", settings_of(aws, _NAME, HERE), within=15.0, epoch=EPOCH + 1)
    await perform("reseed.opensearch", settings, within=30.0, epoch=EPOCH + 1)
    assert len(client.describe_outbound_connections()["Connections"]) == 1


async def test_with_fine_grained_access_control_replication_is_given_roles(aws: World) -> None:
    """And a user of the domain's own may ask in place of AWS credentials."""
    more = {"AdvancedSecurityOptions": {"Enabled": True, "InternalUserDatabaseEnabled": True}}
    for region in (HERE, THERE):
        stand_domain(aws, _NAME, region, **more)
        told(aws, _NAME, region, user=["evac", "made-up-password"])
    write(aws, _NAME, THERE, "1")
    own = {"user": "evac", "password": "env://OPENSEARCH_PASSWORD"}
    settings = {**settings_of(aws, _NAME, HERE, **own), "upstream": settings_of(aws, _NAME, THERE, **own)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENSEARCH_PASSWORD", "made-up-password")
        await perform("reseed.opensearch", settings, within=30.0)
        patch.setenv("OPENSEARCH_PASSWORD", "another")
        await refused("reseed.opensearch", settings, ErrorType.DENIED, within=15.0)
    assert docs(aws, HERE) == ["1"]


async def test_a_pattern_is_followed_by_a_rule(aws: World) -> None:
    """What the new writer creates later is followed too."""
    settings = await stood(aws, "chats-1", indices=["chats-*"], near=0)
    await perform("reseed.opensearch", settings, within=30.0)
    write(aws, _NAME, THERE, "1", "chats-2")
    result = await perform("catch_up.opensearch", settings, within=15.0)
    assert result.reason == "It is 0 operations behind eu-west-1:vec-there."
    assert docs(aws, HERE, "chats-2") == ["1"]


async def test_a_rule_of_the_owners_that_does_the_same_is_left(aws: World) -> None:
    """One that follows another domain is not."""
    settings = await stood(aws, "chats-1", indices=["chats-*"])
    connect(aws, _NAME, HERE, THERE, alias="mine")
    body = {"leader_alias": "mine", "name": "my-rule", "pattern": "chats-*"}
    ask(aws, _NAME, HERE, "POST /_plugins/_replication/_autofollow", body)
    stand_domain(aws, _NAME, THIRD)
    connect(aws, _NAME, HERE, THIRD, alias="elsewhere")
    other = {"leader_alias": "elsewhere", "name": "old", "pattern": "chats-*"}
    ask(aws, _NAME, HERE, "POST /_plugins/_replication/_autofollow", other)
    await perform("reseed.opensearch", settings, within=30.0)
    said = ask(aws, _NAME, HERE, "GET /_plugins/_replication/autofollow_stats")[1]["autofollow_stats"]
    assert [rule["name"] for rule in said] == ["my-rule"]


async def test_who_followed_another_domain_follows_the_new_writer(aws: World) -> None:
    """A third region: its index is stopped, blocked in that moment, kept, and copied anew."""
    stand_pair(aws, _NAME)
    stand_domain(aws, _NAME, THIRD)
    connect(aws, _NAME, THIRD, HERE)
    follow(aws, _NAME, THIRD)
    await perform("fence.opensearch", settings_of(aws, _NAME, HERE), within=15.0, epoch=_BEFORE)
    there = settings_of(aws, _NAME, THERE)
    await perform("promote.opensearch", there, within=15.0, epoch=_BEFORE)
    write(aws, _NAME, THERE, "new")
    third = {**settings_of(aws, _NAME, THIRD), "upstream": there}
    await perform("reseed.opensearch", third, within=30.0)
    assert "new" in docs(aws, THIRD)
    assert write(aws, _NAME, THIRD, "x") == 403
    seen = await perform("detect.opensearch", there, within=15.0)
    assert seen.reason.endswith("its standbys: ap-southeast-2:vec-third (streaming).")


async def test_what_a_client_creates_anew_stops_it(aws: World) -> None:
    """It writes between the deletion and the start: nothing of it is deleted, by no retry either."""
    settings = await stood(aws)
    told(aws, _NAME, HERE, stray={"vectors": "stray"})
    sentence = await refused("reseed.opensearch", settings, ErrorType.WRONG_STATE, within=15.0)
    assert sentence.startswith("vectors in us-east-1:vec-here take writes: a client has created them anew.")
    sentence = await refused("reseed.opensearch", settings, ErrorType.NOT_YET, within=15.0)
    assert sentence.endswith("Nothing was deleted.")
    assert (docs(aws, HERE), write(aws, _NAME, HERE, "more")) == (["stray"], 403)
    ask(aws, _NAME, HERE, "DELETE /vectors")
    await perform("reseed.opensearch", settings, within=30.0)
    assert docs(aws, HERE) == docs(aws, THERE)
