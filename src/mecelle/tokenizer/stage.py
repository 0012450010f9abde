"""The stage "tokenizer": a corpus and lists of terms in, a Hugging Face tokenizer out."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import orjson
from pydantic import Field
from tokenizers import Tokenizer

from mecelle.base import artifacts
from mecelle.base.config import Config
from mecelle.base.errors import InputError
from mecelle.corpus.mixing.targets import Balance
from mecelle.text.morphology import analysers
from mecelle.tokenizer import folder, seeding
from mecelle.tokenizer.alphabet import ALWAYS, choose_alphabet, count_characters
from mecelle.tokenizer.counting import Counts, count_words, weigh
from mecelle.tokenizer.families import get_family
from mecelle.tokenizer.measure import measure
from mecelle.tokenizer.morphemes import segment_words
from mecelle.tokenizer.patterns import Pattern, get_pattern
from mecelle.tokenizer.train import ALGORITHMS
from mecelle.tokenizer.weighting import category_factors

STAGE = "tokenizer"
VERSION = 3

SEEDS_FILE = "seeds.json"

_AMPLE = 10_000  # tokens: room for any alphabet

DEFAULT_PATTERNS = {"bpe.v1": "llama.v1"}
"""Pattern of an algorithm, where none is named; digits.v1 for all others."""


class TokenizerConfig(Config):
    """How a tokenizer is trained."""

    algorithm: str = "wordpiece.v1"
    """A file of tokenizer/train/, by its registered name."""
    pattern: str | None = None
    """How a text becomes words (tokenizer/patterns.py); null: llama.v1 for bpe.v1, else digits.v1."""
    family: str = "modernbert"
    """Whose special tokens: bert, modernbert, qwen3."""
    segmentation: str | None = None
    """Morphological analyser whose boundaries no learned piece crosses, such as akana.v1; null: none."""
    vocab_size: int = Field(default=32_000, ge=1)
    """Tokens, special tokens included. HukukBERT §3.3 takes 48,000, the usual Turkish models 32,000."""
    least_pair_count: int = Field(default=2, ge=1)
    """How often two pieces must stand together in the corpus to be joined."""
    alphabet_coverage: float = Field(default=0.9999, gt=0, le=1)
    """Share of the corpus's running characters whose characters get a token, 0..1; the rest is unknown."""
    weights: dict[str, float] = Field(default_factory=dict)
    """How often the words of a category count, by category or its first words ("MEVZUAT": 2.0); all others once."""
    balance: Balance | None = None
    """Weights that bring the categories to these targets, as `corpus mix` would by copies; its result needs none."""
    seed_share: float = Field(default=0.25, ge=0, lt=1)
    """Share of the vocabulary that seeds may take at most, 0..1; the most frequent terms come first."""
    least_term_occurrences: int = Field(default=1, ge=1)
    """How often a term must stand in the corpus, outside dictionaries, to become a seed."""
    max_length: int = Field(default=1_024, ge=3)
    """Tokens after which transformers truncates, if asked to; the encoder writes its own when it is saved."""
    measured_texts: int = Field(default=200, ge=1)
    """Documents of the corpus, drawn by the seed, on which the finished tokenizer is measured."""


PRESETS: dict[str, TokenizerConfig] = {
    "hukukbert": TokenizerConfig(vocab_size=48_000, pattern="bert.v1", family="bert", max_length=512),
    "mecellem": TokenizerConfig(algorithm="bpe.v1", vocab_size=59_008),
}
"""Tokenizers of the papers: HukukBERT §3.3, Mecellem §3.3.3 and Table 4."""


def train_tokenizer(corpus: Path, out: Path, config: TokenizerConfig, *, seed: int, seeds: Sequence[Path] = ()) -> None:
    """Train a tokenizer on the documents of `corpus` (an artifact, a folder of shards, or one shard), read once.

    seeds: files with terms, beside the terms of the corpus's own dictionary documents.
    Raises InputError for a corpus without words or seed files that cannot be used, ConfigError for a vocabulary
    smaller than its alphabet, or for names that are not registered.
    """
    train = _trainer(config)
    # What cannot go together is told before the corpus is read.
    train({}, seeds=[], alphabet=sorted(ALWAYS), vocab_size=_AMPLE)
    if config.segmentation:
        analysers.get(config.segmentation)
    inputs = {"corpus": corpus, **{f"seeds_{number}": path for number, path in enumerate(seeds)}}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        rows = [term for path in seeds for term in seeding.read_terms(path)]
        counts = _counts(corpus, config, run, seed)
        occurrences = counts.occurrences()
        chosen = seeding.choose(
            rows,
            occurrences,
            explained=counts.terms,
            least_occurrences=config.least_term_occurrences,
            room=_room(config),
        )
        factors = category_factors(counts.sizes, config.weights, config.balance)
        words = weigh(counts.words, factors)
        alphabet = choose_alphabet(count_characters(words), coverage=config.alphabet_coverage)
        if config.segmentation:
            words = segment_words(words, analyser=config.segmentation)
        run.figures.update(_figures(counts, factors))
        # First without seeds, which shows their cost; the second training mostly finds the pairs of the first.
        tokenizer = without = train(words, seeds=[], alphabet=alphabet)
        if chosen.kept:
            tokenizer = train(words, seeds=chosen.tokens, alphabet=alphabet)
        cost = seeding.cost(chosen, without=without, seeded=tokenizer, words=words, occurrences=occurrences)
        violations = seeding.verify(tokenizer, chosen.tokens)
        report = chosen.model_dump() | {
            "cost": cost.model_dump(),
            "violations": [one.model_dump() for one in violations],
        }
        (run.folder / SEEDS_FILE).write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
        run.figures["seeds"] = _seed_figures(chosen, cost, violations, occurrences)
        folder.save(tokenizer, run.folder, family=get_family(config.family), max_length=config.max_length)
        run.figures["measured"] = measure(tokenizer, [text for _, text in counts.sample]).model_dump()


def _trainer(config: TokenizerConfig) -> "partial[Tokenizer]":
    """The algorithm with all that `config` fixes; wants words, seeds and alphabet."""
    return partial(
        ALGORITHMS.get(config.algorithm),
        vocab_size=config.vocab_size,
        pattern=_pattern(config),
        family=get_family(config.family),
        least_pair_count=config.least_pair_count,
    )


def _pattern(config: TokenizerConfig) -> Pattern:
    return get_pattern(config.pattern or DEFAULT_PATTERNS.get(config.algorithm, "digits.v1"))


def _room(config: TokenizerConfig) -> int:
    """Forms that may be seeds: where tokens hold their spaces, each is two tokens."""
    return int(config.seed_share * config.vocab_size) // (2 if _pattern(config).keeps_spaces else 1)


def _counts(corpus: Path, config: TokenizerConfig, run: artifacts.Run, seed: int) -> Counts:
    size = config.balance.size if config.balance else None
    counts = count_words(corpus, _pattern(config), sample=config.measured_texts, size=size, seed=seed)
    run.accounts = counts.accounts
    if not counts.accounts.kept:
        raise InputError(
            f"{corpus}: {run.accounts.seen:,} documents and no word in them; a tokenizer needs a corpus with text"
        )
    return counts


def _figures(counts: Counts, factors: Mapping[str, float]) -> dict[str, object]:
    return {
        "words": sum(words.total() for words in counts.words.values()),
        "distinct_words": len(set().union(*counts.words.values())),
        "categories": {name: {"size": size, "factor": factors[name]} for name, size in sorted(counts.sizes.items())},
        "decomposed": counts.decomposed,
        "pruned": dict(sorted(counts.pruned.items())),
    }


def _seed_figures(
    chosen: seeding.Seeds, cost: seeding.Cost, violations: Sequence[seeding.Violation], occurrences: Mapping[str, int]
) -> dict[str, object]:
    return {
        "terms": chosen.rows,
        "kept": len(chosen.kept),
        "dropped": chosen.reasons,
        "never_seen": sum(not occurrences.get(form) for form in chosen.tokens),
        "violations": len(violations),
        **cost.model_dump(exclude={"terms", "displaced"}),
    }
