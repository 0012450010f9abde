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
from mecelle.models.loading import check_device, load_with_head, told_when_unloadable
from mecelle.models.precision import resolve
from mecelle.models.quiet import quiet
from mecelle.reward.config import RewardConfig
from mecelle.reward.conversation import Conversation, Tokens, tokens_of

LIKELIHOODS = ("mean", "lowest_tenth", "spread")
"""Of the logarithms of what the backbone gave to each token of the answer, its end included: nats."""


class Backbone:
    """A causal language model without its head; any that transformers loads, by hub id or folder."""

    def __init__(self, name: str | Path, config: RewardConfig, *, device: str = "cpu") -> None:
        """Raises ArtifactError if it does not load or has no fast tokenizer, InputError for a hub id that cannot be
        had, ConfigError if it has fewer layers than `config.layers`."""
        self.folder, self.device, self.config = find_folder(name), device, config
        self.precision = resolve(config.precision, device)
        self.whole, self.tokenizer = _loaded(self.folder, config, device)
        # transformers loads the dtype of the checkpoint; in bf16, steps of a small rate are rounded away.
        self._widened = self.whole.dtype != torch.float32 and (
            self.precision == "fp32" or config.regression.backbone_steps > 0
        )
        if self._widened:
            self.whole.float()
        self.model: Any = self.whole.base_model
        if not self.tokenizer.is_fast or not hasattr(self.model, "layers"):
            raise ArtifactError(
                f"{self.folder}: a {type(self.model).__name__} with a {type(self.tokenizer).__name__}; needed is a "
                "causal language model of layers (Llama, Qwen, Mistral, Gemma, ...) with a fast tokenizer"
            )
        self._leave_out(config.layers)
        self._changed_by = ""

    @property
    def dimension(self) -> int:
        """Components of a state."""
        return int(self.model.config.hidden_size)

    @property
    def columns(self) -> int:
        """Of what `states` gives."""
        return 2 * self.dimension + (len(LIKELIHOODS) if self.config.likelihood else 0)

    @property
    def fingerprint(self) -> str:
        """Of weights and settings: equal fingerprints give equal states."""
        settings = {
            "changed_by": self._changed_by,
            "layers": self.config.layers,
            "likelihood": self.config.likelihood,
            "max_length": self.config.max_length,
            "precision": self.precision,
        } | ({"weights": "fp32"} if self._widened else {})
        return fingerprint(self.folder, settings)

    def mark_changed(self, key: str) -> None:
        """Say that the weights are no longer those of the folder, but what the run of that key made of them."""
        self._changed_by = key

    def tokens(self, conversations: Sequence[Conversation]) -> list[Tokens]:
        """Each conversation as ids."""
        return [tokens_of(one, self.tokenizer, max_length=self.config.max_length) for one in conversations]

    def states(self, tokens: Sequence[Tokens]) -> NDArray[np.float32]:
        """The states at the last token of prompt and of answer, side by side, and behind them `LIKELIHOODS` where they
        are wanted: (len(tokens), columns).

        Raises InputError if the model gives NaN or infinity.
        """
        with torch.inference_mode(), self.autocast():
            hidden_BTD = self._hidden(tokens)
            found = [self._ends(hidden_BTD, tokens).flatten(1).float()]
            if self.config.likelihood:
                head = self.whole.get_output_embeddings()
                found.append(torch.stack([
                    _likelihoods(head(states_TD[one.prompt - 1 : len(one.ids) - 1]), one)
                    for states_TD, one in zip(hidden_BTD, tokens, strict=True)
                ]))  # fmt: skip
            found_BC: NDArray[np.float32] = torch.cat(found, dim=1).cpu().numpy()
        if not np.isfinite(found_BC).all():
            raise InputError(f"{self.folder}: gives NaN or infinity; its weights are damaged, or precision is too low")
        return found_BC

    def forward(self, tokens: Sequence[Tokens]) -> torch.Tensor:
        """The states of both ends as a tensor (len(tokens), 2, dimension), with gradients where they are wanted."""
        return self._ends(self._hidden(tokens), tokens)

    def _hidden(self, tokens: Sequence[Tokens]) -> torch.Tensor:
        length = max(len(one.ids) for one in tokens)
        ids_BT = torch.zeros((len(tokens), length), dtype=torch.long)
        mask_BT = torch.zeros((len(tokens), length), dtype=torch.long)
        for row, one in enumerate(tokens):
            ids_BT[row, : len(one.ids)], mask_BT[row, : len(one.ids)] = torch.tensor(one.ids), 1
        found: torch.Tensor = self.model(
            input_ids=ids_BT.to(self.device), attention_mask=mask_BT.to(self.device), use_cache=False
        ).last_hidden_state
        return found

    def _ends(self, hidden_BTD: torch.Tensor, tokens: Sequence[Tokens]) -> torch.Tensor:
        places_B2 = torch.tensor([[one.prompt - 1, len(one.ids) - 1] for one in tokens], device=self.device)
        rows_B1 = torch.arange(len(tokens), device=self.device)[:, None]
        return hidden_BTD[rows_B1, places_B2]

    def autocast(self) -> AbstractContextManager[Any]:
        """The arithmetic of the configuration."""
        if self.precision == "bf16":
            context: AbstractContextManager[Any] = torch.autocast(self.device.partition(":")[0], torch.bfloat16)
            return context
        return nullcontext()

    def save(self, folder: Path) -> None:
        """Write model and tokenizer as an ordinary Hugging Face folder."""
        with quiet():
            self.whole.save_pretrained(folder)
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


def _loaded(folder: Path, config: RewardConfig, device: str) -> tuple[Any, Any]:
    """The model, with its head where likelihoods are wanted, and its tokenizer."""
    if config.likelihood:
        return load_with_head(folder, "causal-LM", device=device)
    from transformers import AutoModel, AutoTokenizer

    check_device(device)
    with quiet(), told_when_unloadable(folder, "a causal language model"):
        model = AutoModel.from_pretrained(str(folder)).to(device).eval()
        return model, AutoTokenizer.from_pretrained(str(folder))


def _likelihoods(logits_TV: torch.Tensor, tokens: Tokens) -> torch.Tensor:
    """`LIKELIHOODS` of one answer; 0 for one that was cut away."""
    answer = torch.tensor(tokens.ids[tokens.prompt :], device=logits_TV.device)
    if not len(answer):
        return torch.zeros(len(LIKELIHOODS), device=logits_TV.device)
    given_T = logits_TV.float().log_softmax(dim=-1)[torch.arange(len(answer)), answer]
    return torch.stack([given_T.mean(), given_T.quantile(0.1), given_T.std(correction=0)])
