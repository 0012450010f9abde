"""Mecellem's Figures 2 and 3: how long the documents are that survive."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from mecelle.base.drawing import BLUE, INK, RED, SOFT, svg
from mecelle.corpus.sweeps.cells import Cell, Floats, Measures, cell, surviving

BINS = 40
PLAIN = StrMethodFormatter("{x:,.0f}")


def distributions(measures: Measures, thresholds: Sequence[float], *, unit: str) -> str:
    """Figure 2: a histogram of lengths for each pair of `thresholds`, all on the same axis of lengths."""
    edges = np.geomspace(1, max(float(measures.tokens.max(initial=10)), 10.0), BINS)
    width, height = 2.5 * len(thresholds), 1.9 * len(thresholds)

    def draw(figure: Figure) -> None:
        panels = figure.subplots(len(thresholds), len(thresholds), sharex=True, squeeze=False)
        for row, entropy in zip(panels, thresholds, strict=True):
            for axes, diversity in zip(row, thresholds, strict=True):
                found = cell(measures, entropy=entropy, diversity=diversity)
                kept = measures.tokens[surviving(measures, entropy=entropy, diversity=diversity)]
                _histogram(axes, kept, edges, found)
        figure.supxlabel(f"{unit} in a document", fontsize=9, color=INK)
        figure.supylabel("documents", fontsize=9, color=INK)

    return svg(draw, width=width, height=height)


def _histogram(axes: Axes, kept: Floats, edges: Floats, found: Cell) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(PLAIN)
    axes.yaxis.set_major_formatter(PLAIN)
    axes.set_axisbelow(True)
    axes.set_title(f"SE ≥ {found.suffix_entropy:.0%}, LD ≥ {found.lemma_diversity:.0%}", fontsize=9, color=INK)
    if found.mean is None:
        axes.text(0.5, 0.5, "no document", ha="center", va="center", transform=axes.transAxes, color=SOFT)
        axes.set_yticks([])
        return
    axes.hist(kept, bins=edges.tolist(), color=BLUE)
    axes.axvline(found.mean, color=RED, lw=1)
    words = f"n {found.documents:,}\nmean {found.mean:,.0f}\nmedian {found.median:,.0f}"
    axes.text(0.97, 0.96, words, ha="right", va="top", transform=axes.transAxes, fontsize=7.5, color=INK)


def boxes(cells: Sequence[Cell], *, unit: str) -> str:
    """Figure 3: quartiles, extremes and mean of lengths over suffix entropy. cells: of one lemma diversity."""
    filled = [one for one in cells if one.mean is not None]

    def draw(figure: Figure) -> None:
        axes: Axes = figure.subplots()
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(PLAIN)
        drawn = [
            {
                "med": one.median, "q1": one.quartile_1, "q3": one.quartile_3, "whislo": one.least, "whishi": one.most,
                "mean": one.mean, "label": f"≥ {one.suffix_entropy:.0%}\nn {one.documents:,}",
            }
            for one in filled
        ]  # fmt: skip
        if not drawn:
            axes.text(0.5, 0.5, "no document", ha="center", va="center", transform=axes.transAxes, color=SOFT)
            return
        axes.bxp(
            drawn,
            showfliers=False,
            showmeans=True,
            patch_artist=True,
            widths=0.45,
            boxprops={"facecolor": "#dbe7f5", "edgecolor": BLUE},
            medianprops={"color": BLUE, "lw": 1.6},
            meanprops={"marker": "D", "markersize": 4, "markerfacecolor": RED, "markeredgecolor": RED},
            whiskerprops={"color": SOFT},
            capprops={"color": SOFT},
        )
        diversity = f"{cells[0].lemma_diversity:.0%}"
        axes.set(xlabel=f"suffix entropy (lemma diversity ≥ {diversity})", ylabel=f"{unit} in a document")
        axes.grid(axis="x", visible=False)

    return svg(draw, width=1.2 + 0.95 * max(len(filled), 1), height=3.2)
