"""The plan's steps as a picture: who waits for whom, each with its state. Pure; colours are the style sheet's."""

from html import escape

from runbooks.plan import Step
from runbooks.runs import RunState, StepState
from runbooks.step_rows import mark

_WIDE, _HIGH, _GAP_X, _GAP_Y, _EDGE = 218, 40, 46, 14, 8
_LETTERS = 27


def layers(steps: tuple[Step, ...]) -> list[list[Step]]:
    """The steps by how many others they wait for in a row."""
    depth: dict[str, int] = {}
    for step in steps:  # a plan has what is needed before what needs it
        depth[step.id] = 1 + max((depth.get(need, 0) for need in step.needs), default=-1)
    found: list[list[Step]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for step in steps:
        found[depth[step.id]].append(step)
    return found


def svg(state: RunState, critical: frozenset[str] = frozenset()) -> str:
    """The picture as one inline `<svg>`; empty while there is no plan."""
    if state.plan is None or not state.plan.steps:
        return ""
    columns = layers(state.plan.steps)
    at = {
        step.id: (_EDGE + x * (_WIDE + _GAP_X), _EDGE + y * (_HIGH + _GAP_Y))
        for x, column in enumerate(columns)
        for y, step in enumerate(column)
    }
    width = 2 * _EDGE + len(columns) * (_WIDE + _GAP_X) - _GAP_X
    height = 2 * _EDGE + max(len(column) for column in columns) * (_HIGH + _GAP_Y) - _GAP_Y
    states = {step.id: step for step in state.steps}
    label = "Which step waits for which; the table of steps says the same"
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    parts = [f'<svg class="graph" {size} role="img" aria-label="{label}">']
    for step in state.plan.steps:
        parts += [
            _edge(at[need], at[step.id], critical={step.id, need} <= critical) for need in step.needs if need in at
        ]
    parts += [_node(step, states.get(step.id, StepState(id=step.id)), at[step.id]) for step in state.plan.steps]
    return "\n".join([*parts, "</svg>"])


def _edge(one: tuple[int, int], other: tuple[int, int], *, critical: bool) -> str:
    x1, y1, x2, y2 = one[0] + _WIDE, one[1] + _HIGH // 2, other[0], other[1] + _HIGH // 2
    half = (x1 + x2) // 2
    kind = "edge critical" if critical else "edge"
    return f'<path class="{kind}" d="M{x1} {y1} C{half} {y1} {half} {y2} {x2} {y2}"/>'


def _node(step: Step, now: StepState, at: tuple[int, int]) -> str:
    x, y = at
    label = step.id if len(step.id) <= _LETTERS else f"{step.id[: _LETTERS - 1]}…"
    final = ", final" if step.final else ""
    status = now.status if mark(now) != "?" else "unproved"
    return (
        f'<g class="node {escape(status)}"><title>{escape(step.sentence)}: {escape(status)}{final}</title>'
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="4"/>'
        f'<text x="{x + 10}" y="{y + 17}">{escape(mark(now))} {escape(label)}</text>'
        f'<text class="dim" x="{x + 10}" y="{y + 32}">{escape(step.region)}, {escape(status)}{final}</text></g>'
    )
