"""What HukukBERT printed, as data: its tokenizers were not measured here."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mecelle.base.config import read_plain


@dataclass(frozen=True)
class PrintedRow:
    """One row of Table 4."""

    name: str
    subwords_per_line: float
    vocabulary: int
    ratio: float
    """To the generic 32K model of the same table."""


@dataclass(frozen=True)
class Printed:
    """The tables."""

    rows: tuple[PrintedRow, ...]
    baseline: str
    notes: tuple[str, ...]
    fragments: dict[str, dict[str, tuple[str, ...]]]
    """Phrase -> tokenizer -> pieces."""


@cache
def hukukbert() -> Printed:
    """HukukBERT Tables 4 and 5."""
    text = files("mecelle.tokenizer.measure").joinpath("data/hukukbert.yaml").read_text(encoding="utf-8")
    values = read_plain(text)
    lines, baseline = values["subwords_per_line"], values["subwords_per_line"]["baseline"]
    of_baseline = next(row[1] for row in lines["rows"] if row[0] == baseline)
    fragments: dict[str, dict[str, tuple[str, ...]]] = {}
    for phrase, name, pieces in values["fragments"]["rows"]:
        fragments.setdefault(phrase, {})[name] = tuple(map(str, pieces))
    return Printed(
        rows=tuple(PrintedRow(name, number, size, number / of_baseline) for name, number, size in lines["rows"]),
        baseline=baseline,
        notes=tuple(lines["notes"]),
        fragments=fragments,
    )
