"""Classification, as mteb does it: logistic regression on a few labelled vectors per class, ten draws.

Example (topic_sib200): "Türkiye'nin üç tarafı denizlerle çevrilidir" -> geography.
"""

from mecelle.base.document import content_hash
from mecelle.evaluation.tasks.definition import Caps, LabelledData, LocalTask, Source, draw, register


def _task(name: str, file: str, about: str, stands_for: str, *notes: str) -> LocalTask:
    path = f"general/classification_{file}.jsonl.gz"

    def read(source: Source, caps: Caps, seed: int) -> LabelledData:
        rows = source.rows(path)
        train = [row for row in rows if row["split"] == "train"] or [row for row in rows if row["split"] == "dev"]
        seen = {row["text"] for row in train}
        # A text that stands twice would be scored twice, or be known from training.
        test = {row["text"]: row["label"] for row in rows if row["split"] == "test" and row["text"] not in seen}
        known = {row["label"] for row in train}
        chosen = draw([item for item in test.items() if item[1] in known], caps.items, seed=seed, name=name)
        return LabelledData(
            train=[(row["text"], row["label"]) for row in train],
            test=[(content_hash(text)[:16], text, label) for text, label in chosen],
        )

    return register(LocalTask(name, "classification", about, (path,), read, stands_for=stands_for, notes=notes))


OURS = "The paper names two of its six sets; which of ours stands for which is our choice."

_task("offensive.v1", "offensive", "Is a tweet offensive? (OffensEval 2020)", "sentiment or toxicity", OURS)
_task("movie.v1", "movie_beyazperde", "Is a film review positive?", "TurkishMovieSentimentClassification")
_task(
    "product.v1",
    "reviews_mixed",
    "Is a review of a product or film positive?",
    "TurkishProductSentimentClassification",
    OURS,
    "Labels of negative reviews are visibly noisy.",
)
_task("intent_atis.v1", "intent_atis", "What does a traveller ask for?", "MassiveIntentClassification")
_task("intent_xsid.v1", "intent_xsid", "What is a voice assistant asked for?", "MassiveScenarioClassification", OURS)
_task("topic_sib200.v1", "topic_sib200", "What is a sentence about?", "SIB200Classification", OURS)
