"""report.html: the comparison as one self-contained page."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from mecelle import __version__
from mecelle.tokenizer.measure import plots
from mecelle.tokenizer.measure.figures import Comparison
from mecelle.tokenizer.measure.fragments import Cut, Piece
from mecelle.tokenizer.measure.intervals import Estimate
from mecelle.tokenizer.measure.papers import hukukbert
from mecelle.tokenizer.measure.rates import RATES
from mecelle.tokenizer.measure.terms import EVERY

LINE = "subwords_per_line"


def write_report(found: Comparison, out: Path) -> None:
    """Write the page."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": _number, "estimate": _estimate, "percent": _percent, "decimals": _decimals}
    source = files("mecelle.tokenizer.measure").joinpath("data/report.html.j2").read_text(encoding="utf-8")
    page = environment.from_string(source).render(
        found=found,
        version=__version__,
        cards=_cards(found),
        plot=_plots(found),
        rates=RATES,
        paper=hukukbert(),
        phrases=_by_phrase(found, {one.name: one.phrases for one in found.tokenizers}, with_paper=True),
        numbers=_by_phrase(found, {one.name: one.numbers for one in found.tokenizers}, with_paper=False),
        every=EVERY,
    )
    out.write_text(page, encoding="utf-8")


def _plots(found: Comparison) -> dict[str, str]:
    ranked = sorted(found.tokenizers, key=lambda one: one.rates[LINE].value)
    drawn = {
        LINE: plots.bars(
            [(one.name, one.rates[LINE]) for one in ranked],
            label=f"subwords per line, 95% interval over {found.measured.documents:,} documents",
            mark=found.baseline,
        )
    }
    points = [
        (one.name, one.tokens.vocabulary.turkish, one.tokens.vocabulary.pure, one.tokens.used.unique)
        for one in found.tokenizers
        if one.tokens
    ]
    if points:
        drawn["bubbles"] = plots.bubbles(points)
    return drawn


def _cards(found: Comparison) -> list[dict[str, str]]:
    """The figures a reader looks for first."""
    best = min(found.tokenizers, key=lambda one: one.rates[LINE].value)
    cards = [{"value": f"{best.rates[LINE].value:.2f}", "label": f"subwords per line: {best.name}, the fewest"}]
    if ratio := best.ratios.get(LINE):
        cards.append(
            {"value": _estimate(ratio, 3).split(" ")[0], "label": f"of those of {found.baseline}, the baseline"}
        )
    measured = found.measured
    cards.append({"value": _number(measured.lines), "label": f"lines of {measured.documents:,} documents measured on"})
    if measured.terms:
        cards.append({"value": _number(measured.terms), "label": f"terms, {measured.single_words:,} of one word"})
    return cards


Fragments = list[dict[str, Any]]


def _by_phrase(found: Comparison, cuts: Mapping[str, list[Cut]], *, with_paper: bool) -> Fragments:
    """Phrase by phrase, the rows of all tokenizers under each other, the paper's first."""
    printed = hukukbert().fragments if with_paper else {}
    result: Fragments = []
    for place, first in enumerate(next(iter(cuts.values()))):
        rows = [
            {"name": name, "printed": True, "pieces": [Piece(text=piece) for piece in pieces]}
            for name, pieces in printed.get(first.phrase, {}).items()
        ]
        rows += [{"name": name, "printed": False, "pieces": one[place].pieces} for name, one in cuts.items()]
        result.append({"phrase": first.phrase, "rows": rows})
    return result


def _number(value: Any) -> str:
    return "" if value is None else f"{value:,.0f}"


def _decimals(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _percent(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{100 * value:.{digits}f}%"


def _estimate(one: Estimate | None, digits: int = 2) -> str:
    """`1.23 [1.20, 1.26]`."""
    if one is None:
        return ""
    interval = f" [{one.low:.{digits}f}, {one.high:.{digits}f}]" if one.low is not None else ""
    return f"{one.value:.{digits}f}{interval}"
