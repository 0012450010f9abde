"""Stage "prune": a multilingual embedding model with the tokens that stated text needs, and their embeddings."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import torch
from numpy.typing import NDArray
from pydantic import Field
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError
from mecelle.base.progress import track
from mecelle.embedding.derived import Provenance, write_derived_card
from mecelle.embedding.model import save_model
from mecelle.embedding.pruning import unigram
from mecelle.models.folders import find_folder
from mecelle.models.loading import told_when_unloadable
from mecelle.models.quiet import quiet
from mecelle.tokenizer.measure.texts import Text, draw_sample

STAGE = "prune"
VERSION = 1

PASSAGE = 1_000
"""Characters of the passages that segmentation and vectors are compared on: about what a model reads at once."""
AT_A_TIME = 10_000


class PruneConfig(Provenance):
    """How much of a vocabulary stays."""

    size: int = Field(default=40_000, ge=100)
    """Most tokens that stay; fewer where the texts need fewer."""
    documents: int = Field(default=40_000, ge=2)
    """Documents drawn from the texts, whose tokens are counted."""
    compared: int = Field(default=1_000, ge=1)
    """Of them, documents that are not counted but compared, before and after, at most a tenth."""
    vectors: int = Field(default=200, ge=0)
    """Of the compared ones, how many are embedded by both models."""


def prune(model: Path | str, texts: Sequence[Path], out: Path, config: PruneConfig, *, seed: int) -> None:
    """Make the artifact `out` of stage "prune": a sentence-transformers folder with a smaller vocabulary.

    model: a sentence-transformers model with a Unigram tokenizer. texts: collections or files of what it will read.
    Figures tell the share of passages whose segmentation is unchanged, and cosines of vectors before and after, on
    documents that were not counted.
    Raises ArtifactError if the model does not load, ConfigError if its tokenizer is of another kind or `size` is too
    small, InputError if there is no text.
    """
    folder = find_folder(model)
    inputs: dict[str, Path | str] = {"model": model, **{f"texts_{n}": path for n, path in enumerate(texts)}}
    with (
        quiet(),
        artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run,
    ):
        before = _open(folder)
        state = orjson.loads(before.tokenizer.backend_tokenizer.to_str())
        unigram.check_unigram(state)
        counted, compared = _parted(texts, config, seed)
        counts = count_tokens(before.tokenizer, counted)
        kept = unigram.choose(state, counts, size=config.size)
        _save(before, unigram.pruned(state, kept.tolist()), kept, run.folder)
        run.figures |= {
            "tokens_before": len(counts),
            "tokens_after": len(kept),
            "tokens_seen": int((counts > 0).sum()),
            "share_of_counted_tokens_kept": round(float(counts[kept].sum() / counts.sum()), 6),
            **_compared(before, _open(run.folder), compared, config.vectors),
        }
        run.accounts.unit = "tokens"
        run.accounts.keep(len(kept))
        run.accounts.drop("never_seen", int((counts == 0).sum() - (counts[kept] == 0).sum()))
        run.accounts.drop("rare", int((counts > 0).sum() - (counts[kept] > 0).sum()))
        sentence = (
            f"Its vocabulary was cut from {len(counts):,} to {len(kept):,} tokens, those that Turkish text needs; "
            f"{run.figures['share_unchanged']:.2%} of {run.figures['passages']:,} other Turkish passages are cut into "
            "tokens as before."
        )
        write_derived_card(
            run.folder, base=model, title="A model with a pruned vocabulary", paragraphs=[sentence], provenance=config
        )


def count_tokens(tokenizer: Any, texts: Sequence[Text]) -> NDArray[np.int64]:
    """How often each token stands in the texts, shape (tokens of the tokenizer,); specials are not put around.

    Each word is cut once, however often it stands there: no piece reaches over a space.
    """
    words = Counter(word for text in texts for line in text.lines for word in line.split())
    counts = np.zeros(len(tokenizer), dtype=np.int64)
    for batch in track(list(_batches(list(words))), "count tokens", unit="batches"):
        found = [
            encoding.ids for encoding in tokenizer.backend_tokenizer.encode_batch_fast(batch, add_special_tokens=False)
        ]
        ids = np.array([token for tokens in found for token in tokens], dtype=np.int64)
        times = np.repeat([words[word] for word in batch], [len(tokens) for tokens in found])
        np.add.at(counts, ids, times)
    return counts


def _parted(texts: Sequence[Path], config: PruneConfig, seed: int) -> tuple[list[Text], list[Text]]:
    """Documents to count, and every n-th one to compare."""
    drawn = draw_sample(texts, most=config.documents, seed=seed).texts
    step = max(10, -(-len(drawn) // config.compared))
    compared = list(drawn[::step])
    return [text for number, text in enumerate(drawn) if number % step] or compared, compared


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), AT_A_TIME):
        yield list(texts[start : start + AT_A_TIME])


def _open(folder: Path) -> SentenceTransformer:
    with told_when_unloadable(folder, "an embedding model"):
        model = SentenceTransformer(str(folder), device="cpu").float()
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ConfigError(f"{folder}: its tokenizer is not a fast one, or the model is static; nothing to prune")
    backend.no_truncation()
    backend.no_padding()
    return model


def _save(model: SentenceTransformer, state: unigram.State, kept: NDArray[np.int64], folder: Path) -> None:
    """Write the model with the rows `kept` of its embedding; `model` itself stays whole."""
    with TemporaryDirectory() as place:
        save_model(model, Path(place))
        (Path(place) / "tokenizer.json").write_bytes(orjson.dumps(state))
        smaller = SentenceTransformer(place, device="cpu")
        transformer = smaller[0].auto_model
        rows = transformer.get_input_embeddings().weight[torch.from_numpy(kept)].detach().clone()
        transformer.resize_token_embeddings(len(kept), mean_resizing=False)
        transformer.get_input_embeddings().weight.data.copy_(rows)
        transformer.config.vocab_size = len(kept)
        tokenizer = AutoTokenizer.from_pretrained(place)
        transformer.config.pad_token_id = tokenizer.pad_token_id
        save_model(smaller, folder)


def _compared(
    before: SentenceTransformer, after: SentenceTransformer, texts: Sequence[Text], vectors: int
) -> dict[str, Any]:
    passages = [text.joined[:PASSAGE] for text in texts]
    old, new = (_pieces(model.tokenizer.backend_tokenizer, passages) for model in (before, after))
    unknown = before.tokenizer.unk_token
    figures: dict[str, Any] = {
        "passages": len(passages),
        "share_unchanged": round(sum(a == b for a, b in zip(old, new, strict=True)) / len(passages), 6),
        "tokens_of_passages_before": sum(map(len, old)),
        "tokens_of_passages_after": sum(map(len, new)),
        "unknown_before": sum(pieces.count(unknown) for pieces in old),
        "unknown_after": sum(pieces.count(unknown) for pieces in new),
    }
    if vectors:
        sides = [model.encode(passages[:vectors], normalize_embeddings=True) for model in (before, after)]
        cosines = (sides[0] * sides[1]).sum(axis=1)
        figures |= {"mean_cosine": round(float(cosines.mean()), 6), "least_cosine": round(float(cosines.min()), 6)}
    return figures


def _pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[str]]:
    return [encoding.tokens for batch in _batches(texts) for encoding in tokenizer.encode_batch(batch)]
