"""Memory of a pre-training by what it is for, in GiB: counted, not measured.

Bytes that a layer keeps for the backward pass are linear in its two widths. They were counted with hooks on saved
tensors over four sizes a kind (benchmarks/encoder_memory.py): attention by a fused kernel, BERT with dropout. The sum
has not been compared with real peaks yet: the same benchmark does that.
"""

from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.shapes import Shape, parameters, parameters_of_layers
from mecelle.training.memory import GIB, SCORE_BYTES, Memory

KEPT_BYTES = {
    ("modernbert", "bf16"): (24, 8),
    ("modernbert", "fp32"): (40, 16),
    ("bert", "bf16"): (28, 4),
    ("bert", "fp32"): (40, 8),
}
"""Per token and layer: bytes for each component of width, and of feed-forward."""
LOGIT_BYTES = 16
"""Per predicted token and word: logits, their fp32 copy, log-softmax and gradient."""


def memory(
    config: EncoderConfig, *, vocabulary: int, precision: str, shards: int = 1, scores: bool = False
) -> Memory:  # fmt: skip
    """Memory of one process.

    precision: "fp32" or "bf16" (autocast: weights, gradients and moments stay fp32). shards: processes that share them
    (`sharded`; on top come the whole weights of a layer and of what lies outside of layers, and the bf16 copies, which
    the backward pass needs whole unless layers are recomputed); with plain data parallelism each has them all.
    With `recompute` layers keep their input alone, in fp32, and one layer at a time is computed again. scores:
    attention keeps its scores (processors), and does not where kernels are fused (cards).
    """
    shape, tokens = config.shape, config.rows_per_batch * config.sequence_length
    count, of_layers = parameters(shape, vocabulary=vocabulary), parameters_of_layers(shape)
    at_work = of_layers / shape.layers + count - of_layers if shards > 1 else 0.0
    # Muon keeps one moment of the matrices in layers, all others keep two.
    moments = 8 * count - (4 * of_layers if config.optimizer.startswith("muon") else 0)
    layer = tokens * _kept_in_layer(config, precision=precision, scores=scores)
    kept = tokens * shape.layers * 4 * shape.width + layer if config.recompute else shape.layers * layer
    copies = 4 + (4 if config.average_share else 0)
    halved = 0.0 if precision == "fp32" else 2 * (at_work if shards > 1 and config.recompute else count)
    rate = max(rate for _, rate in config.masking_rates)
    return Memory(
        weights=(copies * count / shards + 4 * at_work + halved) / GIB,
        gradients=(4 * count / shards + 4 * at_work) / GIB,
        moments=moments / shards / GIB,
        activations=kept / GIB,
        head=tokens * rate * vocabulary * LOGIT_BYTES / GIB,
    )


def _kept_in_layer(config: EncoderConfig, *, precision: str, scores: bool) -> float:
    """Bytes per token that a layer keeps, the mean over its kinds."""
    shape = config.shape
    of_width, of_feed_forward = KEPT_BYTES[shape.family, precision]
    of_scores = SCORE_BYTES[precision] * shape.heads * mean_keys(shape, config.sequence_length) if scores else 0.0
    return of_width * shape.width + of_feed_forward * shape.feed_forward + of_scores


def mean_keys(shape: Shape, length: int) -> float:
    """Keys that our own attention computes for a query, the mean over the layers: local ones see three half windows."""
    if shape.family == "bert":
        return length
    global_layers = len(range(0, shape.layers, shape.global_every))
    near = min(3 * shape.window // 2, length)
    return (global_layers * length + (shape.layers - global_layers) * near) / shape.layers
