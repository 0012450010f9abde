"""The plots of a choice, as SVG text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mecelle.base.drawing import BLUE, GOLD, GREEN, INK, RED, SOFT, svg

COLOURS = (BLUE, GREEN, GOLD, INK, SOFT)
PANEL = 3.6, 2.9

Row = Mapping[str, Any]
Value = tuple[float, float | None, float | None]
"""A mean, and its interval where it has one."""


@dataclass(frozen=True)
class Panel:
    """One pair of axes: a line for each run, its checkpoints in order; means of checkpoints stand alone."""

    title: str
    label: str
    """Of the horizontal axis."""
    points: Mapping[str, tuple[float, Value]]
    """Candidate -> where it stands."""


def of_candidates(rows: Sequence[Row], panels: Sequence[Panel], *, chosen: str, lowest_loss: str) -> str:
    """Panels side by side; the chosen candidate is ringed in red, the one with the lowest loss in grey."""
    runs = list(dict.fromkeys(row["run"] for row in rows))

    def draw(figure: Figure) -> None:
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            for number, run in enumerate(runs):
                colour = COLOURS[number % len(COLOURS)]
                own = [row for row in rows if row["run"] == run]
                single = [panel.points[row["name"]] for row in own if not row["members"]]
                axes.plot([x for x, _ in single], [y for _, (y, *_) in single], color=colour, lw=1.2, label=run)
                for row in own:
                    _mark(axes, panel.points[row["name"]], colour, marker="D" if row["members"] else "o")
            for name, colour, size in ((lowest_loss, SOFT, 15), (chosen, RED, 11)):
                x, (y, *_) = panel.points[name]
                axes.plot(x, y, "o", mfc="none", mec=colour, mew=1.6, ms=size)
            axes.set(title=panel.title, xlabel=panel.label)
            axes.title.set_fontsize(10)
            if len(runs) > 1:
                axes.legend(frameon=False, fontsize=8)

    return svg(draw, width=PANEL[0] * len(panels), height=PANEL[1])


def of_training(curves: Mapping[str, Sequence[Row]]) -> str:
    """Training and held-out loss, learning rate and gradient norm over the steps of each run."""
    shown = {"loss (nats)": ("train_loss", "eval_loss"), "learning rate": ("lr",), "gradient norm": ("grad_norm",)}

    def draw(figure: Figure) -> None:
        for axes, (title, columns) in zip(figure.subplots(1, len(shown)), shown.items(), strict=True):
            for number, (run, rows) in enumerate(curves.items()):
                for column in columns:
                    points = [(row["step"], row[column]) for row in rows if row.get(column) is not None]
                    if points:
                        held_out = column == "eval_loss"
                        label = f"{run}, held out" if held_out else run
                        style = {"ls": "--", "lw": 1.6} if held_out else {"lw": 1.1}
                        axes.plot(
                            *zip(*points, strict=True), color=COLOURS[number % len(COLOURS)], label=label, **style
                        )
            axes.set(title=title, xlabel="step")
            axes.title.set_fontsize(10)
            if title.startswith("loss"):
                axes.legend(frameon=False, fontsize=8)

    return svg(draw, width=PANEL[0] * len(shown), height=PANEL[1])


def _mark(axes: Axes, point: tuple[float, Value], colour: str, *, marker: str) -> None:
    x, (y, low, high) = point
    if low is not None and high is not None:
        axes.plot([x, x], [low, high], color=colour, lw=1, alpha=0.5)
    axes.plot(x, y, marker, color=colour, ms=4)
