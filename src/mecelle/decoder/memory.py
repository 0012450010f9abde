"""Memory of a causal pre-training by what it is for, in GiB: counted, not measured.

Bytes that a layer keeps for the backward pass are linear in its widths. They were counted with hooks on saved tensors
over seven sizes (transformers' Qwen3, a fused kernel for attention), which the line meets exactly. The sum has not been
compared with real peaks on cards.
"""

from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.loss import CHUNK
from mecelle.decoder.shapes import DecoderShape, parameters, parameters_of_layers
from mecelle.training.memory import GIB, SCORE_BYTES, Memory

KEPT_BYTES = {"bf16": (26, 10, 10, 8), "fp32": (24, 16, 16, 16)}
"""Per token and layer: bytes for each component of width, of all query heads, of all key heads, and of feed-forward."""
LOGIT_BYTES = {"bf16": 12, "fp32": 16}
"""Per token of a chunk and word: logits, their fp32 copy, softmax and gradient."""
CAUSAL_SHARE = 5 / 8
"""Share of all pairs of a row that our own attention computes, with its four tiles."""


def memory(config: DecoderConfig, *, vocabulary: int, precision: str, shards: int = 1, scores: bool = False) -> Memory:
    """Memory of one process.

    precision: "fp32", or "bf16" for any of 16 bit (autocast: weights, gradients and moments stay fp32). shards:
    processes that share them (`sharded`; on top come the whole weights of a layer and of what lies outside of layers,
    and the bf16 copies, which the backward pass needs whole unless layers are recomputed); with plain data parallelism
    each has them all. scores: attention keeps its scores (processors), and does not where kernels are fused (cards).
    """
    shape = config.shape
    count, of_layers = parameters(shape, vocabulary=vocabulary), parameters_of_layers(shape)
    trained = count if config.lora is None else adapter_parameters(shape, rank=config.lora.rank)
    at_work = of_layers / shape.layers + count - of_layers if shards > 1 else 0.0
    # Muon keeps one moment of the matrices in layers, all others keep two.
    moments = 8 * trained - (4 * of_layers if config.optimizer.startswith("muon") and config.lora is None else 0)
    tokens = config.rows_per_batch * config.sequence_length
    layer = tokens * _kept_in_layer(config, precision=precision, scores=scores)
    kept = tokens * shape.layers * 4 * shape.width + layer if config.recompute else shape.layers * layer
    copies = 4 + (4 if config.average_share else 0)
    halved = 0.0 if precision == "fp32" else 2 * (at_work if shards > 1 and config.recompute else count)
    gradient_of_head = 0 if config.lora else 4 * shape.width
    return Memory(
        weights=(copies * count / shards + 4 * at_work + halved) / GIB,
        gradients=(4 * trained / shards + 4 * (0.0 if config.lora else at_work)) / GIB,
        moments=moments / shards / GIB,
        activations=kept / GIB,
        # The gradient of the head is kept from the forward pass on, beside the one that is accumulated.
        head=(min(tokens, CHUNK) * LOGIT_BYTES[precision] + gradient_of_head) * vocabulary / GIB,
    )


def adapter_parameters(shape: DecoderShape, *, rank: int) -> int:
    """Parameters of low-rank adapters beside each linear map of the layers."""
    queries, keys = shape.heads * shape.head_width, shape.key_heads * shape.head_width
    sides = 2 * (shape.width + queries) + 2 * (shape.width + keys) + 3 * (shape.width + shape.feed_forward)
    return rank * shape.layers * sides


def _kept_in_layer(config: DecoderConfig, *, precision: str, scores: bool) -> float:
    """Bytes per token that a layer keeps."""
    shape = config.shape
    widths = (shape.width, shape.heads * shape.head_width, shape.key_heads * shape.head_width, shape.feed_forward)
    of_scores = SCORE_BYTES[precision] * shape.heads * config.sequence_length * CAUSAL_SHARE if scores else 0.0
    return sum(each * width for each, width in zip(KEPT_BYTES[precision], widths, strict=True)) + of_scores
