"""Stage "late": an encoder with a vector for each token, and late interaction between query and document.

Khattab and Zaharia 2020, "ColBERT" (arXiv 2004.12832): each token of the query looks for its nearest token of the
document; the sum of these cosines is the score. The model is sentence-transformers' `MultiVectorEncoder`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.multi_vector_encoder.losses import MultiVectorMultipleNegativesRankingLoss
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Transformer
from sentence_transformers.util import batch_to_device

from mecelle.base import artifacts
from mecelle.base.errors import InputError, TrainingError
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive
from mecelle.embedding.batches import plan_batches
from mecelle.embedding.derived import Provenance, write_derived_card
from mecelle.embedding.lineage import write_lineage
from mecelle.embedding.model import save_model
from mecelle.embedding.pairs.record import Pair, read_pairs
from mecelle.models.folders import find_folder
from mecelle.models.loading import check_device, told_when_unloadable
from mecelle.models.precision import resolve
from mecelle.models.prompts import prompts_of
from mecelle.models.quiet import quiet
from mecelle.training.checkpoints import Checkpoints, open_work, run_key
from mecelle.training.interrupt import Stop
from mecelle.training.parameter_groups import decay_groups
from mecelle.training.resumable import ResumableSteps
from mecelle.training.schedules import rise_and_fall

STAGE = "late"
VERSION = 5
DECAY = 0.01
"""Of matrices, per step, times the rate: AdamW's usual."""
NOT_IN_KEY = {"checkpoint_minutes"}
"""Parameters that may change without starting a run anew."""


class LateConfig(Provenance):
    """How the vectors of tokens are trained. Lengths are those of ColBERT's experiments; vectors are narrower."""

    dims: int = Field(default=96, ge=8)
    """Components of a token's vector: an index holds as many numbers for each token of each document."""
    query_length: int = Field(default=32, ge=8)
    """Tokens of a query that are read."""
    document_length: int = Field(default=180, ge=8)
    """Tokens of a document that are read."""
    query_prompt: str | None = None
    """Put before each query, in training and by whoever loads the model; null takes that of the encoder."""
    document_prompt: str | None = None
    """Put before each document; null as above."""
    batch: int = Field(default=16, ge=2)
    """Pairs whose texts are each other's negatives."""
    steps: int = Field(default=500, ge=1)
    """Optimizer steps."""
    learning_rate: float = Field(default=2e-5, gt=0)
    """Peak of the encoder; the rate rises over a tenth of the steps and falls linearly to 0."""
    projection_rate: float = Field(default=1e-3, gt=0)
    """Peak of the new projection, which begins at random."""
    same_kind: bool = True
    """Whether a batch holds one kind of pair, as far as that goes."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the matrix products; auto takes bf16 where GPU or processor has it in hardware (models/precision.py)."""
    checkpoint_minutes: float = Field(default=5.0, gt=0.0)
    """Time between two checkpoints; no part of the result."""


def train_late(
    encoder: Path | str, pairs: Path, out: Path, config: LateConfig, *, seed: int, work: Path, device: str = "cpu"
) -> None:
    """Make the artifact `out` of stage "late", with weights in float32.

    Hard negatives of a pair stand against all queries of its batch. work: checkpoints go to `work/<key>`; a run that
    was interrupted goes on from there, on the CPU to the same bytes. Raises ArtifactError if the encoder does not load,
    InputError if the pairs do not fill a batch or are graded, TrainingError on a loss that is no number, LockedError
    (another trainer lives), ResourceError (full disk), Interrupted after Ctrl-C or SIGTERM, with the last step saved.
    """
    check_device(device)
    folder = find_folder(encoder)
    inputs: dict[str, Path | str] = {"encoder": encoder, "pairs": pairs}
    key = run_key(config, inputs, stage=STAGE, version=VERSION, seed=seed, leave_out=NOT_IN_KEY)
    with (
        quiet(),
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run,
        open_work(work / key, doing=f"training {out.name}") as checkpoints,
    ):
        given = list(read_pairs(pairs))
        if any(pair.grade is not None for pair in given):
            raise InputError(
                f"{pairs}: pairs with grades; late interaction is trained on pairs that belong together. Give pairs "
                "without a grade, or train by grades: mecelle embedding train --set loss=cosent.v1"
            )
        plan = plan_batches(given, batch=config.batch, batches=config.steps, seed=seed, same_kind=config.same_kind)
        if not len(plan):
            raise InputError(f"{pairs}: {len(given)} pairs do not fill one batch of {config.batch}; give more, or less")
        torch.manual_seed(derive(seed, "late"))
        model = _open(folder, config).to(device)
        losses = _train(model, [[given[row] for row in rows] for rows in plan.tolist()], checkpoints, config)
        save_model(model, run.folder)
        write_lineage(run.folder, given, plan)
        trained = len(set(plan.ravel().tolist()))
        run.accounts.unit = "pairs"
        run.accounts.keep(trained)
        run.accounts.drop("not_reached", len(given) - trained)
        run.figures.update(
            precision=resolve(config.precision, device),
            steps=len(plan),
            first_loss=round(losses[0], 4),
            last_loss=round(losses[-1], 4),
        )
        sentence = f"A vector of {config.dims} components for each token; queries and documents meet by MaxSim."
        write_derived_card(
            run.folder,
            base=encoder,
            title="A late-interaction retrieval model",
            paragraphs=[sentence],
            provenance=config,
            loader="MultiVectorEncoder",
        )


def _open(folder: Path, config: LateConfig) -> MultiVectorEncoder:
    with told_when_unloadable(folder, "an encoder"):
        transformer = Transformer(str(folder), query_length=config.query_length, document_length=config.document_length)
    projection = Dense(
        transformer.get_embedding_dimension(),
        config.dims,
        bias=False,
        activation_function=torch.nn.Identity(),
        module_input_name="token_embeddings",
    )
    return MultiVectorEncoder(
        modules=[transformer, projection, MultiVectorMask(), Normalize(module_input_name="token_embeddings")],
        device="cpu",
        prompts=prompts_of(folder, query=config.query_prompt, document=config.document_prompt),
    ).float()


def _train(
    model: MultiVectorEncoder, batches: Sequence[Sequence[Pair]], checkpoints: Checkpoints, config: LateConfig
) -> list[float]:
    """Loss of each step."""
    optimizer = torch.optim.AdamW(
        [
            group | {"lr": rate}
            for part, rate in ((model[0], config.learning_rate), (model[1], config.projection_rate))
            for group in decay_groups(part.parameters(), weight_decay=DECAY)
        ]
    )
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rise_and_fall(step, len(batches)))
    objective = MultiVectorMultipleNegativesRankingLoss(model)
    kind = model.device.type
    in_bf16 = resolve(config.precision, kind) == "bf16"
    losses: list[float] = []
    left = ResumableSteps(
        checkpoints, {"model": model, "optimizer": optimizer, "rates": rates}, steps=len(batches),
        minutes=config.checkpoint_minutes, lists={"losses": losses},
    )  # fmt: skip
    model.train()
    with Progress("late", total=len(batches), unit="steps") as progress, Stop() as stop:
        progress.advance(left.done)
        for step in left.to_do(stop):
            with torch.autocast(kind, torch.bfloat16, enabled=in_bf16):
                loss = objective(_features(model, batches[step]), None)
            losses.append(float(loss.detach()))
            if not losses[-1] < float("inf"):
                raise TrainingError(f"step {len(losses)}: the loss is {losses[-1]}; lower learning_rate")
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            rates.step()
            progress.advance(loss=round(losses[-1], 4))
    model.eval()
    return losses


def _features(model: MultiVectorEncoder, batch: Sequence[Pair]) -> list[dict[str, Any]]:
    """Queries, and in one column the documents in their order with all hard negatives behind them, on its device."""
    documents = [pair.document for pair in batch] + [text for pair in batch for text in pair.negatives]
    sides = (
        model.preprocess([pair.query for pair in batch], prompt=model.prompts["query"], task="query"),
        model.preprocess(documents, prompt=model.prompts["document"], task="document"),
    )
    return [batch_to_device(side, model.device) for side in sides]
