"""Held-out pairs: chosen once by the seed, asked at intervals."""

from collections.abc import Sequence

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from mecelle.base.document import content_hash
from mecelle.base.seeds import generator
from mecelle.embedding.collate import PairCollator
from mecelle.embedding.pairs.record import Pair

LARGEST_SHARE = 0.1
BATCH = 32


def split(pairs: Sequence[Pair], *, most: int, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Pairs for training and held-out pairs; no text is on both sides, and held-out texts are distinct.

    At most `most` and a tenth of all are held out. Pairs that share a text with a held-out one leave both sides.
    """
    number = min(most, int(len(pairs) * LARGEST_SHARE))
    held: list[Pair] = []
    texts: set[str] = set()
    for row in generator(seed, "held_out").permutation(len(pairs)).tolist():
        mine = _texts(pairs[row])
        if len(held) >= number:
            break
        if texts.isdisjoint(mine):
            held.append(pairs[row])
            texts |= mine
    return [pair for pair in pairs if texts.isdisjoint(_texts(pair))], held


def measure(model: SentenceTransformer, collator: PairCollator, held: Sequence[Pair]) -> dict[str, float]:
    """Accuracy (own document nearest of all held-out documents) and MRR@10 of the held-out queries, 0..1."""
    config = collator.config
    query_vectors = _embed(model, collator, [config.query_prompt + pair.query for pair in held])
    document_vectors = _embed(model, collator, [config.document_prompt + pair.document for pair in held])
    cosines = (query_vectors @ document_vectors.T).numpy()
    own = np.diag(cosines)[:, None]
    ranks = (cosines >= own).sum(axis=1)  # equals count against it: a model that gives one vector for all scores 0
    return {
        "eval_accuracy": round(float((ranks == 1).mean()), 6),
        "eval_mrr_at_10": round(float(np.where(ranks <= 10, 1.0 / ranks, 0.0).mean()), 6),
    }


@torch.no_grad()
def _embed(model: SentenceTransformer, collator: PairCollator, texts: Sequence[str]) -> torch.Tensor:
    was_training = model.training
    model.eval()
    parts = []
    for start in range(0, len(texts), BATCH):
        features = {k: v.to(model.device) for k, v in collator.tokenise(texts[start : start + BATCH]).items()}
        parts.append(model(features)["sentence_embedding"].float().cpu())
    model.train(was_training)
    return torch.cat(parts)


def _texts(pair: Pair) -> set[str]:
    return {content_hash(pair.query), content_hash(pair.document)}
