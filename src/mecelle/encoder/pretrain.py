"""Masked-language-model pre-training, from a collection and a tokenizer to a Hugging Face model folder."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from mecelle.base import artifacts
from mecelle.base.collection import shards
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive
from mecelle.corpus.decontamination.gate import check
from mecelle.encoder.batches import EvaluationRows, Masker, TrainingRows
from mecelle.encoder.config import STAGE, VERSION, WITHOUT_EFFECT, EncoderConfig
from mecelle.encoder.curve import Speed, read_curve, write_curve
from mecelle.encoder.estimate import flops
from mecelle.encoder.initial import check_vocabulary, packed_initial, take_shape, transfer_of
from mecelle.encoder.mixture import KEYWORD, Mixture, term_shortage
from mecelle.encoder.packed_model import PackedMaskedLM, packed_model, plain_model
from mecelle.encoder.shapes import model_config
from mecelle.encoder.snapshots import Snapshots, snapshot_steps
from mecelle.encoder.trainer import PretrainingTrainer, make_trainer
from mecelle.encoder.vocabulary import Vocabulary, load_vocabulary
from mecelle.models.quiet import quiet
from mecelle.training import compilation, packing, processes
from mecelle.training.callbacks import ShowProgress, WholeCheckpoints
from mecelle.training.checkpoints import Checkpoints, open_work, run_key
from mecelle.training.interrupt import StopWhenAsked
from mecelle.training.lineage import write_lineage
from mecelle.training.loss_guard import LossGuard
from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.order import Order
from mecelle.training.packing import PackConfig, Rows, name_lists, pack
from mecelle.training.precision import resolve
from mecelle.training.running_average import RunningAverage
from mecelle.training.schedules import SCHEDULES
from mecelle.training.sharing import made_once

LOGGER = logging.getLogger(__name__)


def pretrain(
    training: Path,
    tokenizer: Path | str,
    out: Path,
    config: EncoderConfig,
    *,
    seed: int,
    work: Path,
    evaluation: Sequence[Path] = (),
    terms: Sequence[Path] = (),
    initial: Path | str | None = None,
) -> None:
    """Train a ModernBERT on the collection `training` and write it, with its tokenizer, into `out`.

    Killed at any time and called again with the same arguments, it goes on from its last checkpoint in `work` and ends
    with the same bytes as if it had never stopped (on the CPU, with as many threads).
    training: an artifact of `select`, `mix` or `corpus`, or a folder of `*.jsonl.zst`. tokenizer: a Hugging Face
    folder. evaluation: files that the model will be scored on; `training` must have been checked against them.
    terms: lists of legal terms for keyword.v1, beside the collection's own dictionary documents.
    initial: a masked language model to go on from, a folder or a hub id, with the vocabulary of `tokenizer` (`adapt`
    gives it another); config.shape is then its own.
    Raises LockedError while another trainer works on the same run, ConfigError for a name that is not registered,
    ArtifactError or MismatchError if the tokenizer cannot serve or `training` was not checked, InputError if there is
    too little text, TrainingError on a loss that is no number, ResourceError on a full disk.
    """
    _check_inputs(training, tokenizer)
    _check_names(config)
    if terms and KEYWORD not in config.masking:
        LOGGER.warning("terms: %d lists without effect, since masking has no %s", len(terms), KEYWORD)
    checked = check(training, evaluation)
    loaded, vocabulary = load_vocabulary(tokenizer)
    inputs: dict[str, Path | str] = {"training": training, "tokenizer": tokenizer, **name_lists(terms)}
    if initial is not None:
        config = take_shape(config, initial)
        check_vocabulary(initial, loaded, name=tokenizer)
        inputs["initial"] = initial
    key = run_key(config, inputs, stage=STAGE, version=VERSION, seed=seed, leave_out=WITHOUT_EFFECT)
    first = processes.join()
    artifact = artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed)
    with (
        quiet(),
        artifact if first else processes.thrown_away() as run,
        open_work(work / key, doing="pre-training an encoder", first=first) as checkpoints,
    ):
        packed = _pack(training, tokenizer, config, work / "packs", terms=terms, seed=seed)
        data = _read_data(packed, vocabulary, config, seed=seed)
        snapshots = Snapshots(
            checkpoints.folder,
            snapshot_steps(config.snapshots, steps=config.steps),
            save=lambda model, folder: _save_model(model, loaded, folder),
        )
        average = RunningAverage(checkpoints, first_step=config.first_averaged_step, decay=config.average_decay)
        trainer = _train(config, data, vocabulary, checkpoints, snapshots, average, initial, seed=seed)
        processes.wait_for_all()
        _save_model(trainer.model, loaded, run.folder)
        snapshots.copy_into(run.folder)
        if average.count:
            average.write_into(trainer.model)
            _save_model(trainer.model, loaded, run.folder / "average")
        write_lineage(run.folder, data.rows, data.order, steps=config.steps)
        curve = read_curve(trainer.state.log_history, data.order, data.rows.used())
        write_curve(run.folder / "curve.jsonl", curve)
        _account(run, packed, data, config, curve)
        run.figures["parameters"] = trainer.model.num_parameters()
        run.figures["compiled"] = trainer.model.compiled
        run.figures["decontamination"] = checked
        if trainer.guard:
            run.figures["spikes"] = {"steps": trainer.guard.found, "left_out": trainer.guard.skipped}
        if initial is not None:
            run.figures |= transfer_of(initial)


def _pack(
    training: Path,
    tokenizer: Path | str,
    config: EncoderConfig,
    packs: Path,
    *,
    terms: Sequence[Path],
    seed: int,
) -> Path:
    """The packed rows of the collection: made once, and shared by all runs in a work folder that pack alike."""
    mark_terms = KEYWORD in config.masking
    inputs = {"training": training, "tokenizer": tokenizer, **(name_lists(terms) if mark_terms else {})}
    sizes = PackConfig(
        sequence_length=config.sequence_length, evaluation_rows=config.evaluation_rows, mark_terms=mark_terms
    )
    packed = packs / run_key(sizes, inputs, stage=packing.STAGE, version=packing.VERSION, seed=seed, leave_out=set())
    return made_once(
        packed,
        lambda: pack(training, tokenizer, packed, sizes, seed=seed, terms=terms),
        stage=packing.STAGE,
        doing="packing rows",
    )


@dataclass(frozen=True, kw_only=True)
class _Data:
    rows: Rows
    order: Order
    training: TrainingRows
    evaluation: EvaluationRows


def _check_inputs(training: Path, tokenizer: Path | str) -> None:
    """Artifacts must be of the right stage and hold text; plain folders and hub ids are taken as they are."""
    texts, tokenizers = ("select", "mix", "corpus", "extract"), ("tokenizer", "transfer", STAGE)
    for path, stages in ((training, texts), (Path(tokenizer), tokenizers)):
        if (path / artifacts.MARKER).exists():
            artifacts.read_marker(path, stage=stages)
    shards(training)  # told now, not after the tokenizer was loaded


def _check_names(config: EncoderConfig) -> None:
    """Raise ConfigError for a name that is not registered: before the text is tokenised, which may take hours."""
    Mixture(config.masking)
    OPTIMIZERS.get(config.optimizer)
    SCHEDULES.get(config.schedule)


def _read_data(packed: Path, vocabulary: Vocabulary, config: EncoderConfig, *, seed: int) -> _Data:
    special = {kind: vocabulary.special_ids[kind] for kind in ("cls", "sep", "pad")}
    rows, held_out = Rows(packed, "training", **special), Rows(packed, "evaluation", **special)
    order = Order(len(rows), rows_per_step=config.rows_per_step, seed=seed)
    masker = Masker(
        masking=Mixture(config.masking),
        rates=config.masking_rates,
        replacement=config.replacement,
        vocabulary=vocabulary,
        seed=seed,
    )
    return _Data(
        rows=rows,
        order=order,
        training=TrainingRows(rows, order, masker, steps=config.steps),
        evaluation=EvaluationRows(held_out, masker, count=config.evaluation_rows),
    )


def _train(
    config: EncoderConfig,
    data: _Data,
    vocabulary: Vocabulary,
    checkpoints: Checkpoints,
    snapshots: Snapshots,
    average: RunningAverage,
    initial: Path | str | None,
    *,
    seed: int,
) -> PretrainingTrainer:
    torch.manual_seed(derive(seed, "weights"))
    if initial is None:
        model = packed_model(model_config(config.shape, vocabulary=vocabulary.size, special_ids=vocabulary.special_ids))
    else:
        model = packed_initial(initial)
    operations = config.budget_tokens * flops(config, vocabulary=vocabulary.size).training
    if compilation.resolve(config.compilation, operations=operations):
        model.compile_parts()
    trainer = make_trainer(config, model, data.training, data.evaluation, output=checkpoints.writing, seed=seed)
    with (
        Progress("pre-train", total=config.steps * config.tokens_per_step, unit="tokens") as progress,
        StopWhenAsked() as stop,
    ):
        trainer.add_callback(Speed(checkpoints.folder / "speed.jsonl", tokens_per_step=config.tokens_per_step))
        trainer.add_callback(ShowProgress(progress, units_per_step=config.tokens_per_step))
        trainer.add_callback(snapshots)
        trainer.add_callback(average)  # before the checkpoints, which it writes into
        trainer.add_callback(stop)
        trainer.add_callback(
            WholeCheckpoints(checkpoints, minutes=config.checkpoint_minutes, steps=config.checkpoint_steps)
        )
        trainer.watch(LossGuard(config.spikes))  # after the checkpoints, which it holds back amid spikes
        latest = checkpoints.latest()
        trainer.train(resume_from_checkpoint=str(latest) if latest else None)
    return trainer


def _save_model(trained: PackedMaskedLM, tokenizer: Any, folder: Path) -> None:
    """Save as the plain class, so that the configuration names one that transformers has."""
    plain_model(trained).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _account(run: artifacts.Run, packed: Path, data: _Data, config: EncoderConfig, curve: list[dict[str, Any]]) -> None:
    record = artifacts.read_record(packed)
    assert record is not None, "packs are made with a record"
    assert record.accounts is not None, "packing counts documents"
    figures = record.figures
    run.accounts.keep(figures["training"]["documents"])
    run.accounts.drop("held_out", figures["evaluation"]["documents"])
    run.accounts.drop("empty", record.accounts.dropped.get("empty", 0))
    run.figures |= {
        "packing": figures,
        "steps": config.steps,
        "tokens_seen": curve[-1]["tokens"] if curve else 0,
        "terms": term_shortage(
            config.masking, config.masking_rates, data.rows.term_tokens(), length=config.sequence_length
        ),
        "epochs": round(config.steps * config.rows_per_step / len(data.rows), 3),
        "precision": resolve(config.precision),
        "threads": torch.get_num_threads(),
        "last": next((row for row in reversed(curve) if "eval_loss" in row), {}),
    }
