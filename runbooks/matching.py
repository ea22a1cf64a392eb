"""How large a group must be, measured by the region that is left: beside the number of a plan, never below it."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, JsonValue

from runbooks.values import Model, Seconds


class Match(Model):
    """A part of what the region that is left runs; when it does not say, the plan's number stands."""

    percent: int = Field(default=100, ge=1, le=1000)
    of: Literal["running", "24h-maximum"] = "running"
    """What runs there now, or the most that ran there within 24 hours (asked of its metrics)."""
    within: Seconds = Field(default=3.0, gt=0)
    """How long that region may take to say so: it may be the one that fails."""


class Matching(Model):
    """Settings of a group that can be sized so. The planner adds those of the region that is left as `upstream`."""

    match: Match | None = None


def match_of(settings: Mapping[str, JsonValue]) -> Match | None:
    """How a group of these settings is measured, if at all."""
    found = settings.get("match")
    return Match.model_validate(found) if isinstance(found, dict) else None


def words_of(match: Match, region: str) -> str:
    """What is measured, in words."""
    what = "runs" if match.of == "running" else "ran at most within 24 hours"
    return f"{match.percent}% of what {region} {what}"
