"""Masked language models as `MaskFiller`: how likely each option is in the place of `[MASK]`."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, ConfigError, InputError, require
from mecelle.models.folders import find_folder, fingerprint
from mecelle.models.loading import check_device, told_when_unloadable
from mecelle.models.quiet import quiet

PLACE = "[MASK]"
"""The place to fill, however the model itself writes its mask token."""

Scoring = Literal["word_left_to_right", "one_at_a_time"]
"""Which tokens of an option are hidden while one of them is scored.

one_at_a_time: that one alone (pseudo-log-likelihood, Salazar et al. 2020, "Masked Language Model Scoring", eq. 2). It
favours options of many tokens, since the rest of a rare word gives each part away.
word_left_to_right: that one and all after it (Kauf and Ivanova 2023, "A Better Way to Do Masked Language Model
Scoring"), which is the chain rule over the option's tokens."""


def load_mask_filler(
    name: str | Path,
    *,
    device: str = "cpu",
    batch_size: int = 32,
    max_length: int | None = None,
    scoring: Scoring = "word_left_to_right",
) -> "MaskedModel":
    """The masked language model called `name`: a folder or a hub id.

    Raises ArtifactError if there is no masked language model in it, InputError for a hub id that cannot be had.
    """
    if batch_size < 1:
        raise ConfigError(f"batch_size {batch_size}: allowed is 1 or more sequences at a time")
    folder = find_folder(name)
    return MaskedModel(
        folder, name=str(name), device=device, batch_size=batch_size, max_length=max_length, scoring=scoring
    )


class MaskedModel:
    """A Hugging Face folder with a masked-LM head and its fast tokenizer."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        device: str,
        batch_size: int,
        max_length: int | None,
        scoring: Scoring,
    ) -> None:
        self.name, self.folder, self.device, self.batch_size, self.scoring = name, folder, device, batch_size, scoring
        self.model, self.tokenizer = _load(folder, device)
        limit = getattr(self.model.config, "max_position_embeddings", None) or self.tokenizer.model_max_length
        self.max_length = min(max_length or limit, limit, self.tokenizer.model_max_length)
        self.truncated_texts = 0
        """How many options were scored in a shortened sentence, since the whole was longer than the model reads."""

    @cached_property
    def fingerprint(self) -> str:
        """Hash of weights, tokenizer, length limit and way of scoring."""
        return fingerprint(self.folder, {"max_length": self.max_length, "scoring": self.scoring})

    def score_options(self, sentence: str, options: Sequence[str]) -> NDArray[np.float64]:
        """Log-probability of each option in the place of `[MASK]`, in nats, summed over its tokens.

        The sentence is shortened evenly around the place if it is longer than the model reads.
        Raises InputError unless `[MASK]` stands in the sentence once and no option is empty.
        """
        if sentence.count(PLACE) != 1:
            raise InputError(f"{PLACE} stands {sentence.count(PLACE)} times in {sentence[:80]!r}; expected once")
        before, after = sentence.split(PLACE)
        rows: list[tuple[int, list[int], int]] = []  # option, its ids with masks, position that is scored
        targets: list[int] = []
        for number, option in enumerate(options):
            ids, start, end = self._place(before, option, after)
            for position in range(start, end):
                hidden = range(position, end if self.scoring == "word_left_to_right" else position + 1)
                masked = [self.tokenizer.mask_token_id if at in hidden else token for at, token in enumerate(ids)]
                rows.append((number, masked, position))
                targets.append(ids[position])
        scores = np.zeros(len(options), dtype=np.float64)
        for first in range(0, len(rows), self.batch_size):
            batch = rows[first : first + self.batch_size]
            for (number, _, _), score in zip(batch, self._log_probabilities(batch, targets[first:]), strict=True):
                scores[number] += score
        return scores

    def _place(self, before: str, option: str, after: str) -> tuple[list[int], int, int]:
        """Ids of the sentence with `option` in its place, and the half-open range of the option's tokens."""
        encoding = self.tokenizer(before + option + after, return_offsets_mapping=True, verbose=False)
        ids, offsets = list(encoding["input_ids"]), encoding["offset_mapping"]
        begin, finish = len(before), len(before) + len(option)
        inside = [at for at, (left, right) in enumerate(offsets) if left < finish and right > begin and left < right]
        if not option.strip() or not inside:
            raise InputError(f"option {option!r} has no token of its own; every option needs a letter or digit")
        start, end = inside[0], inside[-1] + 1
        if len(ids) > self.max_length:
            self.truncated_texts += 1
            ids, start, end = _around(ids, start, end, self.max_length)
        return ids, start, end

    def _log_probabilities(self, batch: list[tuple[int, list[int], int]], targets: list[int]) -> list[float]:
        import torch

        rows_of_ids = {"input_ids": [ids for _, ids, _ in batch]}
        # On the right, whatever the tokenizer prefers: positions are counted from the left.
        inputs = self.tokenizer.pad(rows_of_ids, padding_side="right", return_tensors="pt").to(self.device)
        places = torch.tensor([position for _, _, position in batch], device=self.device)
        wanted = torch.tensor(targets[: len(batch)], device=self.device)
        with torch.inference_mode():
            logits_BTV = self.model(**inputs).logits
        rows = torch.arange(len(batch), device=self.device)
        chosen_BV = torch.log_softmax(logits_BTV[rows, places].float(), dim=-1)
        scores: list[float] = chosen_BV[rows, wanted].double().tolist()
        return scores


def _around(ids: list[int], start: int, end: int, length: int) -> tuple[list[int], int, int]:
    """`length` ids around start..end; the first and the last id (the specials) stay."""
    inner = length - 2
    if end - start > inner:
        raise InputError(f"an option of {end - start} tokens does not fit in {length} tokens, two of them specials")
    room = inner - (end - start)
    left = min(max(start - room // 2, 1), len(ids) - 1 - inner)
    return [ids[0], *ids[left : left + inner], ids[-1]], start - left + 1, end - left + 1


def _load(folder: Path, device: str) -> tuple[Any, Any]:
    library = require("transformers", extra="train", why=f"The model {folder}")
    check_device(device)
    with quiet(), told_when_unloadable(folder, "a masked language model"):
        model, report = library.AutoModelForMaskedLM.from_pretrained(str(folder), output_loading_info=True)
        tokenizer = library.AutoTokenizer.from_pretrained(str(folder))
        model = model.to(device).eval()
    if report["missing_keys"]:
        raise ArtifactError(
            f"{folder}: {len(report['missing_keys'])} weights are missing, such as '{min(report['missing_keys'])}': an "
            "encoder without its masked-LM head (an embedding model?) cannot fill masks; give the pre-trained encoder"
        )
    if tokenizer.mask_token_id is None or not tokenizer.is_fast:
        raise ArtifactError(f"{folder}: its tokenizer has no mask token, or is not a fast one; both are needed")
    return model, tokenizer
