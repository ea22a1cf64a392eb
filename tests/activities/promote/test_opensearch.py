"""`promote.opensearch`: what the conformance suite does not try."""

from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.opensearch import ALIAS, ask, settings_of, stand_pair, told, write

_NAME = "vec"
_RULES = "/_plugins/_replication/_autofollow"


def stood(aws: World, *indices: str, **more: Any) -> dict[str, Any]:
    """A follower there."""
    stand_pair(aws, _NAME, *indices)
    return settings_of(aws, _NAME, THERE, **{"indices": list(indices or ("vectors",)), **more})


def rules(aws: World) -> list[str]:
    """Of the follower's domain."""
    said = ask(aws, _NAME, THERE, "GET /_plugins/_replication/autofollow_stats")[1]
    return [one["name"] for one in said["autofollow_stats"]]


async def test_it_takes_writes_with_the_leader_dead(aws: World) -> None:
    """Nothing is asked of the region that is left; what it had is there."""
    settings = stood(aws, "vectors", "prompts")
    aws.bend(f"@{HERE}", "refuse")
    told(aws, _NAME, HERE, dead=True)
    result = await perform("promote.opensearch", settings, within=15.0)
    aws.straighten()
    assert result.reason.startswith("prompts and vectors take writes, and follow nobody. Before, prompts was UNKNOWN")
    assert [write(aws, _NAME, THERE, "new", name) for name in ("vectors", "prompts")] == [200, 200]
    assert len(told(aws, _NAME, THERE)["vectors"][0]) == 6


async def test_rules_that_would_follow_new_indices_are_removed_first(aws: World) -> None:
    """Those of other indices stay; an older plugin does not tell a rule's connection, so each is tried."""
    for old in (False, True):
        aws.reset()
        settings = stood(aws, "chats-1", indices=["chats-*"])
        told(aws, _NAME, THERE, old_plugin=old)
        for name, pattern in (("ours", "chats-*"), ("others", "logs-*")):
            ask(aws, _NAME, THERE, f"POST {_RULES}", {"leader_alias": ALIAS, "name": name, "pattern": pattern})
        await perform("promote.opensearch", settings, within=15.0)
        assert rules(aws) == ["others"]
        stop, rule = aws.asked(changes=True).index("es:ESHttpPost"), aws.asked(changes=True).index("es:ESHttpDelete")
        assert rule < stop


async def test_a_planned_promotion_beside_a_writer_is_refused(aws: World) -> None:
    """There would be two."""
    settings = {**stood(aws), "upstream": settings_of(aws, _NAME, HERE)}
    sentence = await refused("promote.opensearch", settings, ErrorType.WRONG_STATE, within=15.0)
    assert sentence.endswith(
        "vectors in us-east-1:vec-here still take writes: there would be two writers. Fence it first."
    )
    assert write(aws, _NAME, THERE, "1") == 403


async def test_a_planned_promotion_loses_nothing(aws: World) -> None:
    """What is missing is counted once more, just before."""
    settings = {**stood(aws), "upstream": settings_of(aws, _NAME, HERE)}
    told(aws, _NAME, THERE, indices={"vectors": {"looks": 9999}})
    write(aws, _NAME, HERE, "new")
    await perform("fence.opensearch", settings["upstream"], within=15.0)
    sentence = await refused("promote.opensearch", settings, ErrorType.WRONG_STATE, within=15.0)
    assert sentence == "eu-west-1:vec-there lacks what us-east-1:vec-here has: 1 operation of vectors."


async def test_a_worker_that_dies_between_two_indices_is_followed_by_another(aws: World) -> None:
    """One is stopped already: the rest is, and the planned check does not stumble over what is written there since."""
    settings = {**stood(aws, "vectors", "prompts"), "upstream": settings_of(aws, _NAME, HERE)}
    settings["upstream"]["indices"] = settings["indices"]
    await perform("fence.opensearch", settings["upstream"], within=15.0)
    ask(aws, _NAME, THERE, "POST /_plugins/_replication/prompts/_stop", {})
    write(aws, _NAME, THERE, "new", "prompts")
    result = await perform("promote.opensearch", settings, within=15.0)
    assert result.changed
    assert [write(aws, _NAME, THERE, "x", name) for name in settings["indices"]] == [200, 200]


async def test_what_a_fence_has_left_is_not_opened(aws: World) -> None:
    """It follows nobody: it is a former writer, and lacks what came since."""
    stood(aws)
    settings = settings_of(aws, _NAME, HERE)
    await perform("fence.opensearch", settings, within=15.0)
    sentence = await refused("promote.opensearch", settings, ErrorType.WRONG_STATE, within=15.0)
    assert sentence.startswith("The indices of us-east-1:vec-here follow nobody, and are blocked")


async def test_what_is_still_being_copied_is_not_stopped(aws: World) -> None:
    """Stopped, it would be deleted; with the leader dead nobody says that it is being copied, but its shards do."""
    settings = stood(aws)
    told(aws, _NAME, THERE, indices={"vectors": {"state": "BOOTSTRAPPING", "looks": 9999}})
    told(aws, _NAME, HERE, dead=True)
    sentence = await refused("promote.opensearch", settings, ErrorType.WRONG_STATE, within=15.0)
    assert sentence == "vectors in eu-west-1:vec-there are still being copied: to stop that would delete them."
    assert list(told(aws, _NAME, THERE)) == ["vectors"]
