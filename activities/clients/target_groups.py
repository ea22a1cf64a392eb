"""A load balancer's target group: how many of its targets are healthy.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html
"""

import math
from collections import Counter

from activities.clients.aws import aws
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Sight
from runbooks.aws.checks import Minimum, TargetGroupSettings
from runbooks.steps import ErrorType

_LEAVING = ("draining", "unhealthy.draining")
_UNTOLD = "unavailable"
_SHOWN = 5


async def look_at_targets(job: Job[TargetGroupSettings]) -> Sight:
    """One look. Raises StepError; a group without health checks can tell nothing."""
    settings = job.settings
    answer = await aws(job).read("elbv2", "describe_target_health", TargetGroupArn=settings.target_group)
    found = [one for one in answer["TargetHealthDescriptions"] if one["TargetHealth"]["State"] not in _LEAVING]
    states = Counter(one["TargetHealth"]["State"] for one in found)
    name = settings.target_group.split("/")[-2]
    if found and states[_UNTOLD] == len(found):
        sentence = f"The target group {name} has its health checks switched off: it tells nothing."
        raise StepError(ErrorType.BAD_SETTINGS, sentence)
    healthy, needed = states["healthy"], _needed(settings.minimum, len(found))
    bad = [f"{one['Target']['Id']}: {_why(one['TargetHealth'])}" for one in found if _is_bad(one["TargetHealth"])]
    reason = f"{healthy} of {len(found)} targets of {name} are healthy, and {needed} must be"
    reason += f" ({'; '.join(bad[:_SHOWN])})." if bad and healthy < needed else "."
    return Sight(good=healthy >= needed, reason=reason, values={"healthy": healthy, "targets": len(found)})


def _needed(minimum: Minimum, targets: int) -> int:
    """At least one: a group without targets serves nobody."""
    if isinstance(minimum, int):
        return minimum
    return max(1, math.ceil(targets * int(minimum.rstrip("%")) / 100))


def _is_bad(health: dict[str, str]) -> bool:
    return health["State"] != "healthy"


def _why(health: dict[str, str]) -> str:
    return health.get("Description", "").rstrip(".") or health.get("Reason", "") or health["State"]
