"""`fence.opensearch`: what the conformance suite does not try."""

from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.opensearch import settings_of, stand_pair, told, write

_NAME = "vec"


def stood(aws: World, *indices: str, **more: Any) -> dict[str, Any]:
    """A domain that is written here."""
    stand_pair(aws, _NAME, *indices)
    return settings_of(aws, _NAME, HERE, **more)


async def test_a_client_cannot_write_any_more(aws: World) -> None:
    """It is told so by OpenSearch itself; replication goes on."""
    settings = stood(aws)
    assert write(aws, _NAME, HERE, "before") == 200
    result = await perform("fence.opensearch", settings, within=15.0)
    assert (result.changed, result.proved) == (True, True)
    assert result.reason == f"It takes no more writes: vectors are blocked; decision {EPOCH} was noted."
    assert write(aws, _NAME, HERE, "after") == 403
    assert min(told(aws, _NAME, THERE)["vectors"][0]) == "before"


async def test_a_silent_region_is_no_proof(aws: World) -> None:
    """The recovery goes on, and a person or a policy says whether it may."""
    settings = stood(aws)
    aws.bend(f"@{HERE}", "refuse")
    result = await perform("fence.opensearch", settings, within=15.0)
    check = await perform("fence.opensearch.check", settings, within=15.0)
    aws.straighten()
    assert (result.changed, result.proved, check.proved) == (False, False, False)
    assert result.reason.startswith("It could not be fenced in eu-west-1, and may still take writes.")
    assert write(aws, _NAME, HERE, "still") == 200


async def test_a_domain_that_hangs_is_no_proof_either(aws: World) -> None:
    """Although AWS answers for it; it is given up in time."""
    settings = stood(aws, connect_timeout=0.4, read_timeout=0.4)
    aws.bend("es:ESHttpGet", "hang")
    result = await perform("fence.opensearch", settings, within=15.0)
    aws.straighten()
    assert (result.changed, result.proved) == (False, False)
    assert result.reason.endswith("The domain vec-here in us-east-1 gave no answer within 0.4 s.")


async def test_a_standby_needs_no_fence(aws: World) -> None:
    """Replication itself refuses writes."""
    stood(aws)
    result = await perform("fence.opensearch", settings_of(aws, _NAME, THERE), within=15.0)
    assert (result.changed, result.proved) == (False, True)
    assert result.reason == "It takes no writes: its indices follow another domain."


async def test_the_owners_own_block_stays_after_the_undo(aws: World) -> None:
    """Only what this decision has set is lifted, also when nobody knows any more what was before."""
    settings = stood(aws, "vectors", "archive", indices=["vectors", "archive"])
    told(aws, _NAME, HERE, indices={"archive": {"barred": True}})
    await perform("fence.opensearch", settings, within=15.0)
    undone = await perform("fence.opensearch.undo", settings, before={}, within=15.0)
    assert (undone.changed, undone.reason) == (True, "It takes writes again: the block of vectors was lifted.")
    assert (write(aws, _NAME, HERE, "1"), write(aws, _NAME, HERE, "1", "archive")) == (200, 403)


async def test_a_fence_whose_answer_is_lost_is_undone_exactly(aws: World) -> None:
    """What was blocked before is kept in the domain's tags, before anything is blocked."""
    settings = stood(aws)
    aws.bend("es:ESHttpPut", "lose", times=1)
    await refused("fence.opensearch", settings, ErrorType.UNREACHABLE, within=15.0)
    aws.straighten()
    assert write(aws, _NAME, HERE, "1") == 403
    again = await perform("fence.opensearch", settings, within=15.0)
    assert (again.changed, again.proved) == (False, True)
    await perform("fence.opensearch.undo", settings, before=again.before, within=15.0)
    assert write(aws, _NAME, HERE, "1") == 200


async def test_the_undo_of_another_decision_lifts_nothing(aws: World) -> None:
    """A fence that was there before stays."""
    settings = stood(aws)
    await perform("fence.opensearch", settings, within=15.0, epoch=EPOCH - 1)
    done = await perform("fence.opensearch", settings, within=15.0)
    undone = await perform("fence.opensearch.undo", settings, before=done.before, within=15.0)
    assert (undone.changed, undone.reason) == (False, "It has no fence of this decision.")
    assert write(aws, _NAME, HERE, "1") == 403


async def test_an_index_that_is_created_afterwards_is_blocked_by_the_next_run(aws: World) -> None:
    """A pattern takes it in; until then the detector tells of a writer."""
    settings = stood(aws, "chats-1", indices=["chats-*"])
    await perform("fence.opensearch", settings, within=15.0)
    assert write(aws, _NAME, HERE, "1", "chats-2") == 200
    seen = await perform("detect.opensearch", settings, within=15.0)
    assert seen.reason.startswith("chats-2 take writes")
    again = await perform("fence.opensearch", settings, within=15.0)
    assert (again.changed, again.proved) == (True, True)
    assert write(aws, _NAME, HERE, "2", "chats-2") == 403


async def test_more_indices_than_fit_in_one_request(aws: World) -> None:
    """They are blocked, and opened again, in several."""
    names = [f"chats-{number}-{'x' * 150}" for number in range(25)]
    settings = stood(aws, "vectors", indices=["chats-*"])
    for name in names:
        write(aws, _NAME, HERE, "1", name)
    done = await perform("fence.opensearch", settings, within=15.0)
    assert {write(aws, _NAME, HERE, "2", name) for name in names} == {403}
    assert aws.asked().count("es:ESHttpPut") == 2
    await perform("fence.opensearch.undo", settings, before=done.before, within=15.0)
    assert {write(aws, _NAME, HERE, "2", name) for name in names} == {200}
