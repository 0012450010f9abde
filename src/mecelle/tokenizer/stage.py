"""The stage "tokenizer": a corpus and lists of terms in, a Hugging Face tokenizer out."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.collection import read_documents
from mecelle.base.config import Config
from mecelle.base.errors import InputError
from mecelle.base.progress import track
from mecelle.base.seeds import generator
from mecelle.tokenizer import folder, seeding
from mecelle.tokenizer.alphabet import choose_alphabet
from mecelle.tokenizer.measure import measure
from mecelle.tokenizer.survey import Survey, survey
from mecelle.tokenizer.train import ALGORITHMS

STAGE = "tokenizer"
VERSION = 1

SEEDS_FILE = "seeds.json"


class TokenizerConfig(Config):
    """How a tokenizer is trained."""

    algorithm: str = "wordpiece.v1"
    """A file of tokenizer/train/, by its registered name."""
    vocab_size: int = Field(default=32_000, ge=1)
    """Tokens, special tokens included. HukukBERT §3.3 takes 48,000, the usual Turkish models 32,000."""
    least_pair_count: int = Field(default=2, ge=1)
    """How often two pieces must stand together in the corpus to be joined."""
    alphabet_coverage: float = Field(default=0.9999, gt=0, le=1)
    """Share of the corpus's running characters whose characters get a token, 0..1; the rest is unknown."""
    seed_share: float = Field(default=0.25, ge=0, lt=1)
    """Share of the vocabulary that seeds may take at most, 0..1; the most frequent terms come first."""
    least_term_occurrences: int = Field(default=1, ge=1)
    """How often a term must stand in the corpus, outside dictionaries, to become a seed."""
    max_length: int = Field(default=1_024, ge=3)
    """Tokens after which transformers truncates, if asked to; the encoder writes its own when it is saved."""
    measured_texts: int = Field(default=200, ge=1)
    """Documents of the corpus, drawn by the seed, on which the finished tokenizer is measured."""


def train_tokenizer(corpus: Path, out: Path, config: TokenizerConfig, *, seed: int, seeds: Sequence[Path] = ()) -> None:
    """Train a tokenizer on the documents of `corpus` (an artifact, a folder of shards, or one shard).

    seeds: files with terms, beside the terms of the corpus's own dictionary documents.
    Raises InputError for a corpus without words or a seed file that cannot be used, ConfigError for a vocabulary
    smaller than its alphabet.
    """
    train = ALGORITHMS.get(config.algorithm)
    inputs = {"corpus": corpus, **{f"seeds_{number}": path for number, path in enumerate(seeds)}}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        terms = _terms(corpus, seeds)
        found = survey(
            track(read_documents(corpus), "survey for the tokenizer"),
            {form for term in terms for form in seeding.forms(term)},
            sample=config.measured_texts,
            rng=generator(seed, STAGE, "measure"),
            accounts=run.accounts,
        )
        if not found.words:
            raise InputError(
                f"{corpus}: {run.accounts.seen:,} documents and no word in them; a tokenizer needs a corpus with text"
            )
        chosen = seeding.choose(
            terms,
            found.forms,
            least_occurrences=config.least_term_occurrences,
            room=int(config.seed_share * config.vocab_size),
        )
        tokenizer = train(
            _texts(corpus),
            vocab_size=config.vocab_size,
            seeds=chosen.tokens,
            alphabet=choose_alphabet(found.characters, coverage=config.alphabet_coverage),
            least_pair_count=config.least_pair_count,
        )
        folder.save(tokenizer, run.folder, max_length=config.max_length)
        (run.folder / SEEDS_FILE).write_text(chosen.model_dump_json(indent=1) + "\n", encoding="utf-8")
        run.figures.update(_figures(found, chosen))
        run.figures["measured"] = measure(tokenizer, found.sample).model_dump()


def _terms(corpus: Path, seeds: Sequence[Path]) -> list[str]:
    raw = [term for path in seeds for term in seeding.read_terms(path)]
    raw += [term for document in read_documents(corpus) if (term := seeding.document_term(document))]
    return seeding.clean_terms(raw)


def _texts(corpus: Path) -> Iterator[str]:
    return (document.text for document in track(read_documents(corpus), "train the tokenizer"))


def _figures(found: Survey, chosen: seeding.Seeds) -> dict[str, object]:
    reasons = sorted({one.reason for one in chosen.dropped})
    return {
        "words": found.words,
        "characters": found.characters.total(),
        "terms_kept": len(chosen.kept),
        "terms_dropped": {reason: sum(one.reason == reason for one in chosen.dropped) for reason in reasons},
        "seed_tokens": len(chosen.tokens),
        "seed_tokens_never_seen": sum(not found.forms[form] for form in chosen.tokens),
    }
