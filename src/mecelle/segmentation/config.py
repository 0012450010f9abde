"""Parameters of a sectioner's training."""

from typing import Literal

from pydantic import Field

from mecelle.base.config import Config
from mecelle.segmentation.sentences.config import SentencesConfig
from mecelle.segmentation.windows.config import WindowsConfig

STAGE = "sectioner"
VERSION = 2
PARAMETERS = "sectioner.json"
"""In the artifact: how it was trained."""


class SegmentConfig(Config):
    """Which sectioner is trained, and how."""

    model: Literal["sentences", "windows"] = "sentences"
    """sentences: small, reads whole documents. windows: an encoder on windows of tokens, as HukukBERT's was tuned."""
    train_decisions: int | None = Field(default=None, ge=1)
    """Most decisions to learn from, drawn by seed, for learning curves; None: all."""
    sentences: SentencesConfig = SentencesConfig()
    windows: WindowsConfig = WindowsConfig()
