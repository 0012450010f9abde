"""Boundary F1: does a tokenizer cut words where their morphemes meet?

Gold are words of Universal Dependencies whose lemma and features make up the form in exactly one way
(`mecelle.text.morphology.treebank`); no analyser has a say in it. Limits: a lemma is not looked into, so that a cut
before the -lık of başkanlık counts as false, and where a treebank's lemma is the stem of a derived word, the word
is no gold at all.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from mecelle.base.accounts import Accounts
from mecelle.base.collection import read_jsonl
from mecelle.base.errors import InputError
from mecelle.text.casing import fold
from mecelle.text.morphology.segments import stems
from mecelle.text.morphology.treebank import gold_cuts
from mecelle.tokenizer.measure.intervals import RESAMPLES, Estimate, Share, estimate, quotient, resampled_sums, share

_FIELDS = ("form", "lemma", "upos", "feats")
_MULTIWORD = "MWT"

Cut = Callable[[str], Sequence[int]]
"""Where a tokenizer cuts inside a word that stands behind a space: character positions, 1 to length - 1."""


class GoldWord(NamedTuple):
    """A word and where its suffixes begin."""

    form: str
    cuts: tuple[int, ...]
    """() for a bare lemma."""


class Gold(NamedTuple):
    """The words of a treebank that can be used."""

    words: list[GoldWord]
    """Each form once, sorted."""
    accounts: Accounts
    """Of rows, with the reasons why others were left out."""


class BoundaryScores(BaseModel):
    """How the cuts of a tokenizer agree with gold."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    words: int
    """Gold words with a suffix; everything but `bare_cut` is about them."""
    precision: Estimate
    """Share of the tokenizer's cuts that are gold, 0..1."""
    recall: Estimate
    """Share of gold's cuts that the tokenizer makes, 0..1."""
    f1: Estimate
    exact: Share
    """Words cut exactly as gold."""
    over: Share
    """Words with a cut that is none of gold's."""
    under: Share
    """Words that lack a cut of gold's."""
    pieces: float
    """Mean number of pieces of a word."""
    gold_pieces: float
    bare_cut: Share | None
    """Bare lemmas that are cut at all; None if there are none."""


def score_boundaries(words: Sequence[GoldWord], cut: Cut, *, seed: int, resamples: int = RESAMPLES) -> BoundaryScores:
    """Compare the cuts of one tokenizer with gold: micro-averaged, with intervals over words drawn again by `seed`.

    Two tokenizers that are scored with the same words and seed are paired. Without any cut, precision is 0.
    Raises InputError if no word has a suffix.
    """
    inflected = [word for word in words if word.cuts]
    bare = [word for word in words if not word.cuts]
    if not inflected:
        raise InputError(f"no gold word with a suffix among {len(words):,}; give a treebank (form, lemma, upos, feats)")
    made = [set(cut(word.form)) for word in inflected]
    right = [len(one.intersection(word.cuts)) for one, word in zip(made, inflected, strict=True)]
    table = np.array([right, list(map(len, made)), [len(word.cuts) for word in inflected]], dtype=np.float64).T
    drawn, n = resampled_sums(table, seed=seed, resamples=resamples), len(inflected)
    hits, cuts, gold = table.T

    def rated(numerator: float, top: int, bottom: Sequence[int]) -> Estimate:
        sums, whole = drawn[:, bottom].sum(axis=1), float(table[:, bottom].sum())
        value = numerator * float(table[:, top].sum()) / whole if whole else 0.0
        return estimate(value, numerator * quotient(drawn[:, top], sums), documents=n)

    return BoundaryScores(
        words=n,
        precision=rated(1, 0, [1]),
        recall=rated(1, 0, [2]),
        f1=rated(2, 0, [1, 2]),
        exact=share(int(((hits == gold) & (cuts == gold)).sum()), n),
        over=share(int((cuts > hits).sum()), n),
        under=share(int((gold > hits).sum()), n),
        pieces=1 + float(cuts.mean()),
        gold_pieces=1 + float(gold.mean()),
        bare_cut=share(sum(bool(cut(word.form)) for word in bare), len(bare)) if bare else None,
    )


def read_gold(path: Path, *, splits: Sequence[str] | None = None) -> Gold:
    """The gold words of a treebank: JSON Lines with form, lemma, upos, feats, and id, sent, tb, split if it has them.

    splits: those of the treebank that are read; all if None. Raises InputError for rows without these fields.
    """
    accounts = Accounts(unit="rows")
    found: dict[str, Counter[tuple[int, ...]]] = defaultdict(Counter)
    for row, reason in _rows(path):
        if splits is not None and row.get("split") not in splits:
            continue
        cuts = None if reason else gold_cuts(row["form"], row["lemma"], row["upos"], _features(row["feats"]))
        if cuts is None:
            accounts.drop(reason or "no_single_split")
        else:
            found[row["form"]][cuts] += 1
    for counts in found.values():
        if len(counts) == 1:
            accounts.keep(counts.total())
        else:
            accounts.drop("two_splits", counts.total())
    return Gold(sorted(GoldWord(form, *counts) for form, counts in found.items() if len(counts) == 1), accounts)


def read_derivations(path: Path) -> Gold:
    """Derived words with the boundary between base and suffix, from UniMorph: JSON Lines with base, derived, features.

    features: word classes, a tab, the suffix behind a hyphen. A base is not looked into, so that recall says more than
    precision. Raises InputError for rows without these fields.
    """
    accounts = Accounts(unit="rows")
    words = set()
    for number, row in enumerate(read_jsonl(path), start=1):
        if not isinstance(row, dict) or not {"base", "derived", "features"} <= row.keys():
            raise InputError(f"{path}: row {number} has not all of base, derived, features; found {str(row)[:80]}")
        derived, suffix = fold(row["derived"]), fold(row["features"].rpartition("-")[2])
        at = len(derived) - len(suffix)
        if not derived.isalpha() or not suffix:
            accounts.drop("not_letters_alone")
        elif not derived.endswith(suffix) or derived[:at] not in stems(derived, fold(row["base"])):
            accounts.drop("no_single_split")
        else:
            accounts.keep()
            words.add(GoldWord(row["derived"], (at,)))
    return Gold(sorted(words), accounts)


def _rows(path: Path) -> Iterator[tuple[dict[str, str], str | None]]:
    """Rows, and why one is no word that can be gold."""
    parts: set[tuple[str | None, str | None, str]] = set()
    for number, row in enumerate(read_jsonl(path), start=1):
        if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in _FIELDS):
            raise InputError(f"{path}: row {number} has not all of {', '.join(_FIELDS)}; found {str(row)[:80]}")
        sentence = row.get("tb"), row.get("sent")
        if row["upos"] == _MULTIWORD:
            first, last = map(int, row["id"].split("-"))
            parts |= {(*sentence, str(part)) for part in range(first, last + 1)}
            yield row, "multiword"
        elif (*sentence, row.get("id")) in parts:
            yield row, "part_of_multiword"
        else:
            yield row, None if row["form"].isalpha() else "not_letters_alone"


def _features(written: str) -> dict[str, str]:
    return dict(feature.split("=", 1) for feature in written.split("|") if "=" in feature)
