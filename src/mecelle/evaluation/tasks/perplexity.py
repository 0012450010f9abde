"""Perplexity and bits per byte by domain. Source: Mecellem §4.4.2 and Tables 17 and 18.

Perplexity is per token: two models of different tokenizers have none in common. Bits per byte compare them, as long as
the same bytes are scored: by passages cut in words, or by windows over whole texts (`stride`). Masked models have a
pseudo-likelihood, a task of another name, since it is no likelihood of a text.
"""

from collections.abc import Mapping, Sequence
from math import log

import numpy as np
from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import InputError
from mecelle.base.protocols import Likelihood, TextScorer
from mecelle.evaluation.keeping import Outcome
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.tasks.texts import HeldOutText


class PerplexityConfig(Config):
    """Parameters."""

    context: int = Field(default=512, ge=2)
    """Tokens that the model reads at a time. Mecellem: 512 for 1.7B, 1,024 for 4B, which therefore do not compare."""
    stride: int | None = Field(default=None, ge=1)
    """None scores the first `context` tokens of a text, as the paper does; else windows begin every `stride` tokens,
    and each token is scored once, with at least `context` - `stride` tokens before it (but at the beginning)."""
    documents: int = Field(default=100, ge=2)
    """Documents of each domain."""
    words: int | None = Field(default=None, ge=2)
    """Words that are taken of each document; None takes it whole."""
    pseudo_documents: int = Field(default=20, ge=2)
    """The same for masked models, which read a passage once for each of its tokens."""
    pseudo_words: int = Field(default=64, ge=2)

    def sample(self, likelihood: Likelihood) -> tuple[int, int | None]:
        """Documents of each domain, and words of each."""
        return (
            (self.documents, self.words) if likelihood == "likelihood" else (self.pseudo_documents, self.pseudo_words)
        )


def outcome(
    model: TextScorer, texts: Sequence[HeldOutText], config: PerplexityConfig, touched: Mapping[str, str]
) -> Outcome:
    """Scores of one domain: mean bits per byte of documents, and the paper's token-weighted perplexity.

    Raises InputError if no text has a token that can be scored.
    """
    found = model.score_texts([one.text for one in texts], context=config.context, stride=config.stride)
    kept = (found.bytes > 0) & (found.tokens > 0)
    if not kept.any():
        raise InputError(f"{model.name}: none of {len(texts)} texts has a token that can be scored")
    nats, tokens, sizes = (values[kept] for values in found)
    bits = nats / log(2) / sizes
    ids = [one.id for one, is_kept in zip(texts, kept, strict=True) if is_kept]
    whole = sum(len(one.text.encode()) for one, is_kept in zip(texts, kept, strict=True) if is_kept)
    leaked = np.array([name in touched for name in ids])
    scores = {
        "bits_per_byte": float(bits.mean()),
        "bits_per_byte_pooled": float(nats.sum() / log(2) / sizes.sum()),
        "perplexity": float(np.exp(nats.sum() / tokens.sum())),
        "nats_per_token": float(nats.sum() / tokens.sum()),
        "tokens": float(tokens.sum()),
        "bytes": float(sizes.sum()),
        "scored_share": float(sizes.sum() / whole),
        "n.touched": float(leaked.sum()),
        "n.untouched": float((~leaked).sum()),
    }
    if not leaked.all():
        scores["bits_per_byte.untouched"] = float(bits[~leaked].mean())
        scores["perplexity.untouched"] = float(np.exp(nats[~leaked].sum() / tokens[~leaked].sum()))
    notes = [f"{model.likelihood}; perplexity is per token of this model's tokenizer"]
    if lost := len(texts) - len(ids):
        notes.append(f"{lost} texts left out: no token that can be scored")
    return Outcome(
        main_score="bits_per_byte",
        lower_is_better=True,
        scores=scores,
        unit="document",
        ids=tuple(ids),
        values=tuple(bits.tolist()),
        weights={"tokens": tuple(tokens.astype(float).tolist()), "bytes": tuple(sizes.astype(float).tolist())},
        notes=tuple(notes),
    )


def overall(domains: Sequence[TaskRecord]) -> Outcome:
    """All domains: documents together, and the token-weighted perplexity (OVERALL in Table 17)."""
    values = tuple(value for one in domains for value in one.values)
    tokens = sum(one.scores["tokens"] for one in domains)
    sizes = sum(one.scores["bytes"] for one in domains)
    nats = sum(one.scores["nats_per_token"] * one.scores["tokens"] for one in domains)
    return Outcome(
        main_score="bits_per_byte",
        lower_is_better=True,
        scores={
            "bits_per_byte": float(np.mean(values)),
            "bits_per_byte_pooled": nats / log(2) / sizes,
            "perplexity": float(np.exp(nats / tokens)),
            "tokens": tokens,
            "bytes": sizes,
        },
        unit="document",
        ids=tuple(name for one in domains for name in one.ids),
        values=values,
        weights={
            name: tuple(weight for one in domains for weight in one.weights.get(name, ()))
            for name in ("tokens", "bytes")
            if all(name in one.weights for one in domains)
        },
        notes=tuple(dict.fromkeys(note for one in domains for note in one.notes)),
    )
