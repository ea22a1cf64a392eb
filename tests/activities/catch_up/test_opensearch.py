"""`catch_up.opensearch`: what the conformance suite does not try."""

from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.opensearch import ask, settings_of, stand_pair, told, write

_NAME = "vec"


def stood(aws: World, *indices: str, **more: Any) -> dict[str, Any]:
    """A follower there, of a writer here."""
    stand_pair(aws, _NAME, *indices)
    names = {"indices": list(indices or ("vectors",))}
    return {**settings_of(aws, _NAME, THERE, **names), "upstream": settings_of(aws, _NAME, HERE, **names), **more}


async def test_near_is_counted_in_operations(aws: World) -> None:
    """The writer goes on."""
    settings = stood(aws, near=3)
    told(aws, _NAME, THERE, indices={"vectors": {"looks": 4}})
    for number in range(3):
        write(aws, _NAME, HERE, f"new-{number}")
    result = await perform("catch_up.opensearch", settings, within=15.0)
    assert (result.changed, result.reason) == (False, "It is 3 operations behind us-east-1:vec-here.")


async def test_it_waits_for_what_is_missing(aws: World) -> None:
    """It changes nothing itself."""
    settings = stood(aws, near=0)
    told(aws, _NAME, THERE, indices={"vectors": {"looks": 2}})
    write(aws, _NAME, HERE, "new")
    result = await perform("catch_up.opensearch", settings, within=15.0)
    assert (result.changed, result.reason) == (False, "It is 0 operations behind us-east-1:vec-here.")


async def test_it_gives_up_with_the_number(aws: World) -> None:
    """Not yet: it is asked again."""
    settings = stood(aws, near=0)
    told(aws, _NAME, THERE, indices={"vectors": {"looks": 9999}})
    write(aws, _NAME, HERE, "new")
    sentence = await refused("catch_up.opensearch", settings, ErrorType.NOT_YET, within=4.0)
    assert sentence == "eu-west-1:vec-there is 1 operation behind us-east-1:vec-here. Look at its replication."


async def test_a_writer_that_writes_on_is_never_caught_up_with(aws: World) -> None:
    """Everything is a number only behind a fence."""
    sentence = await refused("catch_up.opensearch", stood(aws, exact=True), ErrorType.WRONG_STATE, within=15.0)
    assert sentence == "vectors in us-east-1:vec-here still take writes: fence it first."


async def test_an_index_that_nobody_follows_is_waited_for(aws: World) -> None:
    """A rule may take it up in a moment; until then there is not everything."""
    settings = stood(aws, "chats-1")
    write(aws, _NAME, HERE, "1", "chats-2")
    wider = {**settings, "indices": ["chats-*"], "upstream": {**settings["upstream"], "indices": ["chats-*"]}}
    sentence = await refused("catch_up.opensearch", wider, ErrorType.NOT_YET, within=4.0)
    assert sentence.startswith("eu-west-1:vec-there does not follow chats-2 of us-east-1:vec-here yet.")


async def test_who_follows_nobody_is_reseeded_first(aws: World) -> None:
    """It would wait for ever."""
    settings = stood(aws)
    ask(aws, _NAME, THERE, "POST /_plugins/_replication/vectors/_stop", {})
    sentence = await refused("catch_up.opensearch", settings, ErrorType.WRONG_STATE, within=15.0)
    assert sentence == "vectors in eu-west-1:vec-there follow nobody: reseed it first."
