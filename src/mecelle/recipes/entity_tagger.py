"""Training of the encoder that finds entities: the legal NER set, learnt as the fine-tuning suite learns its tasks."""

import tempfile
from dataclasses import replace
from pathlib import Path

from mecelle.base.seeds import derive
from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.encoders import TunableEncoder
from mecelle.evaluation.finetuning.heads import head_for
from mecelle.evaluation.finetuning.items import Item, Parts
from mecelle.evaluation.finetuning.search import capped
from mecelle.evaluation.finetuning.tasks import TASKS
from mecelle.evaluation.finetuning.trial import Trial, run_trial
from mecelle.models.quiet import quiet
from mecelle.segmentation.entities.kinds import OF_TAG

TASK = TASKS["legal_entities.v1"]


def entity_parts(data: Path, config: FineTuningConfig, *, seed: int) -> Parts:
    """Sentences of the NER set (under the folder that holds `legal/`) with tags of our kinds, in three parts."""
    parts = TASK.read(data / TASK.file)
    for items in (parts.train, parts.dev, parts.test):
        items[:] = [_renamed(item) for item in items]
    return capped(parts, config, seed=seed)


def train_tagger(encoder: TunableEncoder, data: Path, out: Path, config: FineTuningConfig, *, seed: int) -> list[Trial]:
    """Train at every rate of `config`, keep the best on development, write it as a folder of transformers.

    `mecelle.segmentation.entities.tagger` reads the folder. The test part is not touched.
    """
    parts = entity_parts(data, config, seed=seed)
    head = head_for("NER", config)
    head.learn_labels(parts.train)
    trials: list[Trial] = []
    for rate in config.learning_rates:
        with tempfile.TemporaryDirectory() as scratch:
            trial, model = run_trial(
                encoder, "NER", head, parts.train, parts.dev, rate, config,
                folder=Path(scratch), seed=derive(seed, "entity tagger"),
            )  # fmt: skip
        if all(max(trial.dev) > max(other.dev) for other in trials):
            model.config.id2label = dict(enumerate(head.labels))
            model.config.label2id = {label: number for number, label in enumerate(head.labels)}
            with quiet():
                model.save_pretrained(out)
                encoder.tokenizer().save_pretrained(out)
        trials.append(trial)
    return trials


def _renamed(item: Item) -> Item:
    assert isinstance(item.label, tuple), "sentences have a tag per word"
    return replace(item, label=tuple(tag[:2] + OF_TAG[tag[2:]] if tag != "O" else tag for tag in item.label))
