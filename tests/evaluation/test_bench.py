"""Records of language models: made once, told without leaked items, refused for models without a head."""

import numpy as np
import pytest

from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import ConfigError
from mecelle.base.protocols import OptionScores, SpanHits, TextScores
from mecelle.evaluation.language_models import Bench
from mecelle.evaluation.leakage import TrainingText
from mecelle.evaluation.record import read
from mecelle.evaluation.tasks.cloze import ClozeItem
from mecelle.evaluation.tasks.free_vocabulary import Prompt
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig
from mecelle.evaluation.tasks.perplexity import PerplexityConfig
from mecelle.evaluation.tasks.texts import HeldOutText

SENTENCE = (
    "Kiraya veren temerrüde düşen konut kiracısına yazılı bildirimle en az otuz gün daha [MASK] vermek zorundadır."
)
ITEMS = [
    ClozeItem("leaked", SENTENCE, ("süre", "ceza"), "süre", "single_token"),
    ClozeItem("clean", "Borçlu [MASK] düşer.", ("süre", "temerrüde"), "temerrüde", "single_token"),
]
TEXTS = [
    HeldOutText(f"{domain}{number}", domain, " ".join(f"söz{number} kira{at}" for at in range(20)))
    for domain in ("tax", "health")
    for number in range(3)
]
MLM, PPL = MaskedAccuracyConfig(documents=2, passage_words=10), PerplexityConfig(pseudo_documents=2, pseudo_words=10)


class Always:
    """Prefers the word "süre", predicts nothing else, and counts how often it is asked."""

    name, fingerprint, cased, likelihood = "always", "a" * 32, True, "pseudo-likelihood"
    asked = 0

    def score_options(self, sentences, options, *, scoring="", placing=""):
        self.asked += 1
        return [OptionScores(np.array([float(one == "süre") for one in own]), np.ones(len(own))) for own in options]

    def predict_spans(self, texts, spans, fates, *, k, seed):
        self.asked += 1
        return [SpanHits(*np.ones((3, len(own)), dtype=np.int64)) for own in spans]

    def token_spans(self, text):
        return [(0, 1), (1, 2)]

    def fill(self, sentence, *, k):
        return [("süre", 1.0)]

    def score_texts(self, texts, *, context, stride=None):
        self.asked += 1
        return TextScores(*np.ones((3, len(texts))))


class Reader:
    """A causal model."""

    name, fingerprint, likelihood = "reader", "r" * 32, "likelihood"

    def score_texts(self, texts, *, context, stride=None):
        return TextScores(np.array([float(len(text)) for text in texts]), *np.ones((2, len(texts))))


@pytest.fixture
def training(tmp_path):
    text = SENTENCE.replace("[MASK]", "süre")
    write_documents([make_document(text, kind="web", source="s")], tmp_path / "training" / "documents")
    return tmp_path / "training"


def everything(bench: Bench):
    return [bench.cloze(ITEMS), *bench.masked_accuracy(TEXTS, MLM), *bench.perplexity(TEXTS, PPL)]


def test_records_are_made_once(tmp_path, training):
    model = Always()
    bench = Bench(model, tmp_path / "r", name="m", split="test", seed=7, training=TrainingText(training))
    first, asked = everything(bench), model.asked
    again = Bench(model, tmp_path / "r", name="m", split="test", seed=7, training=TrainingText(training))
    assert everything(again) == first
    assert model.asked == asked
    assert {one.task for one in read(tmp_path / "r")} == {one.task for one in first} == {
        "cloze.v1", "mlm-health.v1", "mlm-tax.v1", "mlm.v1",
        "pseudo-perplexity-health.v1", "pseudo-perplexity-tax.v1", "pseudo-perplexity.v1",
    }  # fmt: skip


@pytest.mark.parametrize("change", ["seed", "fingerprint", "training", "options", "items"])
def test_a_change_makes_them_again(tmp_path, training, change):
    model = Always()
    Bench(model, tmp_path / "r", name="m", split="test", seed=7, training=TrainingText(training)).cloze(ITEMS)
    model.asked, model.fingerprint = 0, "b" * 32 if change == "fingerprint" else model.fingerprint
    text = None if change == "training" else TrainingText(training)
    bench = Bench(model, tmp_path / "r", name="m", split="test", seed=8 if change == "seed" else 7, training=text)
    if change == "options":
        bench.scores_file.unlink()
    bench.cloze(ITEMS[:1] if change == "items" else ITEMS)
    assert model.asked


def test_scores_are_told_without_leaked_items(tmp_path, training):
    bench = Bench(Always(), tmp_path / "r", name="m", split="test", seed=7, training=TrainingText(training))
    scores = bench.cloze(ITEMS).scores
    assert (scores["top1"], scores["top1.untouched"], scores["n.touched"]) == (0.5, 0.0, 1.0)
    blind = Bench(Always(), tmp_path / "b", name="m", split="test", seed=7).cloze(ITEMS).scores
    assert (blind["top1.untouched"], blind["n.touched"]) == (0.5, 0.0)


def test_causal_models(tmp_path):
    bench = Bench(Reader(), tmp_path / "r", name="m", split="test", seed=7)
    assert not bench.is_filler
    assert bench.cloze(ITEMS).notes[0] == "main way of scoring: sentence.sum"
    assert [one.task for one in bench.perplexity(TEXTS, PerplexityConfig(documents=2))] == [
        "perplexity-health.v1",
        "perplexity-tax.v1",
        "perplexity.v1",
    ]
    with pytest.raises(ConfigError, match="needs a masked language model"):
        bench.masked_accuracy(TEXTS, MLM)


def test_own_words_are_recorded(tmp_path):
    bench = Bench(Always(), tmp_path / "r", name="m", split="test", seed=7)
    (completion,) = bench.free_vocabulary([Prompt("p", "", "en az otuz gün [MASK] verir", ("süre",))])
    assert completion.rank == 1
    assert read(tmp_path / "r")[0].scores == {"wanted_first": 1.0, "wanted_top5": 1.0}
