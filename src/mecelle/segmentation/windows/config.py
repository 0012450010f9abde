"""Parameters of the token classifier. The defaults are those of HukukBERT §3.7."""

from typing import Literal

from pydantic import Field

from mecelle.base.config import Config


class WindowsConfig(Config):
    """Windows of tokens -> encoder -> one score for each BIO tag."""

    window: int = Field(default=512, ge=16)
    """Tokens that are read at a time, specials included."""
    stride: int = Field(default=256, ge=1)
    """Tokens from the start of a window to the start of the next."""
    begin_weight: float = Field(default=5.0, gt=0.0)
    """Weight of a B-tag in the loss, over that of its class."""
    class_weights: bool = True
    """Whether tags weigh as much less as they are more frequent (to the root, mean 1); the paper says "automatic"."""
    decoding: Literal["argmax", "ordered"] = "ordered"
    """argmax: the most likely tag of each token, as the paper. ordered: the best path in the order of the law."""
    epochs: int = Field(default=4, ge=1)
    """Passes over the windows."""
    evaluations: int = Field(default=4, ge=1)
    """Evaluations on development in each epoch (appendix E has four); the best counts."""
    learning_rate: float = Field(default=3e-5, gt=0.0)
    """Highest rate of AdamW, with a linear warm-up in the first tenth and a linear decay to 0."""
    weight_decay: float = Field(default=0.01, ge=0.0)
    """Of AdamW."""
    batch_size: int = Field(default=16, ge=1)
    """Windows a step (effective batch)."""
    rows: int = Field(default=4, ge=1)
    """Windows that are computed at a time."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic of training and reading; auto: bf16 where the machine has it in hardware."""
