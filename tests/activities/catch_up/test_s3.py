"""`catch_up.s3`: what the conformance suite does not try."""

from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.s3 import pending, settings_of, stand_buckets


def stood(aws: World, fenced: str | None = THERE, **more: Any) -> dict[str, Any]:
    """The settings of a bucket that gets copies."""
    stand_buckets(aws, "models", fenced)
    return settings_of(aws, "models", THERE, upstream=settings_of(aws, "models", HERE), **more)


async def test_near_is_little_that_is_pending(aws: World) -> None:
    """While the writer goes on, a megabyte is little."""
    settings = stood(aws, within_bytes=1024 * 1024)
    pending(aws, "models", HERE, 1)
    result = await perform("catch_up.s3", settings, within=10.0)
    assert result.reason == (
        "1 operations (1.04858e+06 bytes) of models-here were pending when CloudWatch last looked."
    )


async def test_what_was_pending_before_the_fence_proves_nothing(aws: World) -> None:
    """Nothing was pending a while before the last writes: that says nothing of them."""
    settings = stood(aws, fenced=HERE, exact=True)
    pending(aws, "models", HERE, 0, age=600.0)
    sentence = await refused("catch_up.s3", settings, ErrorType.NOT_YET, within=3.0)
    assert sentence == (
        "0 operations (0 bytes) of models-here were pending before its fence, and CloudWatch tells nothing later yet: "
        "say retry in a minute."
    )


async def test_a_rule_without_metrics_tells_nothing(aws: World) -> None:
    """No metric is no proof."""
    sentence = await refused("catch_up.s3", stood(aws), ErrorType.NOT_YET, within=3.0)
    assert sentence == (
        "CloudWatch tells nothing of what is pending from models-here to models-there: enable the metrics of its "
        "replication rule."
    )
