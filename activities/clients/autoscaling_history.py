"""How the launches of a group ended, by what was tried: kept in a tag, so that the next worker goes on there. Pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-capacity.html says what AWS writes when it has no capacity.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from runbooks.values import Model

RUNG_TAG = "evac:rung"
QUOTA = "quota"
"""In place of a launch: the rung was not tried, since the quota is too small."""
_QUOTA_SAID = "the vCPU quota of its family was too small"
_NONE = "none"
_SHOWN = 8
"""So much of a launch's id tells it from the others of a group."""
_FULL = re.compile(
    r"Insufficient|do not have sufficient|UnfulfillableCapacity|no (?:spot|capacity)|capacity available"
    r"|CapacityExceeded|LimitExceeded|CountExceeded|not supported in your requested Availability Zone"
    r"|vCPU (?:capacity|limit)|quota|capacity-?oversubscribed|sufficient compatible and available capacity",
    re.IGNORECASE,
)
_ENDED = frozenset({"Failed", "Cancelled"})


class Stage(Model):
    """One thing tried: the group as it is (0), or a rung of its ladder (1, 2, ...)."""

    rung: int
    after: str
    """The newest launch when it began; its own are newer."""
    refused: tuple[str, ...] = ()
    """What AWS said of launches for which it had no capacity, newest first."""
    refusals: int = 0
    """How often it said so."""
    failed: tuple[str, ...] = ()
    """The same of launches that failed for another reason."""
    waiting: bool = False
    """A launch is in progress, or ended well, after the last that failed."""

    @property
    def said(self) -> str:
        """What AWS said last, for operators; nothing when no launch has failed."""
        return (*self.refused, *self.failed, "")[0]


def began(rung: int, newest: str) -> Stage:
    """The stage that begins now."""
    return Stage(rung=rung, after=newest[:_SHOWN] or _NONE)


def unaffordable(rung: int, why: str) -> Stage:
    """A rung that is not tried: AWS would refuse it."""
    return Stage(rung=rung, after=QUOTA, refused=(why,))


def in_tag(stages: Sequence[Stage], epoch: int) -> str:
    """`7 0:1f2e3d4c 1:quota`."""
    return " ".join([str(epoch), *(f"{stage.rung}:{stage.after}" for stage in stages)])


def of_tag(text: str, epoch: int) -> tuple[Stage, ...]:
    """What has been tried under that decision."""
    decision, *parts = text.split() or [""]
    if decision != str(epoch):
        return ()
    split = (part.partition(":") for part in parts)
    return tuple(Stage(rung=int(rung), after=after) for rung, _, after in split if rung.isdecimal())


def launches_of(stages: Sequence[Stage], activities: Sequence[Mapping[str, Any]]) -> tuple[Stage, ...]:
    """The stages with how their launches ended; `activities` are AWS's, newest first."""
    ids = [str(activity["ActivityId"])[:_SHOWN] for activity in activities]
    found, newer = [], 0
    for stage in reversed(stages):
        if stage.after == QUOTA:
            found.append(stage.model_copy(update={"refused": stage.refused or (_QUOTA_SAID,)}))
            continue
        older = ids.index(stage.after) if stage.after in ids else len(ids)
        found.append(_ended(stage, activities[newer:older]))
        newer = max(newer, older)
    return tuple(reversed(found))


def _ended(stage: Stage, activities: Sequence[Mapping[str, Any]]) -> Stage:
    launches = [one for one in activities if not str(one.get("Description", "")).startswith("Terminating")]
    bad = [" ".join(str(one.get("StatusMessage", "")).split()) for one in launches if one["StatusCode"] in _ENDED]
    full = [said for said in bad if _FULL.search(said)]
    seen = {
        "refused": tuple(dict.fromkeys(full)),
        "refusals": len(full),
        "failed": tuple(dict.fromkeys(said for said in bad if said and said not in full)),
        "waiting": bool(launches) and launches[0]["StatusCode"] not in _ENDED,
    }
    return stage.model_copy(update=seen)
