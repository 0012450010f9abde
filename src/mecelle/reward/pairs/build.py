"""Stage "reward-pairs": answers of known quality from a training artifact, split by question."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.collection import JsonlWriter, read_documents
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.progress import track
from mecelle.base.seeds import derive, generator
from mecelle.corpus.decontamination.gate import check
from mecelle.embedding.pairs.leakage import LeakageGate, evaluation_queries, named
from mecelle.reward.pairs.config import RewardPairsConfig
from mecelle.reward.pairs.damages import DAMAGES
from mecelle.reward.pairs.labels import labels_of
from mecelle.reward.pairs.questions import KINDS
from mecelle.reward.pairs.record import HELD_OUT, STAGE, TRAINING, Asked, Example, as_row, question_id
from mecelle.text.casing import fold
from mecelle.text.words import words

VERSION = 1

Question = tuple[str, Asked]
"""Kind, and what is asked."""


def build_reward_pairs(
    training: Path, out: Path, config: RewardPairsConfig, *, seed: int, exclude: Sequence[Path] = ()
) -> None:
    """Make the artifact `out` of stage "reward-pairs" from the documents of `training`.

    training: an artifact of stage "select" (which has left out what docs/splits.json scores), or any collection.
    exclude: files of evaluation questions that must be on neither side.
    Raises InputError if no question is left, ConfigError for a kind or damage that is not registered.
    """
    for name in (*config.damages, *config.damages_held_out):
        DAMAGES.get(name)
    inputs: dict[str, Path | str] = {"training": training}
    inputs |= {f"exclude {name}": path for name, path in named(exclude).items()}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "questions"
        run.figures["decontamination"] = check(training, ())
        gate = LeakageGate(evaluation_queries(exclude), similarity=config.near_question)
        found = list(_asked(training, config, gate, run.accounts, seed))
        if not found:
            raise InputError(
                f"{training}: no question could be asked ({run.accounts.sentence()}); needed are questions with "
                "answers, acts with article headings, decisions with numbers, or a dictionary"
            )
        taught, held = _split(found, config, run.accounts, seed)
        run.accounts.keep(len(taught) + len(held))
        impossible: Counter[str] = Counter()
        for name, some, damages in (
            (TRAINING, taught, config.damages),
            (HELD_OUT, held, (*config.damages, *config.damages_held_out)),
        ):
            examples = [
                one
                for ask in track(some, name, unit="questions")
                for one in _examples(ask, damages, config, impossible, seed)
            ]
            with JsonlWriter(run.folder / name) as writer:
                for example in examples:
                    writer.write(as_row(example))
            run.figures[name] = _counts(examples)
        run.figures["impossible"] = dict(sorted(impossible.items()))


def _asked(
    training: Path, config: RewardPairsConfig, gate: LeakageGate, accounts: Accounts, seed: int
) -> Iterator[Question]:
    """Sound questions, from documents in an order that the seed draws, until there are enough of each kind."""
    # Drawn while reading, so that a collection of any size takes the memory of `most_documents`.
    drawn = heapq.nsmallest(
        config.most_documents, read_documents(training), key=lambda document: (derive(seed, document.id), document.id)
    )
    makers = {name: KINDS.get(name) for name in config.kinds}
    found: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for document in track(drawn, "reward questions"):
        for kind, maker in makers.items():
            most = config.questions_per_kind - found[kind]
            if most <= 0:
                continue
            made = maker(document, most_words=config.most_words, seed=seed)
            sound = (asked for asked in made if _is_sound(asked, config, gate, seen, accounts))
            for asked in islice(sound, min(most, config.questions_per_document)):
                found[kind] += 1
                yield kind, asked


def _is_sound(
    asked: Asked, config: RewardPairsConfig, gate: LeakageGate, seen: set[tuple[str, str]], accounts: Accounts
) -> bool:
    key = (content_hash(fold(asked.question)), content_hash(asked.answer))
    if key in seen:
        fault = "duplicate"
    elif len(words(asked.answer)) < config.least_words:
        fault = "short_answer"
    else:
        fault = "leaked" if gate.catches(asked.question) else ""
    seen.add(key)
    if fault:
        accounts.drop(fault)
    return not fault


def _split(
    found: list[Question], config: RewardPairsConfig, accounts: Accounts, seed: int
) -> tuple[list[Question], list[Question]]:
    """Questions for training and held-out ones. What is near a held-out question, or shares its document or answer,
    is on neither side."""
    held: list[Question] = []
    for kind in config.kinds:
        mine = [one for one in found if one[0] == kind]
        number = round(config.held_out_share * len(mine))
        drawn = generator(seed, "held_out", kind).permutation(len(mine))[:number]
        held += [mine[place] for place in sorted(drawn.tolist())]
    chosen = {question_id(asked) for _, asked in held}
    texts = {key for _, asked in held for key in (asked.document, content_hash(asked.answer))}
    asked_of_all = Counter(fold(asked.question) for _, asked in found)
    # A question that many documents answer ("hangi sonuca varmıştır?") says nothing: its answers are told apart.
    gate = LeakageGate(
        (asked.question for _, asked in held if asked_of_all[fold(asked.question)] == 1),
        similarity=config.near_question,
    )
    taught = []
    for kind, asked in found:
        if question_id(asked) in chosen:
            continue
        if not texts.isdisjoint((asked.document, content_hash(asked.answer))) or gate.catches(asked.question):
            accounts.drop("near_held_out")
        else:
            taught.append((kind, asked))
    return taught, held


def _examples(
    question: Question, damages: Sequence[str], config: RewardPairsConfig, impossible: Counter[str], seed: int
) -> Iterator[Example]:
    """The true answer, then damaged ones."""
    kind, asked = question
    identity = question_id(asked)

    def example(answer: str, done: tuple[str, ...]) -> Example:
        labels = labels_of(asked.answer, done)
        name = content_hash("\x1f".join((identity, *done)))
        return Example(name, identity, kind, asked.question, asked.reference, answer, done, labels)

    yield example(asked.answer, ())
    done: list[tuple[str, str]] = []
    for name in damages:
        changed = DAMAGES.get(name).change(asked.answer, seed=derive(seed, name))
        if changed is None or changed == asked.answer:
            impossible[name] += 1
        else:
            done.append((name, changed))
    order = generator(seed, "damages", identity).permutation(len(done)).tolist()
    drawn = [done[place] for place in order[: config.damages_per_question]]
    for name, changed in drawn:
        yield example(changed, (name,))
    if config.doubly_damaged and len(drawn) > 1:
        (first, changed), (second, _) = drawn[0], drawn[1]
        twice = DAMAGES.get(second).change(changed, seed=derive(seed, second))
        if twice is not None and twice != changed:
            yield example(twice, (first, second))


def _counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    """Examples by kind of question, and by damage."""
    kinds = Counter(one.kind for one in examples)
    damages = Counter(name for one in examples for name in one.damages or ("none",))
    return {"kinds": dict(sorted(kinds.items())), "damages": dict(sorted(damages.items()))}
