"""Masked language models as `MaskFiller`, and as `TextScorer` by pseudo-log-likelihood."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.base.protocols import Fate, Likelihood, OptionScores, Placing, Scoring, Span, SpanHits, TextScores
from mecelle.base.seeds import generator
from mecelle.models.folders import find_folder, fingerprint
from mecelle.models.loading import load_with_head, positions_of
from mecelle.models.placing import Placed, around, counted, halves, owners_of
from mecelle.models.sequences import Query, ask, bytes_before, target_scores, windows
from mecelle.text.casing import lower

_PROBE = "dava"
"""A word that stands in for `[MASK]` while the sentence around it is tokenised."""
_CASE_PROBE = "Yargıtay Hukuk Genel Kurulu"


def load_mask_filler(
    name: str | Path, *, device: str = "cpu", batch_size: int = 32, max_length: int | None = None
) -> "MaskedModel":
    """The masked language model called `name`: a folder or a hub id.

    max_length: tokens that it reads at a time, specials included; None takes the model's own limit.
    Raises ArtifactError if there is no masked language model in it, InputError for a hub id that cannot be had.
    """
    if batch_size < 1:
        raise ConfigError(f"batch_size {batch_size}: allowed is 1 or more sequences at a time")
    return MaskedModel(find_folder(name), name=str(name), device=device, batch_size=batch_size, max_length=max_length)


class MaskedModel:
    """A Hugging Face folder with a masked-LM head and its fast tokenizer."""

    likelihood: Likelihood = "pseudo-likelihood"

    def __init__(self, folder: Path, *, name: str, device: str, batch_size: int, max_length: int | None) -> None:
        self.name, self.folder, self.device, self.batch_size = name, folder, device, batch_size
        self.model, self.tokenizer = load_with_head(folder, "masked-LM", device=device)
        if self.tokenizer.mask_token_id is None:
            raise ArtifactError(f"{folder}: its tokenizer has no mask token; a masked language model needs one")
        limit = positions_of(self.model) or self.tokenizer.model_max_length
        self.max_length = min(max_length or limit, limit, self.tokenizer.model_max_length)
        self.truncated_texts = 0
        """How many sequences were longer than the model reads, and shortened."""

    @cached_property
    def fingerprint(self) -> str:
        """Hash of weights, tokenizer and length limit."""
        return fingerprint(self.folder, {"max_length": self.max_length})

    @cached_property
    def cased(self) -> bool:
        """Whether the tokenizer tells capital letters from small ones."""
        return bool(self._ids(_CASE_PROBE) != self._ids(lower(_CASE_PROBE)))

    def score_options(
        self,
        sentences: Sequence[str],
        options: Sequence[Sequence[str]],
        *,
        scoring: Scoring = "word_left_to_right",
        placing: Placing = "in_sentence",
    ) -> list[OptionScores]:
        """The options of each sentence in the place of its one `[MASK]`, summed over their tokens.

        A sentence is shortened evenly around the place if it is longer than the model reads.
        Raises InputError unless `[MASK]` stands in each sentence once and no option is empty.
        """
        place = self._place if placing == "in_sentence" else self._place_apart
        placed = [[place(*halves(s), option) for option in own] for s, own in zip(sentences, options, strict=True)]
        scores = iter(self._score([one for own in placed for one in own], scoring))
        return [
            OptionScores(
                np.array([next(scores).sum() for _ in own], dtype=np.float64),
                np.array([len(one.places) for one in own], dtype=np.int64),
            )
            for own in placed
        ]

    def predict_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]],
        fates: Sequence[Sequence[Fate]],
        *,
        k: int,
        seed: int,
    ) -> list[SpanHits]:
        """How many tokens of each span are predicted, all spans of a text at once; a token counts for one span."""
        ordinary = np.setdiff1d(np.arange(len(self.tokenizer)), self.tokenizer.all_special_ids)
        queries, owners = [], []
        for number, (text, own, fate) in enumerate(zip(texts, spans, fates, strict=True)):
            encoding = self._encode(text)
            ids, owner = list(encoding["input_ids"]), owners_of(encoding["offset_mapping"], own)
            places = [at for at, span in enumerate(owner) if span >= 0 and at < self.max_length - 1]
            self.truncated_texts += len(ids) > self.max_length
            targets = [ids[at] for at in places]
            others = generator(seed, "random tokens", number).choice(ordinary, len(places))
            for at, other in zip(places, others.tolist(), strict=True):
                shown = {"masked": self.tokenizer.mask_token_id, "random": other, "kept": ids[at]}
                ids[at] = shown[fate[owner[at]]]
            if len(ids) > self.max_length:
                ids = [*ids[: self.max_length - 1], ids[-1]]
            queries.append(Query(ids, places, targets))
            owners.append([owner[at] for at in places])

        def hits(log_PV: Any, targets_P: Any) -> Any:
            best_PK = log_PV.topk(k, dim=-1).indices
            return (best_PK == targets_P[:, None]).cumsum(-1)[:, [0, -1]]

        found = self._ask(queries, hits)
        return [counted(own, places, hit) for own, places, hit in zip(spans, owners, found, strict=True)]

    def token_spans(self, text: str) -> list[Span]:
        """Where the tokens of a text stand; tokens of nothing (specials, a lone space) are left out."""
        return sorted({(left, right) for left, right in self._encode(text)["offset_mapping"] if left < right})

    def fill(self, sentence: str, *, k: int) -> list[tuple[str, float]]:
        """The k most likely tokens in the place of `[MASK]`, with probabilities; `##` marks the inside of a word."""
        import torch

        before, after = halves(sentence)
        placed = self._place(before, after, _PROBE)
        first, last = placed.places[0], placed.places[-1]
        ids = [*placed.ids[:first], self.tokenizer.mask_token_id, *placed.ids[last + 1 :]]

        def read(log_PV: Any, _targets: Any) -> Any:
            top = log_PV[0].cpu().double().topk(k)  # MPS has no float64
            return torch.stack([top.indices.double(), top.values.exp()])

        ((tokens, probabilities),) = self._ask([Query(ids, [first], [0])], read)
        return [(self._written(int(one)), float(p)) for one, p in zip(tokens, probabilities, strict=True)]

    def score_texts(
        self,
        texts: Sequence[str],
        *,
        context: int,
        stride: int | None = None,
        scoring: Scoring = "word_left_to_right",
    ) -> TextScores:
        """Pseudo-log-likelihood: each token hidden once, one pass of the model for each. For `context` and `stride`
        see `TextScorer`."""
        rows = []
        for text in texts:  # one at a time: a text of T tokens makes T sequences of T tokens
            encoding = self._encode(text)
            ids, special = encoding["input_ids"], encoding["special_tokens_mask"]
            inner = [at for at, one in enumerate(special) if not one]
            ahead, behind = ids[: inner[0]] if inner else ids, ids[inner[-1] + 1 :] if inner else []
            size = min(context, self.max_length) - len(ahead) - len(behind)
            found = windows(len(inner), size=size, stride=stride)
            self.truncated_texts += found[-1][1] < len(inner)
            words = encoding.word_ids()
            placed = [
                Placed(
                    [*ahead, *(ids[at] for at in inner[start:end]), *behind],
                    [len(ahead) + at - start for at in range(first, end)],
                    [words[inner[at]] for at in range(first, end)],
                )
                for start, end, first in found
            ]
            nats = -sum(float(scores.sum()) for scores in self._score(placed, scoring))
            end = found[-1][1]
            scored = bytes_before(text, [encoding["offset_mapping"][inner[end - 1]][1]])[0] if end else 0
            rows.append((nats, end, scored))
        nats_of, tokens, sizes = zip(*rows, strict=True) if rows else ((), (), ())
        return TextScores(np.array(nats_of, np.float64), np.array(tokens, np.int64), np.array(sizes, np.int64))

    def _score(self, placed: Sequence[Placed], scoring: Scoring) -> list[NDArray[np.float64]]:
        """Log-probability of the token at each place."""
        queries = [one.queries(self.tokenizer.mask_token_id, scoring) for one in placed]
        answers = iter(self._ask([query for own in queries for query in own], target_scores))
        return [np.concatenate([next(answers) for _ in own]) for own in queries]

    def _place(self, before: str, after: str, option: str) -> Placed:
        """The sentence with `option` in its place, tokenised as running text."""
        encoding = self._encode(before + option + after)
        begin, finish = len(before), len(before) + len(option)
        spans = encoding["offset_mapping"]
        places = [at for at, (left, right) in enumerate(spans) if left < finish and right > begin and left < right]
        words = encoding.word_ids()
        return self._fitted(Placed(list(encoding["input_ids"]), places, [words[at] for at in places]), option)

    def _place_apart(self, before: str, after: str, option: str) -> Placed:
        """The sentence with as many masks as `option` has tokens alone, and these tokens in their places."""
        encoding = self.tokenizer(option, add_special_tokens=False)
        tokens, mask = encoding["input_ids"], self.tokenizer.mask_token_id
        ids = list(self._encode(before + " ".join([self.tokenizer.mask_token] * len(tokens)) + after)["input_ids"])
        places = [at for at, token in enumerate(ids) if token == mask]
        for at, token in zip(places, tokens, strict=True):
            ids[at] = token
        return self._fitted(Placed(ids, places, encoding.word_ids()), option)

    def _fitted(self, placed: Placed, option: str) -> Placed:
        if not option.strip() or not placed.places:
            raise InputError(f"option {option!r} has no token of its own; every option needs a letter or digit")
        if len(placed.ids) <= self.max_length:
            return placed
        self.truncated_texts += 1
        first = placed.places[0]
        ids, start, _ = around(placed.ids, first, placed.places[-1] + 1, self.max_length)
        return Placed(ids, [place - first + start for place in placed.places], placed.words)

    def _written(self, token: int) -> str:
        """A token as tables print it: what it adds behind another word."""
        tokenizer = self.tokenizer
        behind = tokenizer.convert_ids_to_tokens([self._ids(f"{_PROBE} {_PROBE}")[-1], token])
        text = str(tokenizer.convert_tokens_to_string(behind)).strip()
        alone = str(tokenizer.convert_tokens_to_string(behind[1:])).strip()
        inside = alone and not text.endswith(f" {alone}") and any(map(str.isalpha, alone))
        return f"##{alone.removeprefix('##')}" if inside else alone

    def _encode(self, text: str) -> Any:
        return self.tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True, verbose=False)

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _ask(self, queries: Sequence[Query], read: Any) -> list[NDArray[Any]]:
        pad = self.tokenizer.pad_token_id or 0
        return ask(self.model, queries, read, pad=pad, device=self.device, batch_size=self.batch_size)
