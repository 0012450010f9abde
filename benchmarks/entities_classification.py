"""What a decision is, from its text without the words that say so: outcome, chamber, kind of case, acts cited.

    python benchmarks/entities_classification.py
    python benchmarks/entities_classification.py --encoder e5=package:e5 --questions outcome kind

Decisions of `legal/decisions`, at most --chamber of each chamber, so that one does not outweigh all others. The test
decisions of docs/splits.json are scored and never trained on, and neither are its development decisions and near-copies
of either; of the others every third by hash of the text is scored. Labels with fewer than 20 training or 5 test
decisions are left out. Encoders are frozen and read the first and the last --ends characters; the head is logistic.
Intervals: 95%, test decisions drawn again.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from measuring import DATA, machine, write_results
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import MultiLabelBinarizer, StandardScaler

from mecelle.base.collection import read_jsonl
from mecelle.base.document import content_hash
from mecelle.base.seeds import generator
from mecelle.evaluation.finetuning.intervals import spread
from mecelle.evaluation.finetuning.items import Item, TaskType
from mecelle.evaluation.finetuning.metrics import MAIN, score
from mecelle.evaluation.splits import Splits
from mecelle.models.names import load_encoder
from mecelle.segmentation.classification.questions import QUESTIONS, Labelled
from mecelle.segmentation.record import Segmented
from mecelle.text.casing import fold
from mecelle.text.words import words as words_of

SEED = 7
LEAST_TRAIN, LEAST_TEST = 20, 5
SPLITS = Path(__file__).parents[1] / "docs" / "splits.json"
Chances = list[dict[str, float]]


def decisions(most_of_a_chamber: int) -> tuple[list[Segmented], list[Segmented]]:
    """Training and test decisions, each text once."""
    splits = Splits.load(SPLITS)
    held_out, test_ids = splits.held_out(), set(splits.decisions["test"])
    by_chamber: dict[tuple[str, str], list[Segmented]] = defaultdict(list)
    seen: set[str] = set()
    for row in read_jsonl(DATA / "legal" / "decisions.jsonl.gz"):
        name = content_hash(row["text"])
        if name not in seen:
            seen.add(name)
            told = {key: row[key] for key in ("court", "chamber", "date", "truncated")}
            one = Segmented(id=row["id"], text=row["text"], metadata=told)
            by_chamber[str(row["court"]), str(row["chamber"])].append(one)
    train, test = [], []
    for chamber, members in sorted(by_chamber.items()):
        order = generator(SEED, "decisions", *chamber).permutation(len(members))[:most_of_a_chamber]
        for one in (members[place] for place in sorted(order)):
            if one.id in test_ids or (one.id not in held_out and int(content_hash(one.text), 16) % 3 == 0):
                test.append(one)
            elif one.id not in held_out:
                train.append(one)
    return train, test


def asked(question: str, train: Sequence[Segmented], test: Sequence[Segmented]) -> tuple[list[Labelled], ...]:
    """Items of a question, with labels that are frequent enough; the same text is not scored that was trained on."""
    made = [
        [item for one in part if (item := QUESTIONS[question](one)) and not _lacks_end(question, one)]
        for part in (train, test)
    ]
    counts = [Counter(label for item in part for label in item.labels) for part in made]
    known = {label for label, n in counts[0].items() if n >= LEAST_TRAIN and counts[1][label] >= LEAST_TEST}
    kept = [
        [Labelled(item.text, item.labels & known) for item in part if item.labels & known and item.text.strip()]
        for part in made
    ]
    texts = {item.text for item in kept[0]}
    return kept[0], [item for item in kept[1] if item.text not in texts]


def _lacks_end(question: str, decision: Segmented) -> bool:
    return question == "outcome" and bool(decision.metadata["truncated"])


def words(train: Sequence[Labelled], test: Sequence[Labelled]) -> Chances:
    """Words and pairs of words, weighted by TF-IDF."""
    weights = TfidfVectorizer(
        preprocessor=fold, tokenizer=words_of, token_pattern=None, ngram_range=(1, 2), min_df=2, sublinear_tf=True
    )
    x = weights.fit_transform([item.text for item in train])
    return _linear(x, train, weights.transform([item.text for item in test]), strength=10.0)


def frozen(place: str, ends: int) -> Callable[[Sequence[Labelled], Sequence[Labelled]], Chances]:
    """Vectors of an encoder."""
    encoder = load_encoder(place, max_length=320)

    def chances(train: Sequence[Labelled], test: Sequence[Labelled]) -> Chances:
        x, y = (encoder.encode([_ends(item.text, ends) for item in part]) for part in (train, test))
        scale = StandardScaler().fit(x)
        return _linear(scale.transform(x), train, scale.transform(y), strength=0.1)

    return chances


def _linear(x: Any, train: Sequence[Labelled], y: Any, *, strength: float) -> Chances:
    """The chance of each label by itself (logistic regression, rare labels weigh as much as frequent ones)."""
    labels = MultiLabelBinarizer()
    head = OneVsRestClassifier(LogisticRegression(C=strength, class_weight="balanced", solver="liblinear"))
    head.fit(x, labels.fit_transform([item.labels for item in train]))
    return [dict(zip(labels.classes_, row, strict=True)) for row in head.predict_proba(y).tolist()]


def _ends(text: str, characters: int) -> str:
    return text if len(text) <= 2 * characters else f"{text[:characters]} … {text[-characters:]}"


def judged(question: str, test: Sequence[Labelled], found: Chances) -> dict[str, float]:
    """Macro-F1 and accuracy of the likeliest label; micro-F1 of acts with a chance of at least a half."""
    names = sorted(found[0])
    if question == "statutes":
        kind: TaskType = "NER"  # one "tag" for each act, so that its micro-F1 is that of the set of acts
        gold = [tuple(f"B-{name}" if name in item.labels else "O" for name in names) for item in test]
        said: list[tuple[str, ...] | str] = [
            tuple(f"B-{name}" if one[name] >= 0.5 else "O" for name in names) for one in found
        ]
    else:
        kind = "CLF"
        gold = [next(iter(item.labels)) for item in test]
        said = [max(one, key=lambda name: one[name]) for one in found]
    items = [Item(str(number), label) for number, label in enumerate(gold)]
    scores = score(kind, items, said)
    interval = spread(kind, items, said, seed=SEED)
    return {
        MAIN[kind]: scores.scores[MAIN[kind]], "low": interval.low, "high": interval.high,
        "accuracy or sentence mean": mean(scores.values),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", action="append", default=[], help="name=place")
    parser.add_argument("--questions", nargs="+", default=list(QUESTIONS), choices=list(QUESTIONS))
    parser.add_argument("--chamber", type=int, default=120)
    parser.add_argument("--ends", type=int, default=500)
    told = parser.parse_args()
    encoders = {name: frozen(place, told.ends) for name, place in (one.split("=", 1) for one in told.encoder)}
    systems = {"most frequent": most_frequent, "TF-IDF": words} | encoders
    train, test = decisions(told.chamber)
    print(f"{len(train)} decisions to train on, {len(test)} to score")
    settings = {"seed": SEED, "chamber": told.chamber, "ends": told.ends}
    figures: dict[str, object] = {**settings, "machine": machine("torch", "scikit-learn")}
    for question in told.questions:
        learnt, scored = asked(question, train, test)
        counts = Counter(label for item in scored for label in item.labels)
        print(f"\n{question}: {len(learnt)} to train on, {len(scored)} to score, {len(counts)} labels: {counts}")
        for name, system in systems.items():
            clock = time.monotonic()
            result = judged(question, scored, system(learnt, scored))
            figures[f"{question} {name}"] = result | {"n": len(scored), "seconds": time.monotonic() - clock}
            shown = " ".join(f"{key} {value:.3f}" for key, value in result.items())
            print(f"  {name:14} {shown} ({time.monotonic() - clock:.0f} s)", flush=True)
    write_results("-".join(["entities_classification", *encoders]), figures)


def most_frequent(train: Sequence[Labelled], test: Sequence[Labelled]) -> Chances:
    """The share of the training decisions that have a label, whatever the text."""
    counts = Counter(label for item in train for label in item.labels)
    return [{label: n / len(train) for label, n in counts.items()}] * len(test)


if __name__ == "__main__":
    main()
