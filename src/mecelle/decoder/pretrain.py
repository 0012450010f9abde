"""Causal pre-training, new or continual: from a collection and a tokenizer to a Hugging Face model folder."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError
from mecelle.base.seeds import derive
from mecelle.corpus.decontamination.gate import check
from mecelle.decoder import rows
from mecelle.decoder.adapters import add_adapters, merged_weights
from mecelle.decoder.config import STAGE, VERSION, DecoderConfig
from mecelle.decoder.flops import causal_flops
from mecelle.decoder.initial import check_initial, packed_initial, read_config
from mecelle.decoder.packed_model import packed_model, plain_model
from mecelle.decoder.precision import Strategy, convert, strategy_of
from mecelle.decoder.rows import CausalRows, EvaluationRows, TrainingRows, collate
from mecelle.decoder.shapes import TINY, model_config, shape_of
from mecelle.decoder.special_tokens import SpecialTokens, load_tokenizer
from mecelle.models.quiet import quiet
from mecelle.training import averaging, compilation, processes
from mecelle.training.checkpoints import open_work, run_key
from mecelle.training.config import WITHOUT_EFFECT
from mecelle.training.going_on import check_state, save_state
from mecelle.training.inputs import check_inputs, longest_text
from mecelle.training.order import Order
from mecelle.training.packing import PackConfig
from mecelle.training.run import Data, train, write
from mecelle.training.shards import whole
from mecelle.training.sharing import made_once

LOGGER = logging.getLogger(__name__)
SLOW_FOR_NEW = 1e-4
"""Learning rate up to which a new model learns next to nothing: the paper's 5e-5 adapts what has been trained."""


def pretrain(
    training: Path,
    tokenizer: Path | str,
    out: Path,
    config: DecoderConfig,
    *,
    seed: int,
    work: Path,
    evaluation: Sequence[Path] = (),
    initial: Path | str | None = None,
    split_seed: int | None = None,
) -> None:
    """Train a causal language model on the collection `training` and write it, with its tokenizer, into `out`.

    Killed at any time and called again with the same arguments, it goes on from its last checkpoint in `work` and ends
    with the same bytes as if it had never stopped (on the CPU, with as many threads).
    training: an artifact of `select`, `mix`, `corpus` or `extract`, or a folder of `*.jsonl.zst`, taken in an order
    drawn by `seed`. tokenizer: a Hugging Face folder or a hub id. evaluation: files that the model will be scored on;
    `training` must have been checked against them.
    initial: a causal language model to go on from, a folder (an earlier phase, too) or a hub id, with the vocabulary of
    `tokenizer`; optimizer and schedule begin anew unless `config.stretch` says otherwise; without it a Qwen3 of
    `config.shape` begins with random weights. split_seed: of the documents that are held out to measure the loss, by
    default `seed`; trainings that go on from each other share it, so that what one holds out no other has read.
    Raises LockedError while another trainer works on the same run, ConfigError for a name that is not registered, rows
    longer than the model takes or weights that cannot be split as asked, ArtifactError or MismatchError if the
    tokenizer cannot serve or `training` was not checked, InputError if there is too little text, TrainingError on a
    loss or gradient that is no number, ResourceError on a full disk or a precision that this machine has not,
    MissingPackageError for adapters without `peft`.
    """
    check_inputs(training, tokenizer, config, tokenizers=("tokenizer", "transfer", "encoder", averaging.STAGE, STAGE))
    strategy = strategy_of(config.precision)
    if config.sharded and (strategy.arithmetic == "fp16" or strategy.scaling):
        raise ConfigError(
            f'precision "{config.precision}" with `sharded: true` has never run; take "bf16", "fp32" or "auto", or set '
            "`sharded: false`"
        )
    checked = check(training, evaluation)
    loaded, special = load_tokenizer(tokenizer)
    inputs: dict[str, Path | str] = {"training": training, "tokenizer": tokenizer}
    if initial is not None:
        check_initial(initial, config, loaded, name=tokenizer)
        if config.shape not in (shape_of(read_config(initial)), TINY):
            LOGGER.warning("shape: without effect, since training goes on from %s, which has its own", initial)
        if config.stretch and config.stretch.before:
            check_state(initial)
        inputs["initial"] = initial
    elif config.stretch and config.stretch.before:
        raise ConfigError("stretch.before: a training that goes on needs the model of its beginning; give --initial")
    elif config.sequence_length > config.shape.positions:
        raise ConfigError(f"sequence_length {config.sequence_length} exceeds shape.positions {config.shape.positions}")
    if initial is None and config.learning_rate <= SLOW_FOR_NEW:
        LOGGER.warning(
            "learning_rate %g: the paper adapts a trained model of 1.7B parameters with 5e-5; a new one hardly learns "
            "with it. Set about 2e-3 for 8M to 70M parameters, or go on from a model with --initial",
            config.learning_rate,
        )
    positions = getattr(read_config(initial), "max_position_embeddings", None) if initial is not None else None
    loaded.model_max_length = longest_text(config.sequence_length, initial, positions=positions)
    splitting = seed if split_seed is None else split_seed
    key = run_key(config, inputs, stage=STAGE, version=VERSION, seed=derive(seed, splitting), leave_out=WITHOUT_EFFECT)
    first = processes.join()
    artifact = artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed)
    with (
        quiet(),
        artifact if first else processes.thrown_away() as run,
        open_work(work / key, doing="pre-training a decoder", first=first) as checkpoints,
    ):
        packed = _pack(training, tokenizer, loaded, special, config, work / "packs", seed=splitting)
        data = _read_data(packed, special, config, seed=seed)
        model = _make_model(config, strategy, len(loaded), special, initial, seed=seed)

        def save(trained: Any, folder: Path) -> None:
            weights = whole(merged_weights(trained))
            if first:
                plain_model(trained, weights).save_pretrained(folder)
                loaded.save_pretrained(folder)

        trained = train(
            config, model, data, checkpoints, save,
            arithmetic=strategy.arithmetic, seed=seed, stretch=config.stretch, initial=initial,
        )  # fmt: skip
        write(run, trained, packed, data, config, save)
        if config.stretch and first:
            save_state(trained.trainer.optimizer, run.folder)
        run.figures |= {
            "precision": strategy.arithmetic if config.precision == "auto" else config.precision,
            "compiled": model.compiled,
            "trained_parameters": model.num_parameters(only_trainable=True),
            "decontamination": checked,
        }


def _pack(
    training: Path,
    name: Path | str,
    tokenizer: Any,
    special: SpecialTokens,
    config: DecoderConfig,
    packs: Path,
    *,
    seed: int,
) -> Path:
    """The packed rows of the collection: made once, and shared by all runs in a work folder that pack alike."""
    sizes = PackConfig(sequence_length=config.sequence_length, evaluation_rows=config.evaluation_rows)
    inputs = {"training": training, "tokenizer": name}
    packed = packs / run_key(sizes, inputs, stage=rows.STAGE, version=rows.VERSION, seed=seed, leave_out=set())
    return made_once(
        packed,
        lambda: rows.pack(training, name, tokenizer, special, packed, sizes, seed=seed),
        stage=rows.STAGE,
        doing="packing rows",
    )


def _read_data(packed: Path, special: SpecialTokens, config: DecoderConfig, *, seed: int) -> Data:
    training = CausalRows(packed, "training", pad=special.pad)
    held_out = CausalRows(packed, "evaluation", pad=special.pad)
    order = Order(len(training), rows_per_step=config.rows_per_step, seed=seed)
    return Data(
        rows=training,
        order=order,
        training=TrainingRows(training, order, steps=config.steps),
        evaluation=EvaluationRows(held_out, count=config.evaluation_rows),
        collate=collate,
    )


def _make_model(
    config: DecoderConfig,
    strategy: Strategy,
    vocabulary: int,
    special: SpecialTokens,
    initial: Path | str | None,
    *,
    seed: int,
) -> Any:
    torch.manual_seed(derive(seed, "weights"))
    if initial is None:
        ids = {"begin": special.begin, "end": special.end, "pad": special.pad}
        model = packed_model(model_config(config.shape, vocabulary=vocabulary, **ids))
    else:
        model = packed_initial(initial)
    operations = config.budget_tokens * causal_flops(model, sequence_length=config.sequence_length).training
    if config.lora:
        add_adapters(model, config.lora)
    convert(model.layers(), strategy)
    if compilation.resolve(config.compilation, operations=operations):
        model.compile_parts()
    return model
