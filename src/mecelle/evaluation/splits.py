"""Which questions and decisions are for training, for choosing, and for the one final score.

The files of the real data overlap: the same question stands in two files, one decision is whole in one and cut into
sections in another. The split is therefore by question and by decision, once, before the first training; near-copies of
what is scored leave the training files. `docs/splits.json` holds the result; every part of the project scores by it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mecelle.base.artifacts import hash_input
from mecelle.base.collection import read_jsonl
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.seeds import generator
from mecelle.text.casing import fold
from mecelle.text.words import words

Side = Literal["train", "development", "test"]

QUESTION_SHARES: Mapping[Side, float] = {"development": 0.5, "test": 0.5}
DECISION_SHARES: Mapping[Side, float] = {"train": 0.5, "development": 0.2, "test": 0.3}

NEAR_QUESTION = 0.6
"""Jaccard of word trigrams from which two questions count as copies: one word changed in a question of ten."""
NEAR_DECISION = 0.8
"""Jaccard of word 5-grams from which two decisions count as copies. Below the 0.90 of deduplication, to be safe."""

FILES = ("retrieval_statutes", "qa", "mcq", "decisions", "decision_sections")


class Splits(BaseModel):
    """The split as it stands in docs/splits.json."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str
    seed: int
    data: dict[str, str]
    """File -> hash of its bytes."""
    counts: dict[str, int]
    questions: dict[Side, list[str]]
    """Ids of retrieval_statutes. Half chooses, half is scored; none is trained on."""
    decisions: dict[Side, list[str]]
    """Ids of the decisions that have gold sections or a summary. All other decisions may be trained on, but for..."""
    decision_copies: dict[str, str] = Field(default_factory=dict)
    """...near-copies of development and test decisions: copy -> the decision it copies."""
    qa_excluded: dict[str, str] = Field(default_factory=dict)
    """Content hash of a question of qa -> the scored question it copies."""
    mcq_excluded: dict[str, str] = Field(default_factory=dict)
    """Id of a row of mcq -> the scored question it copies."""

    @classmethod
    def load(cls, path: Path) -> "Splits":
        """Read a file of `write`. Raises InputError if it is absent or of another form."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise InputError(f"{path}: no such file; `mecelle evaluate splits DATA --out {path}` makes it") from None
        except ValidationError as error:
            raise InputError(f"{path}: not a file of splits: {error.errors()[0]['msg']}") from None

    def side(self, identifier: str) -> Side | None:
        """Where a question or decision stands; None if it was not split."""
        for group in (self.questions, self.decisions):
            for side, members in group.items():
                if identifier in members:
                    return side
        return None

    def held_out(self) -> set[str]:
        """Source ids that must never be trained on: scored questions and decisions, and copies of the latter."""
        scored = [*self.questions.values(), self.decisions["development"], self.decisions["test"]]
        return {identifier for members in scored for identifier in members} | set(self.decision_copies)


def make_splits(data: Path, *, seed: int) -> Splits:
    """Split the files of `data` (a folder such as shared/data/legal).

    Raises InputError if one of FILES is absent.
    """
    paths = {name: data / f"{name}.jsonl.gz" for name in FILES}
    absent = [str(path) for path in paths.values() if not path.exists()]
    if absent:
        raise InputError(f"no such file: {', '.join(absent)}; the split needs {', '.join(FILES)}")
    rows = {name: list(read_jsonl(path)) for name, path in paths.items()}
    questions, question_texts = _split_questions(rows["retrieval_statutes"], seed)
    decisions, copies = _split_decisions(rows["decisions"], rows["decision_sections"], seed)
    qa = _copies_of(question_texts, ((content_hash(row["question"]), row["question"]) for row in rows["qa"]))
    mcq = _copies_of(question_texts, ((row["id"], row["question"]) for row in rows["mcq"]))
    counts = {f"questions {side}": len(members) for side, members in questions.items()}
    counts |= {f"decisions {side}": len(members) for side, members in decisions.items()}
    counts |= {"decision copies": len(copies), "qa excluded": len(qa), "mcq excluded": len(mcq)}
    return Splits(
        command=f"mecelle evaluate splits DATA --seed {seed}",
        seed=seed,
        data={path.name: hash_input(path) or "" for path in paths.values()},
        counts=counts,
        questions=questions,
        decisions=decisions,
        decision_copies=copies,
        qa_excluded=qa,
        mcq_excluded=mcq,
    )


def write(splits: Splits, path: Path) -> None:
    """Write the split as readable JSON; same split, same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        orjson.dumps(splits.model_dump(mode="json"), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )


def _split_questions(rows: Sequence[Any], seed: int) -> tuple[dict[Side, list[str]], dict[str, str]]:
    texts = {row["id"]: row["query"] for row in rows if row["gold"]}
    strata = {row["id"]: str(row["subset"] == "manual_gold") for row in rows}
    grams = {identifier: _grams(text, 3) for identifier, text in texts.items()}
    groups = _groups(grams, NEAR_QUESTION)
    return _deal(groups, strata, QUESTION_SHARES, seed, "questions"), texts


def _split_decisions(
    rows: Sequence[Any], sectioned: Sequence[Any], seed: int
) -> tuple[dict[Side, list[str]], dict[str, str]]:
    texts = {row["id"]: row["text"] for row in rows}
    strata = {row["id"]: row["court"] for row in [*rows, *sectioned]}
    labelled = {row["id"] for row in sectioned} | {row["id"] for row in rows if row.get("summary")}
    for row in sectioned:
        texts.setdefault(row["id"], "\n".join(section["text"] for section in row["sections"]))
    grams = {identifier: _grams(texts[identifier], 5) for identifier in texts}
    groups = _groups({identifier: grams[identifier] for identifier in sorted(labelled)}, NEAR_DECISION)
    sides = _deal(groups, strata, DECISION_SHARES, seed, "decisions")
    scored = {identifier: grams[identifier] for side in ("development", "test") for identifier in sides[side]}  # type: ignore[index]
    others = {identifier: grams[identifier] for identifier in texts if identifier not in labelled}
    return sides, _nearest(scored, others, NEAR_DECISION)


def _copies_of(questions: Mapping[str, str], candidates: Iterable[tuple[str, str]]) -> dict[str, str]:
    scored = {identifier: _grams(text, 3) for identifier, text in questions.items()}
    return _nearest(scored, {identifier: _grams(text, 3) for identifier, text in candidates}, NEAR_QUESTION)


def _deal(
    groups: Sequence[Sequence[str]], strata: Mapping[str, str], shares: Mapping[Side, float], seed: int, name: str
) -> dict[Side, list[str]]:
    """Deal whole groups to the sides, stratum by stratum: each goes to the side that lacks most of its share."""
    dealt: dict[Side, list[str]] = {side: [] for side in shares}
    by_stratum: dict[str, list[Sequence[str]]] = defaultdict(list)
    for group in groups:
        by_stratum[strata[group[0]]].append(group)
    for stratum in sorted(by_stratum):
        members = by_stratum[stratum]
        sizes: dict[Side, int] = dict.fromkeys(shares, 0)
        for place in generator(seed, name, stratum).permutation(len(members)):
            total = sum(sizes.values()) + len(members[place])
            side = max(shares, key=lambda side: shares[side] * total - sizes[side])
            dealt[side] += members[place]
            sizes[side] += len(members[place])
    return {side: sorted(members) for side, members in dealt.items()}


def _grams(text: str, size: int) -> frozenset[int]:
    """Hashes of the word n-grams of a text, digits and diacritics kept; a text of fewer words is one gram."""
    tokens = [fold(word) for word in words(text)]
    grams = [tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1)] or [tuple(tokens)]
    return frozenset(_stable_hash(gram) for gram in grams)


def _stable_hash(gram: tuple[str, ...]) -> int:
    # Python's own hash of strings changes from process to process.
    return int(content_hash("\x1f".join(gram))[:16], 16)


def _groups(grams: Mapping[str, frozenset[int]], least: float) -> list[list[str]]:
    """Connected groups of near-copies, each sorted, in the order of their first member."""
    parent = {identifier: identifier for identifier in grams}

    def root(identifier: str) -> str:
        while parent[identifier] != identifier:
            identifier = parent[identifier]
        return identifier

    for left, right, _ in _near(grams, grams, least):
        low, high = sorted((root(left), root(right)))
        parent[high] = low
    groups: dict[str, list[str]] = defaultdict(list)
    for identifier in sorted(grams):
        groups[root(identifier)].append(identifier)
    return [groups[first] for first in sorted(groups)]


def _nearest(
    scored: Mapping[str, frozenset[int]], candidates: Mapping[str, frozenset[int]], least: float
) -> dict[str, str]:
    best: dict[str, tuple[float, str]] = {}
    for original, copy, similarity in _near(scored, candidates, least):
        if (similarity, original) > best.get(copy, (0.0, "")):
            best[copy] = (similarity, original)
    return {copy: original for copy, (_, original) in sorted(best.items())}


def _near(
    left: Mapping[str, frozenset[int]], right: Mapping[str, frozenset[int]], least: float
) -> Iterable[tuple[str, str, float]]:
    """Pairs (one of `left`, another of `right`) with a Jaccard similarity of at least `least`, by an inverted index."""
    holders: dict[int, list[str]] = defaultdict(list)
    for identifier, grams in left.items():
        for gram in grams:
            holders[gram].append(identifier)
    for identifier, grams in right.items():
        shared: dict[str, int] = defaultdict(int)
        for gram in grams:
            for other in holders.get(gram, ()):
                shared[other] += 1
        for other, count in shared.items():
            similarity = count / (len(grams) + len(left[other]) - count)
            if other != identifier and similarity >= least:
                yield other, identifier, similarity
