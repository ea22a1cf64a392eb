"""`reseed.s3`: what the conformance suite does not try."""

from tests.activities.calls import perform
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.s3 import fences, rules_of, settings_of, stand_buckets


async def test_what_has_no_copies_says_what_they_lack(aws: World) -> None:
    """S3 copies only what is written after a rule was made."""
    stand_buckets(aws, "models", fenced=HERE, copied=False)
    settings = settings_of(aws, "models", HERE, upstream=settings_of(aws, "models", THERE))
    result = await perform("reseed.s3", settings, within=10.0)
    assert result.reason == (
        "It takes no writes: its policy denies them since decision 3; decision 7 was noted. The objects of "
        "models-there are copied to it from now on; those that it lacks already must be copied by S3 Batch Replication."
    )
    assert fences(aws, "models") == {HERE: True, THERE: False}
    assert [one["ID"] for one in rules_of(aws, "models", THERE)] == ["evac-models-here"]
