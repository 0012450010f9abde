"""Masked-language-model pre-training, from a collection and a tokenizer to a Hugging Face model folder."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from mecelle.base import artifacts
from mecelle.base.seeds import derive
from mecelle.corpus.decontamination.gate import check
from mecelle.encoder.batches import EvaluationRows, Masker, TrainingRows, collate
from mecelle.encoder.config import STAGE, VERSION, EncoderConfig
from mecelle.encoder.estimate import flops
from mecelle.encoder.initial import check_vocabulary, packed_initial, take_shape, transfer_of
from mecelle.encoder.mixture import KEYWORD, Mixture, term_shortage
from mecelle.encoder.packed_model import PackedMaskedLM, packed_model, plain_model
from mecelle.encoder.shapes import TINY, model_config
from mecelle.encoder.vocabulary import Vocabulary, load_vocabulary
from mecelle.models.precision import resolve
from mecelle.models.quiet import quiet
from mecelle.training import averaging, compilation, packing, processes
from mecelle.training.checkpoints import open_work, run_key
from mecelle.training.config import WITHOUT_EFFECT
from mecelle.training.inputs import check_inputs, longest_text
from mecelle.training.order import Order
from mecelle.training.packing import PackConfig, Rows, name_lists, pack
from mecelle.training.run import Data, train, write
from mecelle.training.shards import whole
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
    too little text, TrainingError on a loss or gradient that is no number, ResourceError on a full disk.
    """
    check_inputs(training, tokenizer, config, tokenizers=("tokenizer", "transfer", averaging.STAGE, STAGE))
    Mixture(config.masking)  # a name that is not registered is told now
    if terms and KEYWORD not in config.masking:
        LOGGER.warning("terms: %d lists without effect, since masking has no %s", len(terms), KEYWORD)
    checked = check(training, evaluation)
    loaded, vocabulary = load_vocabulary(tokenizer)
    inputs: dict[str, Path | str] = {"training": training, "tokenizer": tokenizer, **name_lists(terms)}
    if initial is not None:
        config, asked = take_shape(config, initial), config.shape
        if asked not in (config.shape, TINY):
            LOGGER.warning("shape: without effect, since training goes on from %s, which has its own", initial)
        check_vocabulary(initial, loaded, name=tokenizer)
        inputs["initial"] = initial
    elif config.shape.family == "bert" and config.sequence_length < config.shape.positions:
        LOGGER.warning(
            "shape.positions %d: rows of %d tokens never train the learned positions behind them; set both to the "
            "longest input that the model is to read",
            config.shape.positions,
            config.sequence_length,
        )
    loaded.model_max_length = longest_text(config.sequence_length, initial, positions=config.shape.positions)
    # A run that does not fit may go on with layers that are computed again: they are the same.
    leave_out = WITHOUT_EFFECT | {"recompute"}
    key = run_key(config, inputs, stage=STAGE, version=VERSION, seed=seed, leave_out=leave_out)
    first = processes.join()
    artifact = artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed)
    with (
        quiet(),
        artifact if first else processes.thrown_away() as run,
        open_work(work / key, doing="pre-training an encoder", first=first) as checkpoints,
    ):
        packed = _pack(training, tokenizer, config, work / "packs", terms=terms, seed=seed)
        data = _read_data(packed, vocabulary, config, seed=seed)
        model = _make_model(config, vocabulary, initial, seed=seed)

        def save(trained: PackedMaskedLM, folder: Path) -> None:
            _save_model(trained, loaded, folder)

        arithmetic = resolve(config.precision)
        trained = train(config, model, data, checkpoints, save, arithmetic=arithmetic, seed=seed)
        write(run, trained, packed, data, config, save)
        run.figures |= {
            "precision": arithmetic,
            "compiled": model.compiled,
            "decontamination": checked,
            "terms": term_shortage(
                config.masking, config.masking_rates, data.rows.term_tokens(), length=config.sequence_length
            ),
        }
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
class _Data(Data):
    rows: Rows


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
        collate=collate,
    )


def _make_model(config: EncoderConfig, vocabulary: Vocabulary, initial: Path | str | None, *, seed: int) -> Any:
    torch.manual_seed(derive(seed, "weights"))
    if initial is None:
        model = packed_model(model_config(config.shape, vocabulary=vocabulary.size, special_ids=vocabulary.special_ids))
    else:
        model = packed_initial(initial)
    operations = config.budget_tokens * flops(config, vocabulary=vocabulary.size).training
    if compilation.resolve(config.compilation, operations=operations):
        model.compile_parts()
    return model


def _save_model(trained: PackedMaskedLM, tokenizer: Any, folder: Path) -> None:
    """Save as the plain class, so that the configuration names one that transformers has."""
    weights = whole(trained.state_dict())  # type: ignore[attr-defined]
    if processes.is_first():
        plain_model(trained, weights).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
