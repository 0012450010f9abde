"""The tasks: as many of each type as in Mecellem's Table 23, over the data at hand.

The paper names none but MedNLI, which is not here; every choice is ours.
"""

from collections.abc import Mapping
from functools import partial

from mecelle.base.config import nearest
from mecelle.base.errors import ConfigError
from mecelle.evaluation.finetuning import readers
from mecelle.evaluation.finetuning.items import FineTuningTask
from mecelle.evaluation.finetuning.readers import AS_NAMED, inference, questions, similarity, tagged, treebank

_NER, _LEGAL_NER = "general/ner.jsonl.gz", "legal/ner.jsonl.gz"
_QA, _TREEBANKS = "general/qa_retrieval.jsonl.gz", "general/morphology.jsonl.gz"


def _classes(name: str, file: str, note: str) -> FineTuningTask:
    return FineTuningTask(name, "CLF", f"general/classification_{file}.jsonl.gz", readers.classes, note)


_ALL = (
    _classes("offensive.v1", "offensive", "tweets, OffensEval-2020; dev drawn from train"),
    _classes("movie_reviews.v1", "movie_beyazperde", "binary"),
    _classes("product_reviews.v1", "reviews_mixed", "binary; some labels are wrong"),
    _classes("flight_intent.v1", "intent_atis", "ATIS; 75% are one class"),
    _classes("topic.v1", "topic_sib200", "SIB-200, 7 topics, 701 training sentences"),
    _classes("news.v1", "news_1150haber", "5 categories; dev drawn from train"),
    FineTuningTask("wikiann.v1", "NER", _NER, partial(tagged, source="yigit353/turkish-nlp-datasets"), "silver labels"),
    FineTuningTask(
        "legal_entities.v1",
        "NER",
        _LEGAL_NER,
        partial(tagged, source="koc-lab/turkishlegalner"),
        "sentences of Yargıtay decisions, which a pre-training corpus may hold unlabelled; dev drawn from train",
    ),
    FineTuningTask(
        "tquad.v1",
        "QA",
        _QA,
        partial(questions, domain="history of science", parts={"train": "train", "dev": "test"}),
        "official dev is scored; dev drawn from train",
    ),
    FineTuningTask(
        "ottoman_history.v1",
        "QA",
        _QA,
        partial(questions, domain="Ottoman history", parts=AS_NAMED),
        "dev drawn from train",
    ),
    FineTuningTask(
        "stsb.v1", "STS", "general/sts.jsonl.gz", partial(similarity, highest=5.0), "STSb-TR, machine translated"
    ),
    FineTuningTask(
        "snli.v1",
        "NLI",
        "general/nli.jsonl.gz",
        partial(inference, parts={"validation": "train", "test": "test"}),
        "SNLI-TR, machine translated; validation is trained on, for want of a training part",
    ),
    FineTuningTask("imst.v1", "POS", _TREEBANKS, partial(treebank, name="IMST", parts=AS_NAMED), "UD IMST"),
    FineTuningTask(
        "boun.v1",
        "POS",
        _TREEBANKS,
        partial(treebank, name="BOUN", parts={"dev": "train", "test": "test"}),
        "UD BOUN; its dev is trained on, since there is no train",
    ),
)

TASKS: Mapping[str, FineTuningTask] = {task.name: task for task in _ALL}
"""Name -> task, in the order of tables."""


def chosen(names: list[str] | None) -> list[FineTuningTask]:
    """The tasks of these names or types (`NER`), all of them without names. Raises ConfigError for an unknown one."""
    if not names:
        return list(_ALL)
    found: dict[str, FineTuningTask] = {}
    for name in names:
        matching = [task for task in _ALL if name in (task.name, task.name.partition(".")[0], task.type)]
        if not matching:
            raise ConfigError(f"fine-tuning task '{name}' is not known{nearest(name, list(TASKS))}")
        found |= {task.name: task for task in matching}
    return [task for task in _ALL if task.name in found]
