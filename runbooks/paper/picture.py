"""A plan as a picture: SVG that needs nothing from elsewhere, coloured by the page, readable in black and white."""

from html import escape
from itertools import pairwise
from textwrap import wrap

from runbooks.paper.layout import BOX, Layout, Point, lay_out
from runbooks.plan import Plan, Step
from runbooks.render import waited_for
from runbooks.reversal import Mark, marks, numbered

_MARGIN = 14.0
_LETTERS = 25
"""That fit on a line of a box."""
_LINES = 4
_LEADING = 14.0
_WIDE, _HIGH = BOX


def picture(plan: Plan) -> str:
    """The `<svg>` element; its classes are in the page's style."""
    numbers = numbered(plan)
    names = {number: step_id for step_id, number in numbers.items()}
    needs = {step_id: [names[n] for n in found] for step_id, found in waited_for(plan, numbers).items()}
    layout = lay_out(list(numbers), needs)
    drawn = marks(plan)
    points = [step_id for step_id, mark in drawn.items() if mark is Mark.POINT]
    label = f"The {len(numbers)} steps of the {plan.procedure} {plan.source} to {plan.target}, and what waits for what"
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    return "\n".join(
        [
            (
                f'<svg class="plan" role="img" aria-label="{escape(label)}" viewBox="0 0 {width:g} {height:g}" '
                f'style="max-width:{width:g}px">'
            ),
            f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">',
            *(f'<path class="edge" d="{_curve(way)}"/>' for way in layout.edges.values()),
            *_border(layout, points),
            *(
                _box(plan.step(step_id), number, layout.places[step_id], drawn[step_id])
                for step_id, number in numbers.items()
            ),
            "</g>",
            "</svg>",
        ]
    )


def _curve(way: tuple[Point, ...]) -> str:
    """From the lower side of a box, through the places that are kept free, to the upper side of another."""
    drawn = f"M{way[0][0]:g} {way[0][1] + _HIGH / 2:g}"
    for (x, y), (to_x, to_y) in pairwise(way):
        begin, end = y + _HIGH / 2, to_y - _HIGH / 2
        middle = (begin + end) / 2
        drawn += f" C{x:g} {middle:g} {to_x:g} {middle:g} {to_x:g} {end:g}"
        drawn += f" V{to_y + _HIGH / 2:g}" if (to_x, to_y) != way[-1] else ""
    return drawn


def _border(layout: Layout, points: list[str]) -> list[str]:
    """Above the first promotions: until there an abort undoes what was done."""
    if not points:
        return []
    y = min(layout.places[point][1] for point in points) - _HIGH / 2 - 26
    return [
        f'<path class="border" d="M{-_MARGIN / 2:g} {y:g} H{layout.width + _MARGIN / 2:g}"/>',
        f'<text class="border-text" x="{layout.width + _MARGIN / 2:g}" y="{y - 5:g}">last safe abort</text>',
    ]


def _box(step: Step, number: int, middle: Point, mark: Mark) -> str:
    x, y = middle[0] - _WIDE / 2, middle[1] - _HIGH / 2
    lines = wrap(f"{number}. {step.sentence}", _LETTERS, break_on_hyphens=False)
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], lines[_LINES - 1][: _LETTERS - 1] + "…"]
    top = middle[1] - (len(lines) - 1) * _LEADING / 2 + 4
    texts = "".join(
        f'<text x="{middle[0]:g}" y="{top + n * _LEADING:g}">{escape(line)}</text>' for n, line in enumerate(lines)
    )
    return (
        f'<g class="step {mark}"><title>{escape(f"{number}. {step.sentence}")}</title>'
        f'<rect x="{x:g}" y="{y:g}" width="{_WIDE:g}" height="{_HIGH:g}" rx="7"/>{texts}</g>'
    )
