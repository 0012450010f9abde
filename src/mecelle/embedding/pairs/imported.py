"""Stage "pairs" from labelled files: pairs of a user, of a hub dataset (MS MARCO-TR, ALL-NLI-TR), or graded ones."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.artifacts import hash_input
from mecelle.base.config import Config
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.seeds import derive
from mecelle.embedding.pairs.build import STAGE, VERSION
from mecelle.embedding.pairs.leakage import LeakageGate, evaluation_queries, named
from mecelle.embedding.pairs.record import HELD_OUT, Pair, pair_of, write_pairs
from mecelle.embedding.pairs.split import hold_out, negatives_left_out
from mecelle.embedding.pairs.tables import Columns, Row, read_rows
from mecelle.text.casing import fold
from mecelle.text.unicode import nfc

LABEL = "label"
CLASSES = {"entailment": "entailment", "neutral": "neutral", "contradiction": "contradiction",
           "0": "entailment", "1": "neutral", "2": "contradiction"}  # fmt: skip
"""Names and numbers of the three classes, as SNLI and its translations have them."""


class ImportConfig(Config):
    """How rows become pairs."""

    form: Literal["pairs", "graded", "nli"] = "pairs"
    """pairs: each row's texts belong together. graded: rows have a number that says how close their texts are (STS).
    nli: rows have a label; entailed sentences answer their premise, contradicting ones are its hard negatives."""
    columns: Columns = Columns()
    kind: str | None = None
    """What the pairs are called in counts and lineage; null: their form."""
    most: int | None = Field(default=None, ge=1)
    """Pairs at most, drawn by the seed; null for all."""
    negatives: int = Field(default=1, ge=0)
    """Hard negatives of a pair at most."""
    leak_similarity: float = Field(default=0.7, gt=0.0, le=1.0)
    """Jaccard similarity of word sets from which a query counts as an evaluation query, 0..1."""
    held_out_pairs: int = Field(default=200, ge=0)
    """Pairs kept for the evaluation, at most a tenth of all; no text of them is trained on."""


def import_pairs(source: Path, out: Path, config: ImportConfig, *, seed: int, exclude: Sequence[Path] = ()) -> None:
    """Make the artifact `out` of stage "pairs" from a table of pairs.

    source: a file, or `hub:owner/name` (`mecelle.embedding.pairs.tables`). exclude: files of evaluation queries that
    must not be trained on. Raises InputError that names row and column for a row that is no pair, and if none is left.
    """
    gate = LeakageGate(evaluation_queries(exclude), similarity=config.leak_similarity)
    inputs: dict[str, Path | str] = {"source": source}
    inputs |= {f"exclude {name}": path for name, path in named(exclude).items()}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "pairs"
        made = _nli(source, config, run.accounts) if config.form == "nli" else _plain(source, config)
        sound = _sound(made, gate, run.accounts, both_sides=config.form != "pairs")
        kept = _drawn(list(sound), config.most, seed, run.accounts)
        if not kept:
            raise InputError(f"{source}: no pair is left ({run.accounts.sentence()})")
        training, held = hold_out(kept, most=config.held_out_pairs, seed=seed, accounts=run.accounts)
        write_pairs(training, run.folder)
        write_pairs(held, run.folder, name=HELD_OUT)
        run.figures["kinds"] = {kept[0].kind: {"seen": run.accounts.seen, "kept": run.accounts.kept}}
        run.figures["negatives"] = sum(len(pair.negatives) for pair in training)
        run.figures["negatives_held_out"] = negatives_left_out(kept, training)
        run.figures["excluded_queries"] = {name: hash_input(path) for name, path in named(exclude).items()}


def _plain(source: Path, config: ImportConfig) -> Iterator[Pair]:
    graded = config.form == "graded"
    for row in read_rows(source, config.columns):
        if graded and row.grade is None:
            raise InputError(
                f"{source}: row {row.number}: no grade; form 'graded' needs a column 'grade' or 'score', or its name: "
                "--set columns.grade=NAME"
            )
        negatives = [(text, row.number) for text in row.negatives]
        yield _pair(row, source, config, negatives, grade=row.grade if graded else None)


def _nli(source: Path, config: ImportConfig, accounts: Accounts) -> Iterator[Pair]:
    """Entailed pairs, each with sentences that contradict the same premise."""
    rows: list[Row] = []
    against: dict[str, list[Row]] = defaultdict(list)
    for row in read_rows(source, config.columns):
        label = CLASSES.get(fold(str(row.fields.get(LABEL, ""))))
        if label == "entailment":
            rows.append(row)
        elif label == "contradiction":
            against[row.query].append(row)
        elif label is None and str(row.fields.get(LABEL)) not in ("-", "-1"):  # annotators who did not agree
            raise InputError(
                f"{source}: row {row.number}: label {row.fields.get(LABEL)!r}; allowed are entailment, neutral, "
                "contradiction, or 0, 1, 2"
            )
        if label != "entailment":
            accounts.drop(label or "without_label")
    for row in rows:
        yield _pair(row, source, config, [(one.document, one.number) for one in against[row.query]], grade=None)


def _pair(
    row: Row, source: Path, config: ImportConfig, negatives: Sequence[tuple[str, int]], *, grade: float | None
) -> Pair:
    """negatives: texts, and the numbers of the rows that they stand in."""
    kept = [(nfc(text), number) for text, number in negatives if text != row.document][: config.negatives]
    clean = replace(
        row, query=nfc(row.query), document=nfc(row.document), grade=grade,
        negatives=tuple(text for text, _ in kept), negative_rows=tuple(number for _, number in kept),
    )  # fmt: skip
    return pair_of(clean, source=Path(source).name, kind=config.kind or f"given_{config.form}")


def _sound(pairs: Iterator[Pair], gate: LeakageGate, accounts: Accounts, *, both_sides: bool) -> Iterator[Pair]:
    """both_sides: whether either text may be one that is scored, since none of them is the query."""
    seen: set[tuple[str, str]] = set()
    for pair in pairs:
        key = (content_hash(fold(pair.query)), content_hash(pair.document))
        if key in seen:
            accounts.drop("duplicate")
        elif pair.grade is None and pair.query == pair.document:
            accounts.drop("same_text_twice")
        elif gate.catches(pair.query) or (both_sides and gate.catches(pair.document)):
            accounts.drop("leaked")
        else:
            seen.add(key)
            yield pair


def _drawn(pairs: list[Pair], most: int | None, seed: int, accounts: Accounts) -> list[Pair]:
    if most is None or len(pairs) <= most:
        return pairs
    accounts.drop("over_quota", len(pairs) - most)
    chosen = set(sorted(range(len(pairs)), key=lambda place: derive(seed, "import", pairs[place].id))[:most])
    return [pair for place, pair in enumerate(pairs) if place in chosen]
