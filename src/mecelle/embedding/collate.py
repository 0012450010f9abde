"""Pairs to tensors: the two sides of a batch tokenised, padded to few different lengths."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from mecelle.embedding.gradient_cache import WIDTH_MULTIPLE


class PairCollator:
    """Makes the inputs of a sentence-transformers model from rows {query, document, negatives, label}.

    `label` is the number of the pair, by which the loss finds the guide's vectors and the grade.
    """

    valid_label_columns = ("label",)

    def __init__(self, tokenizer: PreTrainedTokenizerBase, *, max_length: int, prompts: Mapping[str, str]) -> None:
        """tokenizer: with a padding token. prompts: of the roles `query` and `document`."""
        self.tokenizer, self.max_length = tokenizer, max_length
        self.query_prompt, self.document_prompt = prompts["query"], prompts["document"]

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """`query_input_ids`, `query_attention_mask`, the same for `document`, and `label`.

        Documents are the answers in the order of the rows, then the hard negatives of the first row, of the second...
        """
        queries = [self.query_prompt + row["query"] for row in rows]
        documents = [row["document"] for row in rows] + [text for row in rows for text in row["negatives"]]
        batch: dict[str, Any] = {"label": torch.tensor([row["label"] for row in rows])}
        for side, texts in (
            ("query", queries),
            ("document", [self.document_prompt + text for text in documents]),
        ):
            batch |= {f"{side}_{name}": tensor for name, tensor in self.tokenise(texts).items()}
        return batch

    def tokenise(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Token ids and attention mask, shape (texts, longest length in tokens, rounded up)."""
        longest = self.max_length
        ids = self.tokenizer(list(texts), truncation=True, max_length=longest, add_special_tokens=True)["input_ids"]
        width = min(longest, -(-max(map(len, ids)) // WIDTH_MULTIPLE) * WIDTH_MULTIPLE)
        padded = self.tokenizer.pad({"input_ids": ids}, padding="max_length", max_length=width, return_tensors="pt")
        return {name: padded[name] for name in ("input_ids", "attention_mask")}
