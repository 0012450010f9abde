"""Plots as SVG text that stands inside the page: no picture files, sharp at any size."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mecelle.base.drawing import BLUE, RED, svg


def curve(
    rows: Sequence[Mapping[str, Any]], panels: Sequence[tuple[str, Mapping[str, tuple[str, str]]]], *, x: str = "step"
) -> str:
    """One panel beside the other over `x`. panels: title -> {column: (label, colour)}; no value, no point."""

    def draw(figure: Figure) -> None:
        for axes, (title, columns) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            for column, (label, colour) in columns.items():
                points = [
                    (row[x], row[column]) for row in rows if row.get(column) is not None and row.get(x) is not None
                ]
                if points:
                    marker = "o" if len(points) < 40 else None
                    axes.plot(*zip(*points, strict=True), color=colour, label=label, lw=1.4, marker=marker, ms=3)
            axes.set(title=title, xlabel=x)
            axes.title.set_fontsize(10)
            if len(columns) > 1:
                axes.legend(frameon=False, fontsize=8)

    return svg(draw, width=3.6 * len(panels), height=2.7)


def intervals(rows: Sequence[tuple[str, float, float, float]], *, label: str, mark: str | None = None) -> str:
    """Means with their intervals, one line each; `mark` is drawn in another colour. rows: name, mean, low, high."""

    def draw(figure: Figure) -> None:
        axes: Axes = figure.subplots()
        for place, (name, mean, low, high) in enumerate(reversed(rows)):
            colour = RED if name == mark else BLUE
            axes.plot([low, high], [place, place], color=colour, lw=2, alpha=0.6, solid_capstyle="butt")
            axes.plot(mean, place, "o", color=colour, ms=6)
            axes.annotate(
                f"{mean:.3f}", (mean, place), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8
            )
        axes.set_yticks(range(len(rows)), [name for name, *_ in reversed(rows)])
        axes.set(xlabel=label, ylim=(-0.6, len(rows) - 0.2))
        axes.grid(axis="y", visible=False)

    return svg(draw, width=7.2, height=0.8 + 0.42 * len(rows))


def bars(rows: Sequence[tuple[str, float]], *, label: str) -> str:
    """Horizontal bars with their values."""

    def draw(figure: Figure) -> None:
        axes: Axes = figure.subplots()
        names, values = [name for name, _ in reversed(rows)], [value for _, value in reversed(rows)]
        drawn = axes.barh(names, values, color=BLUE, height=0.62)
        axes.bar_label(
            drawn, [f"{value:,.0f}" if value >= 10 else f"{value:,.1f}" for value in values], padding=3, fontsize=8
        )
        axes.set(xlabel=label)
        axes.margins(x=0.14)
        axes.grid(axis="y", visible=False)

    return svg(draw, width=7.2, height=0.7 + 0.3 * len(rows))
