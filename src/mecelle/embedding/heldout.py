"""Held-out pairs, asked at intervals."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.stats import spearmanr
from sentence_transformers import SentenceTransformer

from mecelle.embedding.collate import PairCollator
from mecelle.embedding.pairs.record import Pair

BATCH = 32
LEAST_RANKED = 2
"""Pairs that can be ordered."""


def measure(model: SentenceTransformer, collator: PairCollator, held: Sequence[Pair]) -> dict[str, float]:
    """Accuracy (own document nearest of all held-out documents) and MRR@10 of the held-out queries, 0..1.

    Of graded pairs, Spearman's correlation of cosine and grade, -1..1 (0 where all cosines are equal).
    """
    query_vectors = _embed(model, collator, [collator.query_prompt + pair.query for pair in held])
    document_vectors = _embed(model, collator, [collator.document_prompt + pair.document for pair in held])
    if held[0].grade is not None:
        return {"eval_spearman": _spearman((query_vectors * document_vectors).sum(dim=1), held)}
    cosines = (query_vectors @ document_vectors.T).numpy()
    own = np.diag(cosines)[:, None]
    ranks = (cosines >= own).sum(axis=1)  # equals count against it: a model that gives one vector for all scores 0
    return {
        "eval_accuracy": round(float((ranks == 1).mean()), 6),
        "eval_mrr_at_10": round(float(np.where(ranks <= 10, 1.0 / ranks, 0.0).mean()), 6),
    }


def _spearman(cosines: torch.Tensor, held: Sequence[Pair]) -> float:
    grades = np.array([pair.grade for pair in held], dtype=np.float64)
    if len(held) < LEAST_RANKED or np.ptp(cosines.numpy()) == 0 or np.ptp(grades) == 0:
        return 0.0
    return round(float(spearmanr(cosines.numpy(), grades).statistic), 6)


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
