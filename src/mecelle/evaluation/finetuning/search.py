"""One encoder on one task: all trials, the choice by dev, the test scored once. Goes on where it was stopped."""

import hashlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path

import orjson

from mecelle.base.artifacts import hash_input
from mecelle.base.config import dump
from mecelle.base.locks import lock
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive, generator
from mecelle.evaluation import record as records
from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.encoders import TunableEncoder
from mecelle.evaluation.finetuning.heads import Head, head_for
from mecelle.evaluation.finetuning.intervals import spread
from mecelle.evaluation.finetuning.items import FineTuningTask, Parts
from mecelle.evaluation.finetuning.metrics import MAIN, VALUES, score
from mecelle.evaluation.finetuning.trial import Trial, run_trial
from mecelle.evaluation.record import TaskRecord
from mecelle.models.quiet import quiet

PREFIX = "finetune_"
"""Of the tasks' names in records."""
_VERSION = 2
"""Raised when the same search would give another record."""


def fine_tune(
    encoder: TunableEncoder,
    task: FineTuningTask,
    data: Path,
    out: Path,
    config: FineTuningConfig,
    *,
    seed: int,
    work: Path,
) -> TaskRecord:
    """The record of `encoder` on `task`, read from `out` if it was made of the same things, else made and written.

    data: folder with `general/` and `legal/`. work: finished trials are kept there until the record is written.
    Raises LockedError while another process fine-tunes the same encoder on the same task.
    """
    content = hash_input(data / task.file) or ""
    name = f"{PREFIX}{task.name}"
    parameters = dump(config) | {"type": task.type, "version": _VERSION}
    known = records.reusable(
        out,
        model=encoder.name,
        task=name,
        fingerprint=encoder.fingerprint,
        data=content,
        parameters=parameters,
        seed=seed,
    )
    if known:
        return known
    clock = time.monotonic()
    parts = capped(task.read(data / task.file), config, seed=seed)
    facts = [encoder.fingerprint, name, content, parameters, seed]
    folder = work / hashlib.blake2b(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
    with lock(folder / "lock", doing=f"fine-tuning {encoder.name} on {name}"):
        head = head_for(task.type, config)
        head.learn_labels(parts.train)
        trials = _all_trials(encoder, task, head, parts, config, folder=folder, seed=seed)
        best = max(trials, key=lambda trial: max(trial.dev))
        model_folder = _model_folder(folder, best)
        chosen = TunableEncoder(encoder.name, model_folder)
        tokenizer = encoder.tokenizer()
        head.shortened = 0
        predictions = head.predict(chosen.model(head, seed=0), parts.test, tokenizer)
    scored = score(task.type, parts.test, predictions)
    main, spreading = MAIN[task.type], spread(task.type, parts.test, predictions, seed=seed)
    made = TaskRecord(
        model=encoder.name,
        fingerprint=encoder.fingerprint,
        task=name,
        kind="fine-tuning",
        split="test",
        main_score=main,
        scores=scored.scores
        | {f"{main}.{name}": value for name, value in asdict(spreading).items()}
        | {"dev": max(best.dev), "chosen_learning_rate": best.learning_rate, "chosen_epoch": best.best_epoch},
        unit="item",
        ids=tuple(item.id for item in parts.test),
        values=scored.values,
        clusters=tuple(item.cluster for item in parts.test) if parts.test[0].cluster else (),
        n=len(parts.test),
        seed=seed,
        parameters=parameters,
        data=content,
        versions={package: version(package) for package in ("torch", "transformers", "scikit-learn", "seqeval")},
        seconds=time.monotonic() - clock,
        notes=_notes(task, parts, trials, head),
    )
    records.write(made, out)
    shutil.rmtree(folder)
    return made


def capped(parts: Parts, config: FineTuningConfig, *, seed: int) -> Parts:
    """At most as many items and characters of each part as `config` says, drawn by seed, in the order of the file."""
    for name, items, most in (
        ("train", parts.train, config.train_items),
        ("dev", parts.dev, config.dev_items),
        ("test", parts.test, config.test_items),
    ):
        order = generator(seed, "fine-tuning", name).permutation(len(items))[:most].tolist()
        if config.item_characters is not None:
            read = accumulate(items[place].characters for place in order)
            # Two at least: a score of one item says nothing.
            fitting = max(sum(total <= most * config.item_characters for total in read), 2)
            order = order[:fitting]
        items[:] = [items[place] for place in sorted(order)]
    return parts


def _all_trials(
    encoder: TunableEncoder,
    task: FineTuningTask,
    head: Head,
    parts: Parts,
    config: FineTuningConfig,
    *,
    folder: Path,
    seed: int,
) -> list[Trial]:
    """A trial for each rate; the best one's weights stay in the folder."""
    trials: list[Trial] = []
    with Progress(f"{encoder.name} on {task.name}", total=len(config.learning_rates), unit="trials") as progress:
        for rate in config.learning_rates:
            place = folder / f"{rate:g}.trial.json"
            if place.exists():
                trial = Trial.model_validate_json(place.read_bytes())
            else:
                trial, model = run_trial(
                    encoder,
                    task.type,
                    head,
                    parts.train,
                    parts.dev,
                    rate,
                    config,
                    folder=folder / "trainer",
                    seed=derive(seed, "fine-tuning", task.name),
                )
                best = all(max(trial.dev) > max(other.dev) for other in trials)
                if best:
                    with quiet():
                        model.save_pretrained(_model_folder(folder, trial))
                # A trial counts from here on: its weights are there if they are wanted, and no others are gone.
                partial = place.with_suffix(".partial")
                partial.write_text(trial.model_dump_json(), encoding="utf-8")
                partial.replace(place)
                for other in trials if best else []:
                    shutil.rmtree(_model_folder(folder, other), ignore_errors=True)
            trials.append(trial)
            progress.advance(rate=rate, dev=max(trial.dev))
    return trials


def _model_folder(folder: Path, trial: Trial) -> Path:
    return folder / f"{trial.learning_rate:g}.model"


def _notes(task: FineTuningTask, parts: Parts, trials: Sequence[Trial], head: Head) -> tuple[str, ...]:
    rates = "; ".join(
        f"{trial.learning_rate:g}: {', '.join(f'{value:.4f}' for value in trial.dev)} ({trial.seconds:.0f} s)"
        for trial in trials
    )
    notes = [
        task.note,
        f"{len(parts.train):,} items to train on, {len(parts.dev):,} to choose by, {len(parts.test):,} to score",
        f"dev after each epoch, by learning rate: {rates}",
        f"paired tests use: {VALUES[task.type]}",
    ]
    notes += [f"left out: {count:,} ({reason})" for reason, count in sorted(parts.dropped.items())]
    if head.shortened:
        notes.append(f"{head.shortened:,} texts or words of test were cut off at the length limit")
    return tuple(notes)
