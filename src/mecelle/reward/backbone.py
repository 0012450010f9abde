"""The causal language model under the heads, and the states that it gives."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.models.folders import find_folder, fingerprint
from mecelle.models.loading import check_device, told_when_unloadable
from mecelle.models.precision import resolve
from mecelle.models.quiet import quiet
from mecelle.reward.config import RewardConfig
from mecelle.reward.conversation import Conversation, Tokens, tokens_of


class Backbone:
    """A causal language model without its head; any that transformers loads, by hub id or folder."""

    def __init__(self, name: str | Path, config: RewardConfig, *, device: str = "cpu") -> None:
        """Raises ArtifactError if it does not load or has no fast tokenizer, InputError for a hub id that cannot be
        had, ConfigError if it has fewer layers than `config.layers`."""
        from transformers import AutoModel, AutoTokenizer

        check_device(device)
        self.folder, self.device, self.config = find_folder(name), device, config
        with quiet(), told_when_unloadable(self.folder, "a causal language model"):
            self.model: Any = AutoModel.from_pretrained(str(self.folder)).to(device).eval()
            self.tokenizer: Any = AutoTokenizer.from_pretrained(str(self.folder))
        if not self.tokenizer.is_fast or not hasattr(self.model, "layers"):
            raise ArtifactError(
                f"{self.folder}: a {type(self.model).__name__} with a {type(self.tokenizer).__name__}; needed is a "
                "causal language model of layers (Llama, Qwen, Mistral, Gemma, ...) with a fast tokenizer"
            )
        self._leave_out(config.layers)
        self._changed_by = ""
        self.precision = resolve(config.precision)

    @property
    def dimension(self) -> int:
        """Components of a state."""
        return int(self.model.config.hidden_size)

    @property
    def fingerprint(self) -> str:
        """Of weights and settings: equal fingerprints give equal states."""
        settings = {
            "changed_by": self._changed_by,
            "layers": self.config.layers,
            "max_length": self.config.max_length,
            "precision": self.precision,
        }
        return fingerprint(self.folder, settings)

    def mark_changed(self, key: str) -> None:
        """Say that the weights are no longer those of the folder, but what the run of that key made of them."""
        self._changed_by = key

    def tokens(self, conversations: Sequence[Conversation]) -> list[Tokens]:
        """Each conversation as ids."""
        return [tokens_of(one, self.tokenizer, max_length=self.config.max_length) for one in conversations]

    def states(self, tokens: Sequence[Tokens]) -> NDArray[np.float32]:
        """The states at the last token of prompt and of answer, side by side: (len(tokens), 2 * dimension).

        Raises InputError if the model gives NaN or infinity.
        """
        with torch.inference_mode(), self.autocast():
            found_B2D: NDArray[np.float32] = self.forward(tokens).float().cpu().numpy()
        if not np.isfinite(found_B2D).all():
            raise InputError(f"{self.folder}: gives NaN or infinity; its weights are damaged, or precision is too low")
        return found_B2D.reshape(len(tokens), -1)

    def forward(self, tokens: Sequence[Tokens]) -> torch.Tensor:
        """The same as a tensor (len(tokens), 2, dimension), with gradients where they are wanted."""
        length = max(len(one.ids) for one in tokens)
        ids_BT = torch.zeros((len(tokens), length), dtype=torch.long)
        mask_BT = torch.zeros((len(tokens), length), dtype=torch.long)
        for row, one in enumerate(tokens):
            ids_BT[row, : len(one.ids)], mask_BT[row, : len(one.ids)] = torch.tensor(one.ids), 1
        places_B2 = torch.tensor([[one.prompt - 1, len(one.ids) - 1] for one in tokens], device=self.device)
        hidden_BTD = self.model(
            input_ids=ids_BT.to(self.device), attention_mask=mask_BT.to(self.device), use_cache=False
        ).last_hidden_state
        rows_B1 = torch.arange(len(tokens), device=self.device)[:, None]
        found: torch.Tensor = hidden_BTD[rows_B1, places_B2]
        return found

    def autocast(self) -> AbstractContextManager[Any]:
        """The arithmetic of the configuration."""
        if self.precision == "bf16":
            context: AbstractContextManager[Any] = torch.autocast(self.device.partition(":")[0], torch.bfloat16)
            return context
        return nullcontext()

    def save(self, folder: Path) -> None:
        """Write model and tokenizer as an ordinary Hugging Face folder."""
        with quiet():
            self.model.save_pretrained(folder)
            self.tokenizer.save_pretrained(folder)

    def _leave_out(self, layers: int | None) -> None:
        """Drop the layers behind the first `layers`."""
        if layers is None:
            return
        if layers > len(self.model.layers):
            raise ConfigError(f"layers {layers}: {self.folder} has {len(self.model.layers)}; null takes all of them")
        self.model.layers = self.model.layers[:layers]
        self.model.config.num_hidden_layers = layers
        if getattr(self.model.config, "layer_types", None):
            self.model.config.layer_types = self.model.config.layer_types[:layers]
