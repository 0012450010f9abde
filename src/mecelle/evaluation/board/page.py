"""The page as a file: everything in it, nothing from the network."""

import os
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mecelle import __version__
from mecelle.base.seeds import derive
from mecelle.evaluation import record as records
from mecelle.evaluation.board import bubbles
from mecelle.evaluation.board.measured import comparable, section
from mecelle.evaluation.board.overview import overview
from mecelle.evaluation.board.robustness import robustness
from mecelle.evaluation.board.view import Section
from mecelle.evaluation.efficiency import report as efficiency
from mecelle.evaluation.published.tables import PublishedTable, published_table, published_tables
from mecelle.evaluation.record import Kind, TaskRecord
from mecelle.evaluation.statistics.bootstrap import RESAMPLES

PERCENT_DIGITS = 2
TITLES = {
    "retrieval": "Retrieval",
    "legal retrieval": "Legal retrieval",
    "classification": "Classification",
    "pair classification": "Pair classification",
    "clustering": "Clustering",
    "sts": "Semantic similarity (STS)",
    "cloze": "Legal cloze test",
    "masked model": "Masked words",
    "perplexity": "Perplexity",
    "efficiency": "Efficiency in a vector index",
    "fine-tuning": "After fine-tuning",
    "robustness": "What damaged text costs",
}
"""Kind of task -> heading."""


def write_board(folders: Sequence[Path], out: Path, *, seed: int, resamples: int = RESAMPLES) -> None:
    """Write the page of all records in `folders`; one model with two seeds or fingerprints is two trainings of it.

    Raises InputError if a folder holds no records, or one cannot be read.
    """
    read = {file: records.read_file(file) for folder in folders for file in records.files(folder)}
    found = {key(record): record for record in read.values()}
    twice = [
        f"{one.model} on {one.task}" for one in read.values() if one is not found[key(one)] and one != found[key(one)]
    ]
    links = {key(record): quote(os.path.relpath(file, out.parent)) for file, record in read.items()}
    text = render(list(found.values()), links=links, twice=twice, seed=seed, resamples=resamples)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(out)


def render(
    found: Sequence[TaskRecord],
    *,
    links: dict[str, str],
    twice: Sequence[str] = (),
    seed: int,
    resamples: int = RESAMPLES,
) -> str:
    """The page.

    links: `model, task, seed, fingerprint` of a record -> address of its file, as `key` makes them. twice: records of
    which another, measured otherwise, is not shown.
    """

    def link(record: TaskRecord) -> str:
        return links.get(key(record), "")

    kinds: tuple[Kind, ...] = get_args(Kind)
    sections = [
        section(
            kind,
            [record for record in found if record.kind == kind],
            link=link,
            seed=derive(seed, kind),
            resamples=resamples,
        )
        for kind in kinds
        if any(record.kind == kind for record in found)
    ]
    sections += robustness(found, link=link)
    first = overview(comparable(found), seed=derive(seed, "overview"), resamples=resamples)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"decimals": decimals, "printed": printed, "breakable": breakable}
    environment.filters["slug"] = lambda text: text.replace(" ", "-")
    data = files("mecelle.evaluation.board").joinpath("data")
    template = environment.from_string(data.joinpath("board.html.j2").read_text(encoding="utf-8"))
    return template.render(
        overview=first,
        twice=twice,
        sections=sections,
        titles=TITLES,
        published=_published_by_kind(),
        plots=_plots(first),
        efficiency_plot=_efficiency(found),
        models=sorted({record.model for record in found}),
        tasks=sorted({record.task for record in found}),
        seed=seed,
        resamples=resamples,
        version=__version__,
        css=data.joinpath("board.css").read_text(encoding="utf-8"),
        js=data.joinpath("board.js").read_text(encoding="utf-8"),
        size=bubbles,
    )


def key(record: TaskRecord) -> str:
    """What tells a record from all others."""
    return "\x1f".join((record.model, record.task, str(record.seed), record.fingerprint))


def decimals(value: float, digits: int = 3) -> str:
    """`.532`, `0.79`, `65.42`, `1,024`: as tables print numbers: percents keep the zero of fractions."""
    text = f"{value:,.{digits}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) and digits > PERCENT_DIGITS else text


def breakable(name: str) -> Markup:
    """A model's name that a narrow column may break after `/`."""
    return Markup("/<wbr>").join(name.split("/"))


def printed(value: float, table: PublishedTable, place: int) -> str:
    """A published number with the decimals that its column mostly has, so that 56.70 stays 56.70."""
    column = [row.figures[place].value for row in table.rows]
    usual, _ = Counter(_decimals_of(other) for other in column if isinstance(other, float)).most_common(1)[0]
    return f"{value:,.{max(usual, _decimals_of(value))}f}"


def _decimals_of(value: float) -> int:
    return 0 if value.is_integer() else len(str(value).partition(".")[2])


def _published_by_kind() -> dict[str, list[PublishedTable]]:
    """Kind -> tables; those that nothing here measures in the same way come under "other"."""
    tables: dict[str, list[PublishedTable]] = {}
    for table in published_tables():
        kind = "overview" if table.kind in {"mteb", "tasks"} else table.kind if table.kind in TITLES else "other"
        tables.setdefault(kind, []).append(table)
    return tables


def _plots(first: Section) -> list[dict[str, Any]]:
    """Bubble plots: measured here, then the papers' two figures. Different tasks, so never on one pair of axes."""
    measured = bubbles.measured_points(first)
    figures = [
        ("measured", "Measured here", "Tasks of this page; lines are 95% intervals.", measured),
        *(
            (
                "published",
                f"Mecellem, Fig. {figure}",
                f"Points from Table {number}, not measured here.",
                bubbles.published_points(published_table("Mecellem", number), published_table("Mecellem", "25")),
            )
            for figure, number in (("15", "22"), ("16", "24"))
        ),
    ]
    return [
        {"source": source, "title": title, "caption": caption, "plot": bubbles.plot(points)}
        for source, title, caption, points in figures
        if points
    ]


def _efficiency(found: Sequence[TaskRecord]) -> str:
    points = efficiency.points(found)
    return efficiency.plot(points) if points else ""
