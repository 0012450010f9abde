"""The plots of the report, as SVG text."""

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mecelle.base.drawing import BLUE, INK, SOFT, svg
from mecelle.tokenizer.measure.intervals import Estimate

WIDTH = 6.2
_LARGEST_AREA = 1_100  # square points


def bars(rows: Sequence[tuple[str, Estimate]], *, label: str, mark: str) -> str:
    """Horizontal bars with 95% intervals; the bar of `mark` is grey."""

    def draw(figure: Figure) -> None:
        axes: Axes = figure.subplots()
        for place, (name, one) in enumerate(reversed(rows)):
            axes.barh(place, one.value, height=0.62, color=SOFT if name == mark else BLUE)
            end = one.value
            if one.low is not None and one.high is not None:
                axes.plot([one.low, one.high], [place, place], color=INK, lw=1.3)
                end = one.high
            axes.annotate(
                f"{one.value:.2f}", (end, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8
            )
        axes.set_yticks(range(len(rows)), [name for name, _ in reversed(rows)])
        axes.set(xlabel=label, xlim=(0, None))
        axes.margins(x=0.14)
        axes.grid(axis="y", visible=False)
        axes.set_axisbelow(True)

    return svg(draw, width=WIDTH, height=0.7 + 0.3 * len(rows))


def bubbles(points: Sequence[tuple[str, int, int, int]]) -> str:
    """Mecellem Fig. 6: area for unique, colour for pure. points: name, Turkish, pure and unique token count."""

    def draw(figure: Figure) -> None:
        axes: Axes = figure.subplots()
        largest = max(unique for *_, unique in points)
        axes.scatter(
            [turkish for _, turkish, _, _ in points],
            [pure for _, _, pure, _ in points],
            s=[_LARGEST_AREA * min(1.0, 8 / len(points)) * unique / largest for *_, unique in points],
            c=[pure for _, _, pure, _ in points],
            cmap=mpl.colormaps["viridis"],
            alpha=0.75,
            edgecolors=INK,
            linewidths=0.6,
            zorder=2,
        )
        _name(axes, points)
        axes.set(xlabel="Turkish token count", ylabel="pure token count")
        axes.margins(0.14)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter("{x:,.0f}")
            axis.set_major_locator(MaxNLocator(5))

    return svg(draw, width=WIDTH, height=max(3.6, 0.22 * len(points)))


def _name(axes: Axes, points: Sequence[tuple[str, int, int, int]]) -> None:
    """Names in a column on the right, in the order of their bubbles, with a line to each: they never meet."""
    ordered = sorted(points, key=lambda point: (point[2], point[1]))
    for place, (name, turkish, pure, unique) in enumerate(ordered):
        axes.annotate(
            f"{name} ({unique:,})",
            (turkish, pure),
            xytext=(1.05, (place + 0.5) / len(ordered)),
            textcoords="axes fraction",
            va="center",
            fontsize=8,
            color=INK,
            arrowprops={"arrowstyle": "-", "color": SOFT, "lw": 0.6, "zorder": 3, "relpos": (0, 0.5)},
            annotation_clip=False,
        )
