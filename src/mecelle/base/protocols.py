"""What evaluation, retrieval and training ask of a model: evaluation sees models through these alone."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Role = Literal["query", "document"]
"""Asymmetric models (E5's "query: ", "passage: ") prepare the two sides of a search differently."""

Precision = Literal["auto", "fp32", "bf16"]
"""Of matrix products: "auto" takes bf16 where the machine has it in hardware."""


@runtime_checkable
class TextEncoder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    @property
    def fingerprint(self) -> str:
        """Hash of weights and settings: two encoders with equal fingerprints give equal vectors, but for rounding."""

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""

    def encode(self, texts: Sequence[str], *, role: Role = "document") -> NDArray[np.float32]:
        """Unit vectors, one row per text, shape (len(texts), dimension)."""


MASK = "[MASK]"
"""The place to fill, however a model writes its own mask token."""

Scoring = Literal["independent", "one_at_a_time", "word_left_to_right"]
"""Which tokens of an option are hidden while one of them is scored.

independent: all of them, so that each is filled without knowledge of the others (the public script of HukukBERT).
one_at_a_time: that one alone (pseudo-log-likelihood, Salazar et al. 2020, "Masked Language Model Scoring", eq. 2). It
favours options of many tokens, since the rest of a rare word gives each part away.
word_left_to_right: that one and all after it in its word (Kauf and Ivanova 2023, "A Better Way to Do Masked Language
Model Scoring")."""

Placing = Literal["in_sentence", "apart"]
"""How the tokens of an option are found.

in_sentence: in the filled sentence, as the model reads running text.
apart: from the option alone, without the space before it, put in the place of mask tokens. To a byte-level BPE a word
without its space is another token, the inside of a word; WordPiece sees no difference."""

Fate = Literal["masked", "random", "kept"]
"""What stands at a place that must be predicted: the mask, other tokens, or the tokens themselves (BERT)."""

Likelihood = Literal["likelihood", "pseudo-likelihood"]
"""Of a causal model, or of a masked one, which hides one token at a time: the two are never compared."""

Span = tuple[int, int]
"""Half-open character offsets."""


class OptionScores(NamedTuple):
    """The options of one sentence, in their order."""

    nats: NDArray[np.float64]
    """Log-probability, summed over an option's tokens."""
    tokens: NDArray[np.int64]
    """Tokens of each option."""


class SpanHits(NamedTuple):
    """The predicted spans of one text, in their order: counts, shape (spans,)."""

    tokens: NDArray[np.int64]
    """Tokens of each span; 0 where the model does not read so far."""
    first: NDArray[np.int64]
    """Of these, tokens that the model holds most likely."""
    among: NDArray[np.int64]
    """Of these, tokens among the k most likely."""


class TextScores(NamedTuple):
    """How well texts were predicted, one entry per text."""

    nats: NDArray[np.float64]
    """Negative log-likelihood of the scored tokens."""
    tokens: NDArray[np.int64]
    """Tokens that were scored."""
    bytes: NDArray[np.int64]
    """Bytes of UTF-8 that these stand for: what tokenizers are compared by."""


@runtime_checkable
class MaskFiller(Protocol):
    """Fills places of a text that are hidden from it."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    @property
    def fingerprint(self) -> str:
        """Hash of weights and settings."""

    @property
    def cased(self) -> bool:
        """Whether the model tells capital letters from small ones; else its task is easier, and tables say so."""

    def score_options(
        self,
        sentences: Sequence[str],
        options: Sequence[Sequence[str]],
        *,
        scoring: Scoring = "word_left_to_right",
        placing: Placing = "in_sentence",
    ) -> list[OptionScores]:
        """The options of each sentence in the place of its one `[MASK]`."""

    def predict_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]],
        fates: Sequence[Sequence[Fate]],
        *,
        k: int,
        seed: int,
    ) -> list[SpanHits]:
        """How many tokens of each span are predicted, all spans of a text at once."""

    def token_spans(self, text: str) -> list[Span]:
        """Where the tokens of a text stand; tokens of nothing (specials, a lone space) are left out."""

    def fill(self, sentence: str, *, k: int) -> list[tuple[str, float]]:
        """The k most likely tokens in the place of `[MASK]`, with probabilities; `##` marks the inside of a word."""


@runtime_checkable
class TextScorer(Protocol):
    """Scores running text."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    @property
    def fingerprint(self) -> str:
        """Hash of weights and settings."""

    @property
    def likelihood(self) -> Likelihood:
        """Of what the scores are."""

    def score_texts(self, texts: Sequence[str], *, context: int, stride: int | None = None) -> TextScores:
        """Scores of each text.

        context: tokens that the model reads at a time, specials included. stride: None scores the first `context`
        tokens and no more; else windows begin every `stride` tokens, and each token is scored in the first window that
        holds it.
        """
