"""Stage "entity-tagger": an encoder learns the legal NER set, as the fine-tuning suite learns its tasks."""

import tempfile
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.errors import InputError
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive
from mecelle.embedding.derived import front_matter
from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.encoders import TunableEncoder
from mecelle.evaluation.finetuning.heads import head_for
from mecelle.evaluation.finetuning.items import Item, Parts
from mecelle.evaluation.finetuning.search import capped
from mecelle.evaluation.finetuning.tasks import TASKS
from mecelle.evaluation.finetuning.trial import Trial, run_trial
from mecelle.models.quiet import quiet
from mecelle.segmentation.entities.kinds import OF_TAG

STAGE = "entity-tagger"
VERSION = 1
TASK = TASKS["legal_entities.v1"]


class TaggerConfig(FineTuningConfig):
    """The search of the fine-tuning suite, over the whole set: its sentences are short."""

    train_items: int = Field(default=3_000, ge=2)
    """Most sentences to train on, drawn by seed."""
    max_length: int = Field(default=192, ge=16)
    """Tokens of a sentence that are read in training."""


def entity_parts(data: Path, config: FineTuningConfig, *, seed: int) -> Parts:
    """Sentences of the NER set (under the folder that holds `legal/`) with tags of our kinds, in three parts.

    Raises InputError if the file is absent, has none of them, or has a tag that the set has not.
    """
    file = data / TASK.file
    if not file.is_file():
        raise InputError(
            f"{data}: no {TASK.file} in it; give the folder of data that `mecelle evaluate tasks` describes"
        )
    parts = TASK.read(file)
    if not (parts.train and parts.dev):
        raise InputError(f"{file}: no sentences of koc-lab/turkishlegalner in it to learn from and to choose by")
    for items in (parts.train, parts.dev, parts.test):
        items[:] = [_renamed(item, file) for item in items]
    return capped(parts, config, seed=seed)


def train_tagger(encoder: TunableEncoder, data: Path, out: Path, config: FineTuningConfig, *, seed: int) -> list[Trial]:
    """Make the artifact `out`, a folder of transformers: every rate of `config` is tried, the best on development kept.

    `mecelle.segmentation.entities.tagger` reads the folder. The test part is not touched; killed, it begins anew.
    """
    inputs: dict[str, Path | str] = {"sentences": data / TASK.file, "encoder": encoder.folder}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        parts = entity_parts(data, config, seed=seed)
        run.accounts.unit = "sentences"
        run.accounts.keep(len(parts.train))
        trials = _train(encoder, parts, run.folder, config, seed=seed)
        best = max(trials, key=lambda trial: max(trial.dev))
        (run.folder / "README.md").write_text(card(encoder, parts, best), encoding="utf-8")
        run.figures.update(
            trials=[trial.model_dump(mode="json", exclude={"seconds"}) for trial in trials],
            learning_rate=best.learning_rate,
            development=max(best.dev),
        )
    return trials


def card(encoder: TunableEncoder, parts: Parts, best: Trial) -> str:
    """What the model is and how to use it."""
    theirs = front_matter(encoder.folder)
    name = theirs.get("base_model") or encoder.folder.name
    licence = theirs.get("license") or "not stated; find it out before you share this model"
    return f"""# Entities of Turkish court decisions, made with Mecelle

Tags {", ".join(OF_TAG.values())}. Made out of {name} (licence: {licence}).
Learnt from {len(parts.train):,} sentences of Yargıtay decisions (koc-lab/turkishlegalner, Apache-2.0), chosen among
{len(parts.dev):,} more by micro-F1 of exact spans: {max(best.dev):.3f} (rate {best.learning_rate:g}, epoch \
{best.best_epoch}). Its test sentences were not read.

```bash
mecelle segment apply decision.pdf --entities this/folder --out found.jsonl
```

Confidence is the model's own probability and is not calibrated. Most of the persons in the set are the dots that courts
write for names: see docs/results/sections.md.
"""


def _train(encoder: TunableEncoder, parts: Parts, out: Path, config: FineTuningConfig, *, seed: int) -> list[Trial]:
    """All trials; the model of the best is in `out`."""
    head = head_for("NER", config)
    head.learn_labels(parts.train)
    trials: list[Trial] = []
    with Progress("entity tagger", total=len(config.learning_rates), unit="trials") as progress:
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
            progress.advance(rate=rate, dev=max(trial.dev))
    return trials


def _renamed(item: Item, file: Path) -> Item:
    assert isinstance(item.label, tuple), "sentences have a tag per word"
    strange = sorted({tag for tag in item.label if tag != "O" and tag[2:] not in OF_TAG})
    if strange:
        raise InputError(
            f"{file}: tag '{strange[0]}' is unknown; allowed are O and B- or I- before {', '.join(OF_TAG)}"
        )
    return replace(item, label=tuple(tag[:2] + OF_TAG[tag[2:]] if tag != "O" else tag for tag in item.label))
