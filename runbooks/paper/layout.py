"""Places for the steps of a plan, in layers from top to bottom. Pure, and the same each time.

A step's layer is the longest way to it, so that everything points downwards. An edge that passes a layer has a narrow
place of its own there; within a layer the order is by the average of the neighbours, swept a few times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

BOX = (176.0, 64.0)
"""Width and height of a step."""
_GAP = 18.0
_FALL = 42.0
"""Between one layer and the next."""
_THREAD = 10.0
"""The width of an edge that passes a layer."""
_SWEEPS = 6

Node = tuple[str, int]
"""A step (with 0), or the place of an edge in a layer: `a->b` and the layer."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """The middle of each step, the points that each edge passes, and the size of all of it."""

    places: Mapping[str, Point]
    edges: Mapping[tuple[str, str], tuple[Point, ...]]
    layers: Mapping[str, int]
    width: float
    height: float


def lay_out(order: Sequence[str], needs: Mapping[str, Sequence[str]]) -> Layout:
    """Lay the steps out; `order` has each after all that it needs."""
    layers: dict[str, int] = {}
    for name in order:
        layers[name] = max((layers[need] + 1 for need in needs[name]), default=0)
    chains = {(need, name): _chain(need, name, layers) for name in order for need in needs[name]}
    rows = _rows(order, layers, chains)
    _untangle(rows, chains)
    return _placed(rows, chains, layers)


def _chain(need: str, name: str, layers: Mapping[str, int]) -> tuple[Node, ...]:
    between = range(layers[need] + 1, layers[name])
    return ((need, 0), *((f"{need}->{name}", layer) for layer in between), (name, 0))


def _rows(
    order: Sequence[str], layers: Mapping[str, int], chains: Mapping[tuple[str, str], tuple[Node, ...]]
) -> list[list[Node]]:
    rows: list[list[Node]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for name in order:
        rows[layers[name]].append((name, 0))
    for chain in chains.values():
        for node in chain[1:-1]:
            rows[node[1]].append(node)
    return rows


def _untangle(rows: list[list[Node]], chains: Mapping[tuple[str, str], tuple[Node, ...]]) -> None:
    """Order each row by its neighbours above, then by those below, and so on."""
    above: dict[Node, list[Node]] = {}
    below: dict[Node, list[Node]] = {}
    for chain in chains.values():
        for upper, lower in pairwise(chain):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        for row in rows if downwards else reversed(rows):
            _sort(row, rows, above if downwards else below)


def _sort(row: list[Node], rows: Sequence[Sequence[Node]], neighbours: Mapping[Node, Sequence[Node]]) -> None:
    at = {node: (number + 0.5) / len(line) for line in rows for number, node in enumerate(line)}
    middle = {node: _average([at[other] for other in neighbours.get(node, ())], at[node]) for node in row}
    row.sort(key=lambda node: middle[node])


def _average(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _placed(
    rows: Sequence[Sequence[Node]], chains: Mapping[tuple[str, str], tuple[Node, ...]], layers: Mapping[str, int]
) -> Layout:
    wide, high = BOX
    widths = [sum(_width(node) for node in row) + _GAP * (len(row) - 1) for row in rows]
    width = max(widths, default=0.0)
    places: dict[Node, Point] = {}
    for number, (row, own) in enumerate(zip(rows, widths, strict=True)):
        left = (width - own) / 2
        for node in row:
            places[node] = (left + _width(node) / 2, number * (high + _FALL) + high / 2)
            left += _width(node) + _GAP
    edges = {ends: tuple(places[node] for node in chain) for ends, chain in chains.items()}
    steps = {name: places[name, 0] for name in layers}
    return Layout(steps, edges, dict(layers), max(width, wide), len(rows) * (high + _FALL) - _FALL)


def _width(node: Node) -> float:
    return _THREAD if "->" in node[0] else BOX[0]
