"""Parameters of the sentence-level sectioner."""

from pydantic import Field

from mecelle.base.config import Config


class SentencesConfig(Config):
    """Hashed words of a sentence -> two-way LSTM over the document's sentences -> CRF in the order of the law."""

    members: int = Field(default=3, ge=1)
    """Networks that are trained from different seeds; their scores are averaged, since one alone depends on its seed
    (docs/results/sections.md)."""
    buckets: int = Field(default=32_768, ge=64)
    """Rows of the table of word pieces; two pieces in one bucket share a vector."""
    width: int = Field(default=48, ge=4)
    """Components of a piece's vector."""
    hidden: int = Field(default=96, ge=4)
    """Components of each direction of the LSTM."""
    layers: int = Field(default=2, ge=1)
    """Layers of the LSTM."""
    dropout: float = Field(default=0.4, ge=0.0, lt=1.0)
    """Share of components left out in training."""
    word_dropout: float = Field(default=0.3, ge=0.0, lt=1.0)
    """Share of word pieces left out in training."""
    ordered: bool = True
    """Whether the order that procedure law imposes is obeyed."""
    variants: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of the decisions that an epoch shows in another form: scanned, in one line, in capitals, with headings."""
    epochs: int = Field(default=20, ge=1)
    """Passes over the decisions; the one with the best document pass rate on development counts."""
    batch_size: int = Field(default=8, ge=1)
    """Decisions a step."""
    learning_rate: float = Field(default=3e-3, gt=0.0)
    """Highest rate of AdamW, with a linear warm-up in the first tenth and a linear decay to 0."""
    weight_decay: float = Field(default=0.01, ge=0.0)
    """Of AdamW."""
