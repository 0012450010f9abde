"""The page: what came in and out, what was learnt, how well it searches."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from mecelle import __version__
from mecelle.base import drawing
from mecelle.base.errors import ArtifactError
from mecelle.evaluation.choice import HEADLINE
from mecelle.evaluation.metrics.ranking import MEASURES
from mecelle.recipes.report import plots
from mecelle.recipes.report.collect import MEASURED, View, collect
from mecelle.recipes.report.plants import found_plants

VERSION = 1

ENCODER_PANELS = (
    ("masked-token loss (nats)", {"train_loss": ("training", drawing.SOFT), "eval_loss": ("held out", drawing.BLUE)}),
    ("masked-token accuracy", {"eval_accuracy": ("held out", drawing.GREEN)}),
    ("learning rate", {"lr": ("rate", drawing.GOLD)}),
)
EMBEDDING_PANELS = (
    ("contrastive loss (nats)", {"loss": ("training", drawing.SOFT)}),
    ("held-out pairs", {"eval_accuracy": ("accuracy", drawing.GREEN), "eval_mrr_at_10": ("MRR@10", drawing.BLUE)}),
)


REWARD_COLUMNS = {"own_reward": "own reward", "score": "score", "overlap": "word overlap", "length": "length"}
"""What tells true answers from damaged ones (`evaluation.reward_accuracy`), and what it is called."""


def write_report(workspace: Path, out: Path, *, truth: Path | None = None) -> None:
    """Write the page. truth: the truth of the bundled sample; what was planted is then scored.

    Raises ArtifactError if no stage has run.
    """
    view = collect(workspace)
    if not view.records:
        raise ArtifactError(f"{workspace}: no stage has run here; `mecelle run` first")
    if truth:
        view.plants = found_plants(workspace / "artifacts", truth)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": _number, "rates": _rates, "shares": _shares, "decimals": _decimals}
    source = files("mecelle.recipes").joinpath("data/report.html.j2").read_text(encoding="utf-8")
    page = environment.from_string(source).render(
        view=view,
        version=__version__,
        measures=list(MEASURES),
        headline=HEADLINE,
        titles=MEASURED,
        reward_columns=REWARD_COLUMNS,
        cards=_cards(view),
        plot=_plots(view),
    )
    partial = out.with_name(out.name + ".partial")
    partial.write_text(page, encoding="utf-8")
    partial.replace(out)


def _plots(view: View) -> dict[str, str]:
    drawn: dict[str, str] = {}
    if view.records:
        rows = [(name, record.seconds) for name, record in view.records.items()]
        drawn["seconds"] = plots.bars(rows, label="seconds")
    if view.encoder_curve:
        drawn["encoder"] = plots.curve(view.encoder_curve, ENCODER_PANELS)
    if view.embedding_curve:
        drawn["embedding"] = plots.curve(view.embedding_curve, EMBEDDING_PANELS)
    if view.scores:
        ranked = sorted(view.scores["test"].items(), key=lambda item: -item[1][HEADLINE]["mean"])
        rows_ = [(name, *(row[HEADLINE][key] for key in ("mean", "low", "high"))) for name, row in ranked]
        label = f"{HEADLINE} on test, 95% interval over queries"
        drawn["scores"] = plots.intervals(rows_, label=label, mark=view.chosen.get("system"))
    return drawn


def _cards(view: View) -> list[dict[str, str]]:
    """The figures a reader looks for first."""
    cards: list[dict[str, str]] = []
    if (record := view.records.get("documents")) and record.accounts:
        failed = sum(record.accounts.failed.values())
        cards.append({"value": _number(record.accounts.seen), "label": f"documents read, {failed:,} failed"})
    if (record := view.records.get("corpus")) and record.accounts:
        cards.append({"value": _number(record.accounts.kept), "label": "documents in the corpus"})
    if record := view.records.get("encoder"):
        last: dict[str, Any] = next((row for row in reversed(view.encoder_curve) if "eval_accuracy" in row), {})
        value = _decimals(last["eval_accuracy"]) if last else "?"
        tokens = view.encoder_curve[-1].get("tokens", 0) if view.encoder_curve else 0
        cards.append({"value": value, "label": f"masked-token accuracy after {_number(tokens)} tokens"})
    if view.chosen:
        best = view.scores["test"][view.chosen["system"]][HEADLINE]
        cards.append(
            {"value": _decimals(best["mean"]), "label": f"{HEADLINE} of {view.chosen['system']}, chosen for search"}
        )
    return cards


def _number(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value < 100:
        return f"{value:,.2f}"
    return f"{value:,.0f}"


def _rates(rate: float | Sequence[Sequence[float]]) -> str:
    """A masking rate, or rates that fall with the share of the run."""
    if isinstance(rate, int | float):
        return f"{100 * rate:g}%"
    return ", ".join(f"{100 * value:g}% from {100 * begin:g}% of the run" for begin, value in rate)


def _shares(masking: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * share:g}%" if share < 1 else name for name, share in masking.items())


def _decimals(value: float) -> str:
    return f"{value:.3f}"
