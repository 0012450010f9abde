"""The share of pages that ended by themselves, over the time of a run."""

import io

import matplotlib as mpl
from matplotlib.figure import Figure

from mecelle.documents.ocr.engine import ENDS
from mecelle.documents.ocr.rates import Rates


def completion_figure(rates: Rates, *, title: str = "") -> str:
    """SVG of the share of natural, length and abort over the run. Source: Mecellem Fig. 1."""
    minutes = [(number + 0.5) * rates.bucket_seconds / 60 for number in range(len(rates.buckets))]
    with mpl.rc_context({"svg.hashsalt": "mecelle", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(6.4, 2.8), layout="constrained")
        axes = figure.subplots()
        for ended, colour in zip(ENDS, ("#2f7d5b", "#b7821f", "#b3423a"), strict=True):
            shares = [100 * bucket[ended] / max(1, sum(bucket.values())) for bucket in rates.buckets]
            points = [
                (x, y) for x, y, bucket in zip(minutes, shares, rates.buckets, strict=True) if any(bucket.values())
            ]
            axes.plot(
                *zip(*points, strict=True), color=colour, label=ended, marker="o", ms=3, lw=1.4
            ) if points else None
        axes.set(xlabel="minutes", ylabel="% of pages", ylim=(-3, 103), title=title)
        axes.legend(frameon=False)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
