"""The time of a run against its objective, as a bar: spent, what the plan still needs, and where the RTO ends. Pure."""

from html import escape

from runbooks.budget import budget
from runbooks.durations import duration
from runbooks.outlook import against_rto
from runbooks.runs import RunState

_HIGH, _TOP = 18, 18
_ROOM = 1.06
"""So much of the picture is beyond what is drawn."""


def svg(state: RunState, now: float) -> str:
    """The bar as one inline `<svg>`, as wide as there is room."""
    spent = against_rto(state, now)
    found = budget(state, now)
    over = state.ended_at is not None
    median = 0.0 if over else (found.needed or 0.0)
    slow = 0.0 if over else (found.needed_p95 or median)
    scale = 100 / (max(state.rto, spent + slow, 0.001) * _ROOM)
    told = f"{duration(spent)} spent of {duration(state.rto)}; {found.sentence}"
    at, rto = spent * scale, state.rto * scale
    parts = (
        _part("room", 0, 100),
        _part("slow", at, slow * scale),
        _part("needed", at, median * scale),
        _part("over" if spent > state.rto else "spent", 0, at),
        f'<line class="rto" x1="{rto:.2f}%" y1="{_TOP - 4}" x2="{rto:.2f}%" y2="{_TOP + _HIGH + 4}"/>',
        f'<text class="rto-label" x="{rto:.2f}%" y="11" text-anchor="end">RTO {escape(duration(state.rto))}</text>',
    )
    size = f'width="100%" height="{_TOP + _HIGH + 4}"'
    return f'<svg class="budget" {size} role="img" aria-label="{escape(told)}">{"".join(parts)}</svg>'


def _part(kind: str, start: float, wide: float) -> str:
    return f'<rect class="{kind}" x="{start:.2f}%" y="{_TOP}" width="{wide:.2f}%" height="{_HIGH}"/>'
