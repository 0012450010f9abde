"""One training run, whatever the model: trained with all that watches over it, and written out as an artifact."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import PreTrainedModel

from mecelle.base import artifacts
from mecelle.base.progress import Progress
from mecelle.training import processes, shards
from mecelle.training.callbacks import ShowProgress, WholeCheckpoints
from mecelle.training.checkpoints import Checkpoints
from mecelle.training.config import TrainingConfig
from mecelle.training.curve import Speed, read_curve, tokens_seen, write_curve
from mecelle.training.interrupt import Stop
from mecelle.training.lineage import write_lineage
from mecelle.training.loss_guard import LossGuard
from mecelle.training.order import Order
from mecelle.training.packing import PackedRows
from mecelle.training.pretraining_trainer import PretrainingTrainer
from mecelle.training.running_average import RunningAverage
from mecelle.training.snapshots import Snapshots, snapshot_steps
from mecelle.training.stretch import Stretch
from mecelle.training.trainer import Arithmetic, make_trainer
from mecelle.training.unlogged import Unlogged
from mecelle.training.utilisation import read_speeds

SPEED = "speed.jsonl"
"""In the work folder of a run."""

Save = Callable[[Any, Path], None]
"""Writes a model, as it is trained, into a folder that plain transformers loads. All processes call it, since gathering
a model may take them all; the first writes."""


@dataclass(frozen=True, kw_only=True)
class Data:
    """What is trained on: rows, in which order, and what becomes of them on their way into the model."""

    rows: PackedRows
    order: Order
    training: Dataset[Any]
    evaluation: Dataset[Any]
    collate: Callable[[list[Any]], dict[str, torch.Tensor]]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A finished training."""

    trainer: PretrainingTrainer
    snapshots: Snapshots
    average: RunningAverage
    speed: Path
    """What `Speed` wrote."""


def train(
    config: TrainingConfig,
    model: PreTrainedModel,
    data: Data,
    checkpoints: Checkpoints,
    save: Save,
    *,
    arithmetic: Arithmetic,
    seed: int,
    stretch: Stretch | None = None,
    initial: Path | str | None = None,
) -> Trained:
    """Train `model` to the end of the budget, on from the last whole checkpoint if there is one.

    stretch: where the run lies in a longer training, whose optimizer lies beside the weights of `initial`.
    """
    guard = LossGuard(config.spikes)
    steps = snapshot_steps(config.snapshots, steps=config.steps)
    snapshots = Snapshots(checkpoints.folder, steps, save=save, judge=guard.judge_weights)
    average = RunningAverage(checkpoints, first_step=config.first_averaged_step, decay=config.average_decay)
    trainer = make_trainer(
        config, model, data.training, data.evaluation, data.collate,
        arithmetic=arithmetic, output=checkpoints.writing, seed=seed, stretch=stretch, initial=initial,
    )  # fmt: skip
    with (
        Progress("pre-train", total=config.steps * config.tokens_per_step, unit="tokens") as progress,
        Stop() as stop,
    ):
        trainer.add_callback(Speed(checkpoints.folder / SPEED, tokens_per_step=config.tokens_per_step))
        trainer.add_callback(ShowProgress(progress, units_per_step=config.tokens_per_step))
        trainer.add_callback(snapshots)
        unlogged = Unlogged(trainer, checkpoints)
        trainer.add_callback(average)  # before the checkpoints, which these two write into
        trainer.add_callback(unlogged)
        trainer.add_callback(
            WholeCheckpoints(
                checkpoints,
                minutes=config.checkpoint_minutes,
                steps=config.checkpoint_steps,
                stop=stop,
                unlogged=unlogged,
            )
        )
        trainer.watch(guard)  # after the checkpoints, which it holds back amid spikes
        latest = checkpoints.latest()
        if latest:
            shards.check_checkpoint(latest, sharded=config.sharded)
        trainer.train(resume_from_checkpoint=str(latest) if latest else None)
    processes.wait_for_all()
    return Trained(trainer=trainer, snapshots=snapshots, average=average, speed=checkpoints.folder / SPEED)


def write(run: artifacts.Run, trained: Trained, packed: Path, data: Data, config: TrainingConfig, save: Save) -> None:
    """Write model, snapshots, average, lineage and curve into the artifact, and account for the documents.

    packed: the pack that the rows are of. All processes take part, since gathering a model may take them all.
    """
    trainer = trained.trainer
    save(trainer.model, run.folder)
    if processes.is_first():
        trained.snapshots.copy_into(run.folder)
    if trained.average.count:
        trained.average.write_into(trainer.model)
        save(trainer.model, run.folder / "average")
    write_lineage(run.folder, data.rows, data.order, steps=config.steps)
    used = data.rows.used()
    curve = read_curve(trainer.state.log_history, data.order, used)
    write_curve(run.folder / "curve.jsonl", curve)
    _account(run, packed)
    run.figures |= {
        "steps": config.steps,
        "tokens_seen": tokens_seen(data.order, used, steps=config.steps),
        "epochs": round(config.steps * config.rows_per_step / len(data.rows), 3),
        "threads": torch.get_num_threads(),
        "last": next((row for row in reversed(curve) if "eval_loss" in row), {}),
        "parameters": trainer.model.num_parameters(),
    }
    if trained.speed.exists():
        run.figures["speed"] = read_speeds(trained.speed).model_dump()
    if trainer.guard:
        run.figures["spikes"] = {"steps": trainer.guard.found, "left_out": trainer.guard.skipped}


def _account(run: artifacts.Run, packed: Path) -> None:
    record = artifacts.read_record(packed)
    assert record is not None, "packs are made with a record"
    assert record.accounts is not None, "packing counts documents"
    figures = record.figures
    run.accounts.keep(figures["training"]["documents"])
    run.accounts.drop("held_out", figures["evaluation"]["documents"])
    run.accounts.drop("empty", record.accounts.dropped.get("empty", 0))
    run.figures["packing"] = figures
