"""Stage "adapt_converted": a converted decoder learns to use the tokens behind, by predicting masked ones.

mntp: a masked token is predicted from the state before it, as the decoder always did (masked next token prediction,
BehnamGhader et al. 2024, "LLM2Vec", arXiv 2404.05961). mlm: from the state at its own place, as BERT does.
"""

from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

from mecelle.base import artifacts
from mecelle.base.collection import JsonlWriter
from mecelle.base.errors import ConfigError, InputError, MismatchError, TrainingError
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive, generator
from mecelle.embedding.conversion.convert import ConversionConfig, make_padding, save_as_encoder
from mecelle.embedding.conversion.probe import least_effect_of_last_token
from mecelle.embedding.derived import write_derived_card
from mecelle.models.folders import find_folder
from mecelle.models.loading import check_device, check_length, told_when_unloadable
from mecelle.models.precision import resolve
from mecelle.models.quiet import quiet
from mecelle.tokenizer.measure.texts import draw_sample
from mecelle.training.checkpoints import Checkpoints, open_work, run_key
from mecelle.training.interrupt import Stop
from mecelle.training.parameter_groups import decay_groups
from mecelle.training.resumable import ResumableSteps
from mecelle.training.schedules import rise_and_fall

STAGE = "adapt_converted"
VERSION = 3
NOT_IN_KEY = {"checkpoint_minutes"}
"""Parameters that may change without starting a run anew."""
DECAY = 0.01
"""Of matrices, per step, times the rate: AdamW's usual."""
LEAST_OF_DOCUMENT, SPARE = 8, 4
"""Rows that any document may give, and by how much one may give more than its equal share, since many are short."""


class AdaptConfig(ConversionConfig):
    """How masked tokens are trained."""

    objective: Literal["mntp", "mlm"] = "mntp"
    """Which state predicts a masked token: the one before it, or its own."""
    mask_rate: float = Field(default=0.2, gt=0, lt=1)
    """Share of the tokens of a row that are masked. Source: LLM2Vec, for its Llama models."""
    mask_token: str = "_"
    """What stands for a masked token where the tokenizer has no mask token, as in LLM2Vec: one of its tokens."""
    sequence_length: int = Field(default=128, ge=8)
    """Tokens of a row; rows are cut from the texts without padding."""
    batch: int = Field(default=8, ge=1)
    """Rows of a step."""
    steps: int = Field(default=1_000, ge=1)
    """Optimizer steps."""
    learning_rate: float = Field(default=5e-5, gt=0)
    """Peak; it rises over a tenth of the steps and falls linearly to 0."""
    log_steps: int = Field(default=10, ge=1)
    """Steps between two rows of the curve."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the matrix products; auto takes bf16 where GPU or processor has it in hardware (models/precision.py)."""
    checkpoint_minutes: float = Field(default=5.0, gt=0.0)
    """Time between two checkpoints; no part of the result."""


def adapt(
    decoder: Path | str, texts: Path, out: Path, config: AdaptConfig, *, seed: int, work: Path, device: str = "cpu"
) -> None:
    """Make the artifact `out` of stage "adapt_converted": the decoder converted and adapted, and curve.jsonl.

    decoder: a causal language model, or what stage "convert" made of one whose head shares the embedding's weights.
    texts: a collection. work: checkpoints go to `work/<key>`; an interrupted run goes on from there. On the CPU: same
    input and seed, same weights, interrupted or not.
    Raises what `convert` raises, MismatchError if the head is not there, InputError for too little text, TrainingError
    on a loss that is no number, LockedError (another trainer lives), ResourceError (full disk), Interrupted after
    Ctrl-C or SIGTERM, with the last step saved.
    """
    check_device(device)
    folder = find_folder(decoder)
    inputs: dict[str, Path | str] = {"decoder": decoder, "texts": texts}
    key = run_key(config, inputs, stage=STAGE, version=VERSION, seed=seed, leave_out=NOT_IN_KEY)
    with (
        quiet(),
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run,
        open_work(work / key, doing=f"adapting {out.name}") as checkpoints,
    ):
        model, tokenizer = _open_with_head(folder, config)
        rows = cut_rows(tokenizer, texts, config, seed=seed)
        torch.manual_seed(derive(seed, "adapt"))  # of dropout, which some decoders have
        curve = _train(model.to(device), rows, _mask_id(tokenizer, config), checkpoints, config, seed)
        save_as_encoder(model.base_model, tokenizer, run.folder, config, base=folder)
        with JsonlWriter(run.folder / "curve.jsonl") as writer:
            for row in curve:
                writer.write(row)
        run.figures.update(
            rows=len(rows),
            first_loss=curve[0]["loss"],
            last_loss=curve[-1]["loss"],
            precision=resolve(config.precision, device),
        )
        sentence = (
            f"A {type(model.base_model).__name__} that looks both ways (`is_causal: false`, needs transformers 5) and "
            f"was adapted to it by {config.objective} in {config.steps:,} steps of {config.batch} rows of "
            f"{config.sequence_length} tokens. Without contrastive training its vectors are of little use."
        )
        write_derived_card(
            run.folder, base=decoder, title="A decoder turned encoder", paragraphs=[sentence], provenance=config
        )


def cut_rows(tokenizer: Any, texts: Path, config: AdaptConfig, *, seed: int) -> NDArray[np.int64]:
    """Rows of `sequence_length` tokens from documents that the seed draws, as many as training asks for, or fewer.

    A long document gives a stretch of its rows alone, and rows stand in an order of the seed: else a few acts would be
    all that is read, and the rows of a step would be one act's.
    Raises InputError if the texts do not fill a batch.
    """
    wanted, length = config.steps * config.batch, config.sequence_length
    drawn = draw_sample([texts], most=wanted, seed=seed).texts
    most, rng = max(LEAST_OF_DOCUMENT, SPARE * ceil(wanted / len(drawn))), generator(seed, "rows")
    rows: list[list[int]] = []
    for place in rng.permutation(len(drawn)):
        ids = tokenizer(drawn[place].joined, add_special_tokens=False, verbose=False)["input_ids"]
        starts = range(0, len(ids) - length + 1, length)
        first = int(rng.integers(max(1, len(starts) - most + 1)))
        rows += [ids[start : start + length] for start in starts[first : first + most]]
        if len(rows) >= wanted:
            break
    if len(rows) < config.batch:
        raise InputError(
            f"{texts}: {len(rows)} rows of {length} tokens; at least {config.batch} are needed, one batch; give more "
            "text, or a smaller sequence_length"
        )
    return np.array(rows[:wanted], dtype=np.int64)[rng.permutation(min(wanted, len(rows)))]


def mask(rows_BT: NDArray[np.int64], mask_id: int, *, rate: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Rows with masked tokens, and which are masked (bool), both of shape (B, T); the first token never is.

    Exactly so many in each row, so that blocks keep their size from step to step.
    """
    batch, length = rows_BT.shape
    count = max(1, round(rate * (length - 1)))
    chosen = np.argsort(rng.random((batch, length - 1)), axis=1)[:, :count] + 1
    masked = np.zeros(rows_BT.shape, dtype=bool)
    np.put_along_axis(masked, chosen, True, axis=1)
    return torch.from_numpy(np.where(masked, mask_id, rows_BT)), torch.from_numpy(masked)


def masked_loss(model: Any, rows_BT: Tensor, seen_BT: Tensor, masked_BT: Tensor, *, objective: str) -> Tensor:
    """Mean nats of the masked tokens. seen_BT: `rows_BT` with the mask in place of them; all on the model's device."""
    states_BTD = model.base_model(input_ids=seen_BT, use_cache=False).last_hidden_state
    asked_BT = masked_BT.roll(-1, dims=1) if objective == "mntp" else masked_BT
    logits = model.get_output_embeddings()(states_BTD[asked_BT])  # rows of both masks stand in the same order
    return nn.functional.cross_entropy(logits.float(), rows_BT[masked_BT])


def _open_with_head(folder: Path, config: AdaptConfig) -> tuple[Any, PreTrainedTokenizerBase]:
    with quiet(checked=True), told_when_unloadable(folder, "a causal language model"):
        settings = AutoConfig.from_pretrained(str(folder))
        settings.is_causal = False
        model, report = AutoModelForCausalLM.from_pretrained(
            str(folder), config=settings, dtype=torch.float32, output_loading_info=True
        )
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
    check_length(model, max(config.max_length, config.sequence_length), folder)
    if report["missing_keys"]:
        raise MismatchError(
            f"{folder}: {len(report['missing_keys'])} weights are missing, such as '{min(report['missing_keys'])}': "
            "converted models have no head any more; give the decoder itself, it is converted on the way"
        )
    if least_effect_of_last_token(model.base_model.eval()) == 0:
        raise ConfigError(f"{folder}: {type(model.base_model).__name__} looks back alone whatever its config says")
    make_padding(tokenizer, folder)
    return model, tokenizer


def _mask_id(tokenizer: PreTrainedTokenizerBase, config: AdaptConfig) -> int:
    if tokenizer.mask_token_id is not None:
        return int(tokenizer.mask_token_id)
    ids = tokenizer(config.mask_token, add_special_tokens=False)["input_ids"]
    if len(ids) != 1:
        raise ConfigError(f"mask_token '{config.mask_token}' is {len(ids)} tokens; choose one that is a single token")
    return int(ids[0])


def _train(
    model: Any, rows: NDArray[np.int64], mask_id: int, checkpoints: Checkpoints, config: AdaptConfig, seed: int
) -> list[dict[str, float | int]]:
    """The curve: step and mean loss since the row before."""
    optimizer = torch.optim.AdamW(decay_groups(model.parameters(), weight_decay=DECAY), lr=config.learning_rate)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rise_and_fall(step, config.steps))
    curve: list[dict[str, float | int]] = []
    losses: list[float] = []
    parts = {"model": model, "optimizer": optimizer, "rates": rates}
    left = ResumableSteps(
        checkpoints, parts, steps=config.steps, minutes=config.checkpoint_minutes,
        lists={"curve": curve, "losses": losses},
    )  # fmt: skip
    model.train()
    with Progress("adapt", total=config.steps, unit="steps") as progress, Stop() as stop:
        progress.advance(left.done)
        for step in left.to_do(stop):
            losses.append(_loss_of_step(model, rows, mask_id, config, generator(seed, "adapt", step), step))
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            rates.step()
            if (step + 1) % config.log_steps == 0 or step + 1 == config.steps:
                curve.append({"step": step + 1, "loss": round(sum(losses) / len(losses), 6)})
                losses.clear()
            progress.advance(loss=curve[-1]["loss"] if curve else None)
    model.eval()
    return curve


def _loss_of_step(
    model: Any, rows: NDArray[np.int64], mask_id: int, config: AdaptConfig, rng: np.random.Generator, step: int
) -> float:
    """Mean nats of the masked tokens of step `step`, from 0, whose gradients are added to the model's."""
    device: torch.device = model.device
    places = np.arange(step * config.batch, (step + 1) * config.batch) % len(rows)
    seen_BT, masked_BT = mask(rows[places], mask_id, rate=config.mask_rate, rng=rng)
    rows_BT = torch.from_numpy(rows[places])
    in_bf16 = resolve(config.precision, device.type) == "bf16"
    with torch.autocast(device.type, torch.bfloat16, enabled=in_bf16):
        loss = masked_loss(
            model, rows_BT.to(device), seen_BT.to(device), masked_BT.to(device), objective=config.objective
        )
    value = float(loss.detach())
    if not value < float("inf"):
        raise TrainingError(f"step {step + 1}: the loss is {value}; lower learning_rate, or take fp32")
    loss.backward()
    return value
