"""Stage "pairs": (query, document) pairs from a training artifact."""

import inspect
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.artifacts import hash_input
from mecelle.base.collection import read_documents
from mecelle.base.config import Config
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.progress import track
from mecelle.base.seeds import derive
from mecelle.corpus.decontamination.gate import check
from mecelle.documents.passages import passages
from mecelle.embedding.pairs.articles import is_repealed
from mecelle.embedding.pairs.cited import CitedArticles
from mecelle.embedding.pairs.kinds import KINDS, PairKind
from mecelle.embedding.pairs.leakage import LeakageGate, evaluation_queries, named
from mecelle.embedding.pairs.nearest import COPIED_WORDS, flat
from mecelle.embedding.pairs.record import HELD_OUT, Pair, make_pair, write_pairs
from mecelle.embedding.pairs.split import hold_out
from mecelle.text.casing import fold
from mecelle.text.words import words

STAGE = "pairs"
VERSION = 6


class PairsConfig(Config):
    """Which pairs are made, and which are refused."""

    kinds: tuple[str, ...] = (
        "article_heading.v1",
        "act_and_heading.v1",
        "decision_summary.v1",
        "decision_subject.v1",
        "term_definition.v1",
        "question_answer.v1",
        "question_cited_article.v1",
        "decision_cited_article.v1",
        "sentence_passage.v1",
    )
    """Registered kinds, one file each in embedding/pairs/kinds/."""
    most_per_document: int = Field(default=400, ge=1)
    """Pairs of one kind from one document; a code of 1,500 articles must not drown a collection."""
    most_per_kind: int | None = Field(default=None, ge=1)
    """Pairs of one kind in all, drawn by the seed; null for no limit."""
    most_documents_per_query: int = Field(default=3, ge=1)
    """A query with more different answers than this ("Yürürlük") is ambiguous."""
    most_queries_per_document: int | None = Field(default=20, ge=1)
    """Pairs of one kind with the same text as answer, drawn by the seed: some articles are cited in every decision;
    null for no limit."""
    least_query_words: int = Field(default=1, ge=1)
    """Words of a query."""
    least_document_words: int = Field(default=3, ge=1)
    """Words of a document: definitions are short. Articles that only say that they were repealed go in any case."""
    copied_words: int = Field(default=COPIED_WORDS, ge=1)
    """A query of so many words or more that stands word for word in its document is refused. Shorter ones are terms of
    art that a text cannot avoid; the heading's own line is cut from the text in any case."""
    passage_words: int = Field(default=220, ge=20)
    """Most words of a document: the passages that the index holds."""
    leak_similarity: float = Field(default=0.7, gt=0.0, le=1.0)
    """Jaccard similarity of word sets from which a query counts as an evaluation query, 0..1."""
    held_out_pairs: int = Field(default=200, ge=0)
    """Pairs kept for the evaluation where there are no other queries, at most a tenth of all (but two where there are
    four and more); no text of them is trained on."""


def build_pairs(training: Path, out: Path, config: PairsConfig, *, seed: int, exclude: Sequence[Path] = ()) -> None:
    """Make the artifact `out` of stage "pairs" from the documents of `training`: pairs to train on, and held-out pairs.

    training: an artifact of stage "select" (or any collection of documents). exclude: files of evaluation queries that
    must not be trained on. Raises InputError if no pair is left, ConfigError for a kind that is not registered.
    """
    gate = LeakageGate(evaluation_queries(exclude), similarity=config.leak_similarity)
    makers = _makers(training, config)
    inputs: dict[str, Path | str] = {"training": training}
    inputs |= {f"exclude {name}": path for name, path in named(exclude).items()}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "pairs"
        run.figures["decontamination"] = check(training, ())  # the gate of this stage is `LeakageGate`, on the pairs
        drafted: list[Pair] = []
        for document in track(read_documents(training), "pairs", unit="documents"):
            pieces = passages(document, most_words=config.passage_words, overlap_words=0)
            for name, maker in makers.items():
                made = [make_pair(draft, kind=name) for draft in maker(document, pieces, seed=seed)]
                drafted += _capped(made, config.most_per_document, seed, run.accounts)
        sound = _spread(list(_sound(drafted, config, gate, run.accounts)), config, seed, run.accounts)
        kept = _within_quota(
            _unambiguous(sound, config.most_documents_per_query, run.accounts), config, seed, run.accounts
        )
        if not kept:
            raise InputError(
                f"{training}: no pair could be made ({run.accounts.sentence()}); pairs need acts with article "
                "headings, decisions with summaries, questions, dictionary terms, or passages of three sentences"
            )
        taught, held = hold_out(kept, most=config.held_out_pairs, seed=seed, accounts=run.accounts)
        write_pairs(taught, run.folder)
        write_pairs(held, run.folder, name=HELD_OUT)
        drafted_by_kind, kept_by_kind = (Counter(pair.kind for pair in some) for some in (drafted, taught))
        run.figures["kinds"] = {name: {"seen": drafted_by_kind[name], "kept": kept_by_kind[name]} for name in makers}
        run.figures["excluded_queries"] = {name: hash_input(path) for name, path in named(exclude).items()}


def _makers(training: Path, config: PairsConfig) -> dict[str, PairKind]:
    """The kinds by name; those that ask for the articles of the collection have them."""
    kinds = {name: KINDS.get(name) for name in config.kinds}
    asking = [name for name, kind in kinds.items() if "articles" in inspect.signature(kind).parameters]
    if asking:
        articles = CitedArticles.of(read_documents(training), most_words=config.passage_words)
        kinds |= {name: partial(kinds[name], articles=articles) for name in asking}
    return kinds


def _capped(made: list[Pair], most: int, seed: int, accounts: Accounts) -> list[Pair]:
    """At most `most` of the pairs, drawn by the seed, in their old order."""
    if len(made) <= most:
        return made
    accounts.drop("over_document_quota", len(made) - most)
    chosen = set(sorted((derive(seed, "quota", pair.id), pair.id) for pair in made)[:most])
    return [pair for pair in made if (derive(seed, "quota", pair.id), pair.id) in chosen]


def _sound(drafted: list[Pair], config: PairsConfig, gate: LeakageGate, accounts: Accounts) -> Iterator[Pair]:
    seen: set[tuple[str, str]] = set()
    for pair in drafted:
        key = (content_hash(fold(pair.query)), content_hash(pair.document))
        reason = "duplicate" if key in seen else _fault(pair, config, gate)
        seen.add(key)
        if reason:
            accounts.drop(reason)
        else:
            yield pair


def _fault(pair: Pair, config: PairsConfig, gate: LeakageGate) -> str | None:
    query_words = len(words(pair.query))
    if query_words < config.least_query_words:
        return "short_query"
    if len(words(pair.document)) < config.least_document_words:
        return "short_document"
    if is_repealed(pair.document):
        return "repealed"
    if query_words >= config.copied_words and flat(pair.query) in flat(pair.document):
        return "query_in_document"
    return "leaked" if gate.catches(pair.query) else None


def _unambiguous(pairs: list[Pair], most: int, accounts: Accounts) -> list[Pair]:
    answers: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        answers[flat(pair.query)].add(content_hash(pair.document))
    kept = [pair for pair in pairs if len(answers[flat(pair.query)]) <= most]
    if len(kept) < len(pairs):
        accounts.drop("ambiguous_query", len(pairs) - len(kept))
    return kept


def _spread(pairs: list[Pair], config: PairsConfig, seed: int, accounts: Accounts) -> list[Pair]:
    """No text answers more queries of one kind than it may."""
    if config.most_queries_per_document is None:
        return pairs
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pair in pairs:
        groups[pair.kind, content_hash(pair.document)].append(pair.id)
    kept: set[str] = set()
    for ids in groups.values():
        kept.update(sorted(ids, key=lambda i: derive(seed, "answer quota", i))[: config.most_queries_per_document])
    if len(kept) < len(pairs):
        accounts.drop("over_answer_quota", len(pairs) - len(kept))
    return [pair for pair in pairs if pair.id in kept]


def _within_quota(pairs: list[Pair], config: PairsConfig, seed: int, accounts: Accounts) -> list[Pair]:
    if config.most_per_kind is None:
        return pairs
    # By numbers of their own: those that `_capped` chose by are low, and would be chosen again before all others.
    most: int = config.most_per_kind
    kept: set[str] = set()
    for name in config.kinds:
        ids = sorted((pair.id for pair in pairs if pair.kind == name), key=lambda i: derive(seed, "kind quota", i))
        kept.update(ids[:most])
    if len(kept) < len(pairs):
        accounts.drop("over_kind_quota", len(pairs) - len(kept))
    return [pair for pair in pairs if pair.id in kept]
