"""What was measured over many runs beside what was promised, as a picture. Pure."""

from collections.abc import Sequence
from html import escape

from audit.measures import measures
from audit.shelf import Kept
from runbooks.durations import duration
from runbooks.runs import Outcome
from runbooks.values import Model, Seconds, UnixTime
from runbooks.words import day

_WIDE, _HIGH, _LEFT, _TOP, _BOTTOM = 960, 200, 80, 16, 26
_GOOD = frozenset({Outcome.RECOVERED, Outcome.COMPLETED, Outcome.APPLIED_NOT_CONFIRMED})


class Point(Model):
    """One run."""

    at: UnixTime
    seconds: Seconds
    record: str
    drill: bool
    procedure: str


def recoveries(own: Sequence[Kept]) -> tuple[Point, ...]:
    """How long each run that moved something took, oldest first."""
    found = []
    for one in reversed(own):
        if one.state is not None and one.state.outcome in _GOOD:
            spent = measures(one.state).rto.measured
            if spent is not None:
                found.append(_point(one, spent))
    return tuple(found)


def lost(own: Sequence[Kept]) -> tuple[Point, ...]:
    """The largest loss of each run, as far as it is known, oldest first."""
    found = []
    for one in reversed(own):
        if one.state is not None and one.state.outcome in _GOOD:
            known = [
                s
                for s in (r.stated if r.measured is None else r.measured for r in measures(one.state).rpo)
                if s is not None
            ]
            if known:
                found.append(_point(one, max(known)))
    return tuple(found)


def _point(one: Kept, seconds: float) -> Point:
    return Point(at=one.began, seconds=seconds, record=one.name, drill=one.drill, procedure=one.kind)


def svg(points: Sequence[Point], limit: float, name: str) -> str:
    """The points in their order, and the line of the objective; empty when there are none."""
    if not points:
        return ""
    top = max(limit, *(point.seconds for point in points), 0.001) * 1.15
    high = _HIGH - _TOP - _BOTTOM
    wide = _WIDE - _LEFT - 20
    where = [
        (_LEFT + wide * (number + 0.5) / len(points), _TOP + high * (1 - point.seconds / top))
        for number, point in enumerate(points)
    ]
    at = _TOP + high * (1 - limit / top)
    promised = duration(limit)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in where)
    over = sum(point.seconds > limit for point in points)
    told = f"{name} of {len(points)} runs; {over} over the objective of {duration(limit)}"
    dots = [_dot(point, place, limit) for point, place in zip(points, where, strict=True)]
    first, last = day(points[0].at)[:10], day(points[-1].at)[:10]
    return "".join(
        [
            f'<svg class="trend" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{escape(told)}">',
            f'<line class="axis" x1="{_LEFT}" y1="{_TOP + high}" x2="{_WIDE - 20}" y2="{_TOP + high}"/>',
            f'<text x="{_LEFT - 8}" y="{_TOP + high + 4}" text-anchor="end">0 s</text>',
            f'<line class="limit" x1="{_LEFT}" y1="{at:.1f}" x2="{_WIDE - 20}" y2="{at:.1f}"/>',
            f'<text class="limit-label" x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{escape(promised)}</text>',
            f'<polyline class="line" points="{line}"/>',
            *dots,
            f'<text x="{_LEFT}" y="{_HIGH - 6}">{first}</text>',
            f'<text x="{_WIDE - 20}" y="{_HIGH - 6}" text-anchor="end">{last}</text></svg>',
        ]
    )


def _dot(point: Point, place: tuple[float, float], limit: float) -> str:
    kind = "dot" + (" bad" if point.seconds > limit else "") + ("" if point.drill else " real")
    x, y = place
    said = f"{point.procedure}{', drill' if point.drill else ''}, {day(point.at)}: {duration(point.seconds)}"
    # over the objective is a square, too: colour is never the only sign
    shape = (
        f'<rect class="{kind}" x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10">'
        if point.seconds > limit
        else f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5">'
    )
    end = "</rect>" if point.seconds > limit else "</circle>"
    return f'<a href="/records/{escape(point.record)}">{shape}<title>{escape(said)}</title>{end}</a>'
