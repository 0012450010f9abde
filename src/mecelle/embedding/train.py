"""Stage "embedding": an encoder becomes a retrieval model."""

import logging
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.artifacts import Run
from mecelle.base.collection import JsonlWriter
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.progress import Progress
from mecelle.embedding.batches import fitting_batch, plan_batches
from mecelle.embedding.card import Origin, write_card
from mecelle.embedding.collate import PairCollator
from mecelle.embedding.config import NOT_IN_KEY, STAGE, VERSION, EmbeddingConfig
from mecelle.embedding.guide.temperature import calibrated
from mecelle.embedding.guide.vectors import GuideVectors
from mecelle.embedding.lengths import token_statistics
from mecelle.embedding.lineage import write_lineage
from mecelle.embedding.losses import LOSSES
from mecelle.embedding.model import open_encoder, save_model
from mecelle.embedding.objective import GuideLookup, PairObjective
from mecelle.embedding.pairs.record import Pair, read_pairs
from mecelle.embedding.pairs.split import negatives_left_out, split
from mecelle.embedding.trainer import AskHeldOut, PairTrainer, training_arguments
from mecelle.models.precision import resolve
from mecelle.models.quiet import quiet
from mecelle.training import processes
from mecelle.training.callbacks import ShowProgress, WholeCheckpoints, silence
from mecelle.training.checkpoints import Checkpoints, open_work, run_key
from mecelle.training.interrupt import Stop
from mecelle.training.unlogged import Unlogged

LOGGER = logging.getLogger(__name__)
CALIBRATED = 64
"""Batches of the plan, evenly taken, by which the guide's temperature is chosen."""
CURVE = (
    "step", "loss", "learning_rate", "grad_norm", "false_negative_share", "eval_accuracy", "eval_mrr_at_10",
    "eval_spearman",
)  # fmt: skip
"""What of the trainer's log goes into curve.jsonl: nothing that depends on the clock."""


def train(
    encoder: Path | str, pairs: Path, guide: Path | None, out: Path, config: EmbeddingConfig, *, seed: int, work: Path
) -> None:
    """Make the artifact `out` of stage "embedding": a sentence-transformers folder, with lineage/ and curve.jsonl.

    encoder: Hugging Face folder with its tokenizer, or hub id. guide: artifact of stage "guide", passed over by losses
    that need none. work: checkpoints go to `work/<key>`; a killed run goes on from there, to the same tensors (on CPU).
    Started by torchrun, all processes train on each batch together, as one process would on all of it.
    Raises MismatchError (tokenizer and model, pairs and guide), ConfigError, InputError (too few pairs), LockedError
    (another trainer lives), TrainingError (loss is no number), ResourceError (full disk).
    """
    _check_processes(config)
    inputs: dict[str, Path | str] = {"encoder": encoder, "pairs": pairs}
    if guide is not None:
        inputs["guide"] = guide
    key = run_key(config, inputs, stage=STAGE, version=VERSION, seed=seed, leave_out=NOT_IN_KEY)
    first = processes.join()
    artifact = artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed)
    with (
        quiet(),
        artifact if first else processes.thrown_away() as run,
        open_work(work / key, doing=f"training {out.name}", first=first) as checkpoints,
    ):
        given = list(read_pairs(pairs))
        training, held = split(given, most=config.evaluation_pairs, seed=seed)
        run.figures["negatives_held_out"] = negatives_left_out(given, training)
        plan = _plan(training, pairs, config, seed)
        config = _fitted(config, plan.shape[1], run)
        model = open_encoder(encoder, config)
        vectors = _guide(guide, config)
        config = _calibrated(config, vectors, training, plan, run)
        objective = PairObjective(model, training, config, vectors)
        _report_lengths(run, model, training, config)
        curve = _fit(model, objective, training, held, plan, checkpoints, config, seed)
        save_model(model, run.folder)
        _write_curve(run.folder / "curve.jsonl", curve)
        steps = plan.reshape(len(plan) // config.accumulation, -1)
        write_lineage(run.folder, training, steps)
        _account(run.accounts, steps, given=len(given), training=len(training), held=len(held))
        run.figures |= {"precision": resolve(config.precision), "prompts": model.prompts}
        _figure(run, steps, curve, vectors)
        width = int(model.get_embedding_dimension())
        origin = Origin(encoder, pairs, Counter(pair.kind for pair in training))
        write_card(
            run.folder, config, origin, objective.settings, width=width, trained=run.accounts.kept, figures=run.figures
        )


def _check_processes(config: EmbeddingConfig) -> None:
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if config.batch % count:
        raise ConfigError(
            f"batch {config.batch} cannot be shared by {count} processes (WORLD_SIZE), which train on one batch "
            f"together; choose a multiple of {count}"
        )


def _plan(training: list[Pair], pairs: Path, config: EmbeddingConfig, seed: int) -> NDArray[np.int32]:
    """Rows of each batch; batches are smaller than wanted only where the pairs do not fill a single one."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    fewer = min(config.batch - count, fitting_batch(training, most=config.batch, seed=seed)) // count * count
    for batch in (config.batch, *range(fewer, 1, -count)):
        steps = max(1, round(config.epochs * len(training) / (batch * config.accumulation)))
        steps = min(steps, config.most_steps or steps)
        plan = plan_batches(
            training, batch=batch, batches=steps * config.accumulation, seed=seed, same_kind=config.same_kind
        )
        if len(plan):
            return plan
    raise InputError(
        f"{pairs}: {len(training)} pairs for training; at least 2 with different texts are needed, since the other "
        "pairs of a batch are what a query is told apart from. Give more or longer documents"
    )


def _fitted(config: EmbeddingConfig, batch: int, run: Run) -> EmbeddingConfig:
    """The parameters as they are obeyed: with the batch that the pairs fill."""
    run.figures["batch"] = batch
    if batch == config.batch:
        return config
    run.figures["note"] = (
        f"batch {batch} instead of {config.batch}: there are no more pairs with different texts. A model of so few "
        "pairs shows that everything works; it is no measure of what training can reach"
    )
    LOGGER.warning("%s", run.figures["note"])
    return config.model_copy(update={"batch": batch})


def _guide(guide: Path | None, config: EmbeddingConfig) -> GuideVectors | None:
    """The guide that the loss asks; one that it does not ask is told of and left alone."""
    if guide is None or LOSSES.get(config.loss).guided:
        return GuideVectors(guide) if guide is not None else None
    LOGGER.warning("loss '%s' asks no guide: %s is not used; choose a guided loss, or leave it out", config.loss, guide)
    return None


def _calibrated(
    config: EmbeddingConfig, vectors: GuideVectors | None, training: list[Pair], plan: NDArray[np.int32], run: Run
) -> EmbeddingConfig:
    """The parameters with the guide's temperature, where a loss asks one and none is given."""
    if vectors is None or config.guide_temperature or "guide_temperature" not in LOSSES.get(config.loss).keywords:
        return config
    lookup = GuideLookup(vectors, training)
    seen = plan[np.linspace(0, len(plan) - 1, min(len(plan), CALIBRATED)).astype(int)]
    views = (lookup.view(numbers, device=torch.device("cpu")) for numbers in seen)
    temperature = calibrated((view.queries @ view.documents.T).numpy() for view in views)
    run.figures["guide_temperature"] = temperature
    return config.model_copy(update={"guide_temperature": temperature})


def _report_lengths(run: Run, model: SentenceTransformer, training: list[Pair], config: EmbeddingConfig) -> None:
    queries = list(dict.fromkeys(model.prompts["query"] + pair.query for pair in training))
    texts = (text for pair in training for text in (pair.document, *pair.negatives))
    documents = list(dict.fromkeys(model.prompts["document"] + text for text in texts))
    run.figures["tokens"] = {
        side: token_statistics(model.tokenizer, texts, max_length=config.max_length)
        for side, texts in (("queries", queries), ("documents", documents))
    }


def _fit(
    model: SentenceTransformer,
    objective: PairObjective,
    training: list[Pair],
    held: list[Pair],
    plan: NDArray[np.int32],
    checkpoints: Checkpoints,
    config: EmbeddingConfig,
    seed: int,
) -> list[dict[str, Any]]:
    """Train to the end of the plan, from the latest checkpoint if there is one; returns the log."""
    steps = len(plan) // config.accumulation
    collator = PairCollator(model.tokenizer, max_length=config.max_length, prompts=model.prompts)
    with (
        Progress("embedding", total=steps * config.batch * config.accumulation, unit="pairs") as progress,
        Stop() as stop,
    ):
        trainer = PairTrainer(
            plan=plan,
            chunk=config.chunk,
            model=model,
            args=training_arguments(config, output=checkpoints.writing, steps=steps, seed=seed),
            train_dataset=_dataset(training),
            loss=objective,
            data_collator=collator,
        )
        unlogged = Unlogged(trainer, checkpoints, more={"hidden_shares": objective.hidden_shares})
        for callback in (
            AskHeldOut(model, collator, held, every=config.evaluation_steps),
            ShowProgress(progress, units_per_step=config.batch * config.accumulation),
            unlogged,
            WholeCheckpoints(checkpoints, minutes=config.checkpoint_minutes, stop=stop, unlogged=unlogged),
        ):
            trainer.add_callback(callback)
        silence(trainer)
        latest = checkpoints.latest()
        trainer.train(resume_from_checkpoint=str(latest) if latest else None)
    log: list[dict[str, Any]] = trainer.state.log_history
    return log


def _dataset(training: list[Pair]) -> Dataset:
    return Dataset.from_dict(
        {
            "query": [pair.query for pair in training],
            "document": [pair.document for pair in training],
            "negatives": [list(pair.negatives) for pair in training],
            "label": list(range(len(training))),
        }
    )


def _write_curve(path: Path, log: list[dict[str, Any]]) -> None:
    rows: dict[int, dict[str, Any]] = {}
    for entry in log:
        rows.setdefault(entry["step"], {}).update({name: entry[name] for name in CURVE if name in entry})
    with JsonlWriter(path) as writer:
        for _, row in sorted(rows.items()):
            if len(row) > 1:
                writer.write(row)


def _account(accounts: Accounts, steps: NDArray[np.int32], *, given: int, training: int, held: int) -> None:
    trained = len(np.unique(steps))
    fates = {
        "held_out": held,
        "shares_text_with_held_out": given - training - held,
        "not_reached": training - trained,
    }
    accounts.unit = "pairs"
    accounts.keep(trained)
    for reason, count in fates.items():
        if count:
            accounts.drop(reason, count)


def _figure(run: Run, steps: NDArray[np.int32], curve: list[dict[str, Any]], vectors: GuideVectors | None) -> None:
    run.figures["steps"], run.figures["pairs_per_step"] = steps.shape
    run.figures["guide"] = {"name": vectors.name, "fingerprint": vectors.fingerprint} if vectors else None
    run.figures["last"] = {name: row[name] for row in curve for name in CURVE if name in row}
