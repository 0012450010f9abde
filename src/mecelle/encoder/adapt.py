"""A trained encoder goes on with the text of a domain, with the domain's tokenizer if there is one: HukukBERT's way."""

import logging
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.initial import take_shape
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.transfer import stage
from mecelle.encoder.transfer.stage import TransferConfig, transfer
from mecelle.training import processes
from mecelle.training.checkpoints import run_key
from mecelle.training.inputs import check_optimizer
from mecelle.training.sharing import made_once

LOGGER = logging.getLogger(__name__)


class AdaptConfig(EncoderConfig):
    """Pre-training that goes on from a model; the shape is the model's own, whatever `shape` says."""

    transfer: TransferConfig = TransferConfig()
    """How the model gets its new vocabulary, if it gets one."""
    learning_rate: float = Field(default=2e-4, gt=0)
    """Peak: a fifth of what a small model takes from scratch (HukukBERT §3.6: 1e-5, at 110M parameters and 960 rows a
    step; the axis of its appendix C reaches 4e-5)."""
    schedule: str = "warmup_linear.v1"
    """One of `training/schedules/` (HukukBERT §3.6: linear)."""
    decay_share: float = Field(default=0.0, ge=0, le=1)
    """No effect on a linear schedule, which falls over all the rest."""


def adapt(
    model: Path | str,
    training: Path,
    out: Path,
    config: AdaptConfig,
    *,
    seed: int,
    work: Path,
    tokenizer: Path | str | None = None,
    evaluation: Sequence[Path] = (),
    terms: Sequence[Path] = (),
) -> None:
    """Train `model` further on `training`, after it got the vocabulary of `tokenizer`, and write it into `out`.

    model, tokenizer: folders or hub ids; without a tokenizer the model keeps its own. All else as in `pretrain`: killed
    and called again with the same arguments, it goes on from the last checkpoint in `work`. The model with the new
    vocabulary and no training stays in `work/transferred-<key>`, with its record, which `out.run.json` repeats.
    Raises what `transfer` and `pretrain` raise.
    """
    if tokenizer is None and config.transfer != TransferConfig():
        LOGGER.warning("transfer: without effect, since no tokenizer is given and %s keeps its own", model)
    take_shape(config, model)  # what cannot be trained on, or with, is told before a vocabulary is transferred
    check_optimizer(config)
    initial = model if tokenizer is None else _transferred(model, tokenizer, training, config, seed=seed, work=work)
    pretrain(training, initial, out, config, seed=seed, work=work, evaluation=evaluation, terms=terms, initial=initial)


def _transferred(
    model: Path | str, tokenizer: Path | str, training: Path, config: AdaptConfig, *, seed: int, work: Path
) -> Path:
    """The model with its new vocabulary: made, or found from a run that was killed or trains from the same one."""
    inputs: dict[str, Path | str] = {"model": model, "tokenizer": tokenizer, "training": training}
    key = run_key(config.transfer, inputs, stage=stage.STAGE, version=stage.VERSION, seed=seed, leave_out=set())
    made = work / f"transferred-{key}"
    processes.join()
    return made_once(
        made,
        lambda: transfer(model, tokenizer, made, config.transfer, seed=seed, texts=training),
        stage=stage.STAGE,
        doing="transferring a vocabulary",
    )
