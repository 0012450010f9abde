"""Bubble plots as Mecellem's Figs. 15 and 16: Legal Score over MTEB Score, bubbles by parameters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mecelle.evaluation.board.view import Section
from mecelle.evaluation.published.tables import PublishedTable, Row

WIDTH, HEIGHT = 760, 480
LEFT, RIGHT, TOP, BOTTOM = 52, 20, 14, 44
LETTER = 6.3
"""Width of a letter of a label, in pixels, about."""
LINE = 13

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Point:
    """One model: scores in percent, intervals where they were measured."""

    name: str
    x: float
    y: float
    kind: str = ""
    parameters: str = ""
    x_span: tuple[float, float] | None = None
    y_span: tuple[float, float] | None = None


@dataclass(frozen=True)
class Bubble:
    """A point on the page, in pixels; a label that found no room is None."""

    point: Point
    x: float
    y: float
    radius: float
    label: tuple[float, float, str] | None
    """x, y and anchor of the text."""
    x_span: tuple[float, float] | None
    y_span: tuple[float, float] | None


@dataclass(frozen=True)
class Plot:
    """All bubbles, largest first, and the ticks of both axes (pixel, value)."""

    bubbles: tuple[Bubble, ...]
    x_ticks: tuple[tuple[float, int], ...]
    y_ticks: tuple[tuple[float, int], ...]


def published_points(table: PublishedTable, sizes: PublishedTable) -> list[Point]:
    """Points of a table with both scores. sizes: tells parameters where the table prints none.

    A table without types holds embedding models only.
    """
    known = {row.name.rpartition("/")[2]: _word(sizes, row, "Parameters") for row in sizes.rows}
    return [
        Point(
            row.name,
            table.number(row.name, "MTEB Score"),
            table.number(row.name, "Legal Score"),
            _word(table, row, "Type") or "Emb.",
            _word(table, row, "Parameters") or known.get(row.name, ""),
        )
        for row in table.rows
    ]


def _word(table: PublishedTable, row: Row, column: str) -> str:
    """What a row prints in a column, or nothing where there is no such column."""
    names = [one.name for one in table.columns]
    return str(row.figures[names.index(column)].value) if column in names else ""


def measured_points(overview: Section) -> list[Point]:
    """Points of the models that have both scores here, with their intervals."""
    points = []
    for row in overview.rows:
        cells = dict(zip((column.name for column in overview.columns), row.cells, strict=True))
        mteb, legal = cells.get("MTEB Score"), cells.get("Legal Score")
        if row.source == "measured" and mteb and legal:
            spans = [(cell.low or 0.0, cell.high or 0.0) for cell in (mteb, legal)]
            points.append(Point(row.name, mteb.value, legal.value, "measured", x_span=spans[0], y_span=spans[1]))
    return points


def plot(points: Sequence[Point]) -> Plot:
    """Places of bubbles and labels. Labels keep off each other and off bubbles where they can."""
    across = [value for point in points for value in (point.x, *(point.x_span or ()))]
    up = [value for point in points for value in (point.y, *(point.y_span or ()))]
    x_ticks, y_ticks = _ticks(across), _ticks(up)

    def pixel(value: float, ticks: Sequence[int], start: float, end: float) -> float:
        return start + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (end - start)

    def x_of(value: float) -> float:
        return round(pixel(value, x_ticks, LEFT, WIDTH - RIGHT), 1)

    def y_of(value: float) -> float:
        return round(pixel(value, y_ticks, HEIGHT - BOTTOM, TOP), 1)

    placed = [(point, x_of(point.x), y_of(point.y), radius(point.parameters)) for point in points]
    placed.sort(key=lambda entry: (-entry[3], entry[0].name))
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for _, x, y, r in placed]
    spans = {}
    for point, x, y, _ in placed:
        if point.x_span and point.y_span:
            (left, right), (top, bottom) = map(x_of, point.x_span), map(y_of, reversed(point.y_span))
            spans[point.name] = (left, right), (top, bottom)
            taken += [(left, y - 1, right, y + 1), (x - 1, top, x + 1, bottom)]
    bubbles = tuple(
        Bubble(point, x, y, r, _label(point.name, x, y, r, taken), *spans.get(point.name, (None, None)))
        for point, x, y, r in placed
    )
    return Plot(bubbles, tuple((x_of(tick), tick) for tick in x_ticks), tuple((y_of(tick), tick) for tick in y_ticks))


def radius(parameters: str) -> float:
    """Pixels, by the logarithm of the number (`155M`, `1.7B`); 6 where it is not known."""
    units = {"M": 1e6, "B": 1e9}
    if parameters[-1:] not in units:
        return 6.0
    count = float(parameters[:-1]) * units[parameters[-1]]
    return round(max(4.0, 5 + 5.6 * math.log10(count / 1e8)), 1)


def _label(name: str, x: float, y: float, r: float, taken: list[Box]) -> tuple[float, float, str] | None:
    """The first free place around a bubble; `taken` grows by it."""
    wide = LETTER * len(name)
    for text_x, text_y, anchor in (
        (x + r + 3, y + 4, "start"),
        (x - r - 3, y + 4, "end"),
        (x, y - r - 4, "middle"),
        (x, y + r + 12, "middle"),
        (x + r, y - r - 2, "start"),
        (x + r, y + r + 10, "start"),
        (x - r, y - r - 2, "end"),
        (x - r, y + r + 10, "end"),
    ):
        start = text_x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        box = (start, text_y - LINE + 3, start + wide, text_y + 3)
        inside = box[0] > LEFT and box[2] < WIDTH - 2 and box[1] > 0 and box[3] < HEIGHT - BOTTOM
        if inside and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            return round(text_x, 1), round(text_y, 1), anchor
    return None


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _ticks(values: Sequence[float]) -> list[int]:
    """Round numbers that hold all values: steps of 10, of 5 or 2 where the values lie close."""
    spread = max(values) - min(values)
    step = 10 if spread > 25 else 5 if spread > 10 else 2
    low, high = math.floor(min(values) / step), math.ceil(max(values) / step)
    return [step * tick for tick in range(low, max(high, low + 1) + 1)]
