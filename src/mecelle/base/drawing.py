"""The look of all plots: SVG text, sharp at any size, equal bytes for equal data."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

INK, SOFT, BLUE, RED, GREEN, GOLD = "#1d2733", "#8a97a6", "#2563a8", "#b3423a", "#2f7d5b", "#b7821f"

STYLE: Mapping[str, Any] = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e8ed",
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "none",
    # Same data, same bytes: element ids come from this word, not from chance.
    "svg.hashsalt": "mecelle",
}


def svg(draw: Callable[[Figure], None], *, width: float, height: float) -> str:
    """The `<svg>` element that `draw` leaves on an empty figure. width, height: inches."""
    with mpl.rc_context(dict(STYLE)):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
