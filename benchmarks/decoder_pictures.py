"""The pictures of docs/results/decoders.md: what phases taught and cost, and what the reward model tells apart.

    mecelle decoder perplexity before=BASE phases=PHASES ... > perplexity.json
    python benchmarks/decoder_pictures.py perplexity.json [--reward results/reward_model.json] --out FOLDER

Writes decoders-change.svg and decoders-reward.svg.
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measuring import RESULTS

from mecelle.base.drawing import BLUE, GOLD, GREEN, INK, RED, SOFT, svg

COLOURS = (BLUE, RED, GREEN, GOLD, INK, SOFT)
_TOLD = re.compile(r"([-+]?[\d.]+)%?(?: \[([-+]?[\d.]+), ([-+]?[\d.]+)\])?")
_GAP = 0.8

Row = Mapping[str, Any]
Interval = tuple[float, float, float]
"""Value, low, high."""


def main() -> None:
    """Draw what is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("perplexity", type=Path, help="what `mecelle decoder perplexity` printed")
    parser.add_argument("--reward", type=Path, default=RESULTS / "reward_model.json")
    parser.add_argument("--contenders", nargs="+", default=["paper", "all"], help="of the reward model")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    tables = orjson.loads(arguments.perplexity.read_bytes())["tables"]
    rows = next(table["rows"] for table in tables if table["title"].startswith("Change of bits"))
    (arguments.out / "decoders-change.svg").write_text(changes(rows), encoding="utf-8")
    if arguments.reward.exists():
        found = orjson.loads(arguments.reward.read_bytes())
        (arguments.out / "decoders-reward.svg").write_text(rewards(found, arguments.contenders), encoding="utf-8")


def changes(rows: Sequence[Row]) -> str:
    """Change of bits per byte against the base, by domain and model: below 0 learnt, above forgotten, dotted 5%."""
    models = [name for name in rows[0] if name not in ("domain", "documents", "groups")]
    labels = [f"{row['domain']} ({row['documents']})" for row in rows]
    points = {model: [_read(row[model]) for row in rows] for model in models}

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _dots(axes, labels, points)
        axes.axvline(0, color=INK, lw=0.8)
        axes.axvline(5, color=RED, lw=0.8, ls=":")
        axes.set(xlabel="change of bits per byte against the base, %")

    return svg(draw, width=8.0, height=0.3 * len(rows) + 1.0)


def rewards(found: Mapping[str, Any], contenders: Sequence[str]) -> str:
    """Pairwise accuracy by damage: each contender's score, and the rivals without a model; dotted is the aim."""
    tables = {name: found[name][2]["figures"]["accuracy"] for name in contenders}
    groups = [row for row in tables[contenders[-1]] if row["by"] == "score"]
    labels = [f"{row['group'].removeprefix('damage ').replace('.v1', '')} ({row['n']})" for row in groups]
    by_group = {name: {(row["group"], row["by"]): row for row in rows} for name, rows in tables.items()}
    points = {f"score, {name}": [_interval(rows[row["group"], "score"]) for row in groups]
              for name, rows in by_group.items()}  # fmt: skip
    rivals = by_group[contenders[-1]]
    for rival in ("overlap", "length"):
        points[rival] = [_interval(rivals[row["group"], rival]) for row in groups]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _dots(axes, labels, points)
        axes.axvline(0.5, color=INK, lw=0.8)
        axes.axvline(0.85, color=RED, lw=0.8, ls=":")
        axes.set(xlabel="pairs in which the true answer has more", xlim=(0, 1))

    return svg(draw, width=8.0, height=0.4 * len(groups) + 1.0)


def _dots(axes: Axes, labels: Sequence[str], points: Mapping[str, Sequence[Interval]]) -> None:
    """A line for each label, a dot with its interval for each series, the first label on top."""
    for number, (name, series) in enumerate(points.items()):
        shift = _GAP * ((number + 0.5) / len(points) - 0.5)
        places = [place + shift for place in range(len(labels))]
        middles = [value for value, _, _ in series]
        spans = [[value - low for value, low, _ in series], [high - value for value, _, high in series]]
        axes.errorbar(
            middles, places, xerr=spans, fmt="o", ms=3, lw=0.9, color=COLOURS[number % len(COLOURS)], label=name
        )
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _read(told: str) -> Interval:
    found = _TOLD.fullmatch(told)
    if not found:
        raise ValueError(f"{told}: expected a value, with its interval if it has one, such as -4.1% [-5.0, -3.2]")
    value, low, high = (float(one or found[1]) for one in found.groups())
    return value, low, high


def _interval(row: Row) -> Interval:
    return row["accuracy"], row["low"], row["high"]


if __name__ == "__main__":
    main()
