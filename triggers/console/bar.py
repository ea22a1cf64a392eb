"""The time of a run against its objective, as a bar: spent, what the plan still needs, and where the RTO ends. Pure."""

from html import escape

from runbooks.budget import budget
from runbooks.durations import duration
from runbooks.outlook import against_rto
from runbooks.runs import RunState

_WIDE, _HIGH, _TOP = 960, 18, 18
_ROOM = 1.06
"""So much of the picture is beyond what is drawn."""


def svg(state: RunState, now: float) -> str:
    """The bar as one inline `<svg>`."""
    spent = against_rto(state, now)
    found = budget(state, now)
    needs = 0.0 if state.ended_at is not None else (found.needed_p95 or found.needed or 0.0)
    median = 0.0 if state.ended_at is not None else (found.needed or 0.0)
    scale = _WIDE / (max(state.rto, spent + needs, 0.001) * _ROOM)
    kind = "over" if spent > state.rto else "spent"
    at, rto = spent * scale, state.rto * scale
    told = f"{duration(spent)} spent of {duration(state.rto)}; {found.sentence}"
    return (
        f'<svg class="budget" viewBox="0 0 {_WIDE} {_TOP + _HIGH + 4}" role="img" aria-label="{escape(told)}">'
        f'<rect class="room" x="0" y="{_TOP}" width="{_WIDE}" height="{_HIGH}"/>'
        f'<rect class="slow" x="{at:.1f}" y="{_TOP}" width="{needs * scale:.1f}" height="{_HIGH}"/>'
        f'<rect class="needed" x="{at:.1f}" y="{_TOP}" width="{median * scale:.1f}" height="{_HIGH}"/>'
        f'<rect class="{kind}" x="0" y="{_TOP}" width="{at:.1f}" height="{_HIGH}"/>'
        f'<line class="rto" x1="{rto:.1f}" y1="{_TOP - 4}" x2="{rto:.1f}" y2="{_TOP + _HIGH + 4}"/>'
        f'<text class="rto-label" x="{rto:.1f}" y="11" text-anchor="end">RTO {escape(duration(state.rto))}</text></svg>'
    )
