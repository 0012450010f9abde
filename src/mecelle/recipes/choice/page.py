"""The page of a choice: which checkpoint, why, and what its neighbours are worth."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from mecelle.recipes.choice.inside import measures
from mecelle.recipes.choice.plots import Panel, Value, of_candidates, of_training

INSIDE = ("mean_cosine", "participation_ratio", "uniformity", "alignment")
LOSS = "masked-word loss (bits per byte)"


def write_page(folder: Path, summary: Mapping[str, Any], curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write choice.html and its plots as SVG files into `folder`. curves: run -> training curve, where it is known."""
    drawn = _plots(summary, {run: curve for run, curve in curves.items() if curve})
    for name, text in drawn.items():
        (folder / f"{name}.svg").write_text(text + "\n", encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["spread"] = _spread
    source = files("mecelle.recipes").joinpath("data/choice.html.j2").read_text(encoding="utf-8")
    page = environment.from_string(source).render(**summary, plots=drawn, inside=INSIDE)
    (folder / "choice.html").write_text(page, encoding="utf-8")


def _plots(summary: Mapping[str, Any], curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    rows, decision, headline = summary["candidates"], summary["decision"], summary["headline"]
    label, place = _axis(rows)
    losses = {row["name"]: row["masked"]["bits_per_byte"] for row in rows}
    searched = {
        setting: {row["name"]: _value(row["retrieval"][setting][headline]) for row in rows}
        for setting in rows[0]["retrieval"]
    }

    def over(where: Mapping[str, float], title: str, x: str, values: Mapping[str, Value]) -> Panel:
        return Panel(title, x, {name: (where[name], value) for name, value in values.items()})

    accuracy = {row["name"]: _value(row["masked"]["accuracy"]) for row in rows}
    plain: dict[str, Value] = {name: (loss, None, None) for name, loss in losses.items()}
    groups = {
        "retrieval-and-loss": [over(losses, f"{headline}, {setting}", LOSS, own) for setting, own in searched.items()],
        "scores-over-training": [
            *(over(place, f"{headline}, {setting}", label, own) for setting, own in searched.items()),
            over(place, LOSS, label, plain),
            over(place, "masked-token accuracy", label, accuracy),
        ],
        "inside-over-training": [
            over(place, name.replace("_", " "), label, {row["name"]: (measures(row)[name], None, None) for row in rows})
            for name in measures(rows[0])
            if name in INSIDE[:3] or name.endswith(" accuracy")
        ],
    }
    marks = {"chosen": decision["chosen"], "lowest_loss": decision["lowest_loss"]}
    drawn = {name: of_candidates(rows, panels, **marks) for name, panels in groups.items()}
    return drawn | ({"training": of_training(curves)} if curves else {})


def _axis(rows: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, float]]:
    """How much training each candidate has had: tokens, else steps, else its number in the list."""
    for label, key in (("tokens seen", "tokens"), ("step", "step")):
        if all(row[key] is not None for row in rows):
            return label, {row["name"]: float(row[key]) for row in rows}
    return "candidate", {row["name"]: float(number) for number, row in enumerate(rows, start=1)}


def _value(interval: Mapping[str, float]) -> Value:
    return interval["mean"], interval["low"], interval["high"]


def _spread(interval: Mapping[str, float]) -> str:
    return f"{interval['mean']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"
