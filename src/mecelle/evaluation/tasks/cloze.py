"""Legal Cloze Test: which of four options stands in the place of `[MASK]`? Source: HukukBERT §3.7, §4.1, Table 6.

Options differ in their number of tokens, and how these are summed decides much: every way of scoring is told. Chance is
.25 for the first and .75 for the first three of four options.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mecelle.base.accounts import Accounts
from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.protocols import MASK, MaskFiller, OptionScores, Placing, Scoring, TextScorer
from mecelle.documents.queries import row_id
from mecelle.evaluation.keeping import Outcome

TASK = "cloze.v1"
SCORINGS: tuple[Scoring, ...] = ("independent", "one_at_a_time", "word_left_to_right")
PLACINGS: tuple[Placing, ...] = ("in_sentence", "apart")
SENTENCE = "sentence"
"""The way of causal models: the likelihood of the whole sentence with an option in it."""
MAIN = "independent.in_sentence.mean"
"""The way of HukukBERT's public script: masks filled independently, mean over an option's tokens."""
MAIN_CAUSAL = f"{SENTENCE}.sum"

Ranks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClozeItem:
    """One sentence with its options."""

    id: str
    sentence: str
    options: tuple[str, ...]
    gold: str
    mask_type: str
    """What the data say of the gold option: single_token, multi_token, or unmarked."""

    @property
    def filled(self) -> str:
        """What training text would hold if the item had leaked."""
        return self.sentence.replace(MASK, self.gold)


def read_items(path: Path) -> tuple[list[ClozeItem], Accounts]:
    """The items of a file in HukukBERT's format {id, sentence, options, gold, metadata}.

    Items that cannot be scored are counted as failed. Raises InputError if none is left.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected JSON Lines of id, sentence, options, gold")
    items: dict[str, ClozeItem] = {}
    accounts = Accounts(unit="items")
    for number, row in enumerate(read_jsonl(path), start=1):
        fault = _fault(row)
        name = "" if fault else row_id(row, f"item{number}")
        if name in items:
            fault = "same_id"
        if fault:
            accounts.fail(fault)
            continue
        accounts.keep()
        options = tuple(option.strip() for option in row["options"])
        marked = (row.get("metadata") or {}).get("mask_type") or "unmarked"
        items[name] = ClozeItem(name, row["sentence"], options, row["gold"].strip(), marked)
    if not items:
        raise InputError(f"{path}: no item that can be scored: {accounts.sentence()}")
    return list(items.values()), accounts


def data_hash(items: Sequence[ClozeItem]) -> str:
    """Of everything that is shown and asked."""
    rows = ("\x1f".join((one.id, one.sentence, *one.options, one.gold)) for one in items)
    return content_hash("\x1e".join(rows))


def score_items(model: MaskFiller | TextScorer, items: Sequence[ClozeItem]) -> dict[str, list[OptionScores]]:
    """Way -> the options of each item: all of `SCORINGS` x `PLACINGS` of a masked model, `SENTENCE` of a causal one."""
    if isinstance(model, MaskFiller):
        sentences, options = [one.sentence for one in items], [one.options for one in items]
        return {
            f"{scoring}.{placing}": model.score_options(sentences, options, scoring=scoring, placing=placing)
            for scoring in SCORINGS
            for placing in PLACINGS
        }
    filled = [one.sentence.replace(MASK, option) for one in items for option in one.options]
    scores = model.score_texts(filled, context=1 << 30)
    ends = np.cumsum([len(one.options) for one in items])[:-1]
    nats, tokens = np.split(-scores.nats, ends), np.split(scores.tokens, ends)
    return {SENTENCE: [OptionScores(*pair) for pair in zip(nats, tokens, strict=True)]}


def ranks_of(items: Sequence[ClozeItem], scores: Mapping[str, Sequence[OptionScores]]) -> dict[str, Ranks]:
    """`way.sum` and `way.mean` (over an option's tokens) -> rank of the gold option of each item, 1 is best.

    A tie goes against the gold option: a model that likes all alike knows nothing. A gold option
    whose score is no number is last.
    """
    ranks: dict[str, list[int]] = {}
    for way, rows in scores.items():
        for item, own in zip(items, rows, strict=True):
            gold = item.options.index(item.gold)
            for norm, values in (("sum", own.nats), ("mean", own.nats / own.tokens)):
                rank = int((values >= values[gold]).sum()) or len(values)  # none is at least as good as no number
                ranks.setdefault(f"{way}.{norm}", []).append(rank)
    return {way: np.array(values, dtype=np.int64) for way, values in ranks.items()}


def outcome(
    items: Sequence[ClozeItem], scores: Mapping[str, Sequence[OptionScores]], touched: Mapping[str, str]
) -> Outcome:
    """Top-1 and Top-3 of every way, and of the main way for groups of items.

    touched: ids of items that the training text holds.
    """
    ranks = ranks_of(items, scores)
    main = MAIN if MAIN in ranks else MAIN_CAUSAL
    told: dict[str, float] = {"top1": _share(ranks[main], 1), "top3": _share(ranks[main], 3)}
    for way, own in ranks.items():
        told |= {f"top1.{way}": _share(own, 1), f"top3.{way}": _share(own, 3)}
    for name, members in _groups(items, scores[main.rpartition(".")[0]], touched).items():
        told[f"n.{name}"] = float(members.sum())
        if members.any():
            told |= {f"top1.{name}": _share(ranks[main][members], 1), f"top3.{name}": _share(ranks[main][members], 3)}
    return Outcome(
        main_score="top1",
        scores=told,
        unit="item",
        ids=tuple(one.id for one in items),
        values=tuple((ranks[main] == 1).astype(float)),
        notes=(f"main way of scoring: {main}", "chance is .25 for top1, .75 for top3 (four options)"),
    )


def write_scores(
    path: Path, items: Sequence[ClozeItem], scores: Mapping[str, Sequence[OptionScores]], touched: Mapping[str, str]
) -> None:
    """One row per item: options, their log-probabilities (nats) and tokens by way, so that any test can be made."""
    with JsonlWriter(path) as writer:
        for number, item in enumerate(items):
            ways = {way: {"nats": rows[number].nats, "tokens": rows[number].tokens} for way, rows in scores.items()}
            row = {"id": item.id, "options": item.options, "gold": item.gold, "leaked": touched.get(item.id)}
            writer.write(row | {"ways": ways})


def read_ranks(path: Path, items: Sequence[ClozeItem]) -> dict[str, Ranks]:
    """The ranks of all ways, from a file of `write_scores`."""
    scores: dict[str, list[OptionScores]] = {}
    for row in read_jsonl(path):
        for way, own in row["ways"].items():
            scores.setdefault(way, []).append(OptionScores(np.array(own["nats"]), np.array(own["tokens"])))
    return ranks_of(items, scores)


def _fault(row: object) -> str | None:
    if not isinstance(row, dict) or not isinstance(row.get("sentence"), str) or not isinstance(row.get("gold"), str):
        return "no_sentence_or_gold"
    options = row.get("options")
    if not isinstance(options, list) or len(options) < 2 or not all(isinstance(one, str) for one in options):
        return "no_options"
    stripped = [one.strip() for one in options]
    if row["sentence"].count(MASK) != 1:
        return "not_one_mask"
    if not all(stripped) or len(set(stripped)) < len(stripped):
        return "empty_or_equal_options"
    return None if row["gold"].strip() in stripped else "gold_is_no_option"


def _groups(
    items: Sequence[ClozeItem], scores: Sequence[OptionScores], touched: Mapping[str, str]
) -> dict[str, NDArray[np.bool_]]:
    """By this model's tokens, by what the data say, and by leakage."""
    one_token = np.array([int(own.tokens.max()) == 1 for own in scores])
    marked = np.array([item.mask_type for item in items])
    leaked = np.array([item.id in touched for item in items])
    groups = {"options_of_one_token": one_token, "options_of_more_tokens": ~one_token}
    groups |= {f"marked_{kind}": marked == kind for kind in sorted(set(marked.tolist()))}
    return groups | {"touched": leaked, "untouched": ~leaked}


def _share(ranks: Ranks, k: int) -> float:
    return float((ranks <= k).mean())
