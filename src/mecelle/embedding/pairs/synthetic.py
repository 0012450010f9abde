"""Stage "pairs" by a language model: it reads a passage and writes the question that it answers."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.artifacts import hash_input
from mecelle.base.collection import read_documents
from mecelle.base.config import Config
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive
from mecelle.corpus.decontamination.gate import check
from mecelle.documents.passages import Passage, passages
from mecelle.embedding.pairs.answers import Answers
from mecelle.embedding.pairs.articles import is_repealed
from mecelle.embedding.pairs.build import STAGE, VERSION
from mecelle.embedding.pairs.leakage import LeakageGate, evaluation_queries, named
from mecelle.embedding.pairs.nearest import COPIED_WORDS, flat
from mecelle.embedding.pairs.record import HELD_OUT, Draft, Pair, make_pair, write_pairs
from mecelle.embedding.pairs.split import hold_out
from mecelle.models.endpoint import Chat, Endpoint, EndpointError
from mecelle.text.unicode import nfc
from mecelle.text.words import words

KIND = "synthetic_question.v1"
INSTRUCTION = (
    "Aşağıda bir hukuk metninden bir parça var. Hukukçu olmayan bir vatandaşın, yanıtı yalnızca bu parçada bulunan "
    "sorusunu yaz: gündelik Türkçe, tek cümle, en çok 20 kelime. Kanun adı ve madde numarası kullanma, parçadan "
    "cümle kopyalama, açıklama yazma. Yalnızca soruyu ver."
)


class SynthesisConfig(Config):
    """Who writes, about what, and what is refused."""

    endpoint: Endpoint
    """An OpenAI-compatible server."""
    instruction: str = INSTRUCTION
    """What the model is told before it reads the passage."""
    passages: int = Field(default=1_000, ge=1)
    """Passages to ask about, drawn by the seed."""
    kinds: tuple[str, ...] = ("article", "statute", "regulation", "decision")
    """Kinds of documents that are asked about."""
    passage_words: int = Field(default=220, ge=20)
    """Most words of a passage."""
    least_passage_words: int = Field(default=20, ge=1)
    """Words of a passage that is worth a question."""
    most_query_words: int = Field(default=40, ge=3)
    """Words of a question; a longer answer is none."""
    temperature: float = Field(default=0.7, ge=0.0)
    """Of the model."""
    leak_similarity: float = Field(default=0.7, gt=0.0, le=1.0)
    """Jaccard similarity of word sets from which a question counts as an evaluation query, 0..1."""
    held_out_pairs: int = Field(default=200, ge=0)
    """Pairs that are not trained on, at most a tenth of all."""


def synthesise(
    training: Path, out: Path, config: SynthesisConfig, *, seed: int, cache: Path, exclude: Sequence[Path] = ()
) -> None:
    """Make the artifact `out` of stage "pairs": questions that a model wrote, each with its passage.

    cache: file of answers by what was asked; a killed run, and one with other checks, asks only what is new.
    Raises InputError if there is nothing to ask about, or no answer is of use.
    """
    gate = LeakageGate(evaluation_queries(exclude), similarity=config.leak_similarity)
    inputs: dict[str, Path | str] = {"training": training}
    inputs |= {f"exclude {name}": path for name, path in named(exclude).items()}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "pairs"
        run.figures["decontamination"] = check(training, ())
        run.figures["excluded_queries"] = {name: hash_input(path) for name, path in named(exclude).items()}
        chosen = _drawn(training, config, seed)
        if not chosen:
            raise InputError(f"{training}: no passage of the kinds {', '.join(config.kinds)} to ask about")
        faults: list[str] = []
        answers = asyncio.run(_ask(chosen, config, Answers(cache), faults))
        made: list[Pair] = []
        refused: Counter[str] = Counter()
        for passage, answer in zip(chosen, answers, strict=True):
            query = nfc(answer.strip().strip('"“”')) if answer is not None else None
            if reason := _fault(query, passage, config, gate):
                refused[reason] += 1
            else:
                assert query is not None
                draft = Draft(query, passage.text, passage.document_id, passage.document_id)
                made.append(make_pair(draft, kind=KIND))
        for reason, count in sorted(refused.items()):
            (run.accounts.fail if reason == "no_answer" else run.accounts.drop)(reason, count)
        if not made:
            first = f"; first fault: {faults[0]}" if faults else ""
            raise InputError(f"{config.endpoint.url}: no answer was of use ({run.accounts.sentence()}){first}")
        taught, held = hold_out(made, most=config.held_out_pairs, seed=seed, accounts=run.accounts)
        write_pairs(taught, run.folder)
        write_pairs(held, run.folder, name=HELD_OUT)
        run.figures["kinds"] = {KIND: {"seen": len(chosen), "kept": len(taught)}}


def _drawn(training: Path, config: SynthesisConfig, seed: int) -> list[Passage]:
    """Passages of different texts: of articles that read the same, and of copies that a mix has drawn, one is asked
    about."""
    distinct: dict[str, Passage] = {}
    for one in sorted(_fit(training, config), key=lambda one: (derive(seed, "synthetic", one.id), one.id)):
        distinct.setdefault(one.text, one)
    return list(distinct.values())[: config.passages]


def _fit(training: Path, config: SynthesisConfig) -> Iterator[Passage]:
    for document in read_documents(training):
        if document.metadata.get("kind") in config.kinds:
            for one in passages(document, most_words=config.passage_words, overlap_words=0):
                if len(words(one.text)) >= config.least_passage_words and not is_repealed(one.text):
                    yield one


async def _ask(
    chosen: Sequence[Passage], config: SynthesisConfig, known: Answers, faults: list[str]
) -> list[str | None]:
    """What the model wrote about each passage; None where there was no answer or half of one, as `faults` tells."""
    with Progress("synthetic pairs", total=len(chosen), unit="passages") as progress:
        async with Chat(config.endpoint) as chat:

            async def one(passage: Passage) -> str | None:
                request = _request(passage, config)
                asked = content_hash(orjson.dumps([config.endpoint.model, request]).decode())
                if known.get(asked) is None:
                    try:
                        answer = await chat.post_chat(request)
                    except EndpointError as error:
                        faults.append(str(error))
                    else:
                        if answer.finish_reason == "stop":
                            known.add(asked, answer.text)
                        else:
                            faults.append(f"an answer that ended by '{answer.finish_reason}'")
                progress.advance()
                return known.get(asked)

            return list(await asyncio.gather(*map(one, chosen)))


def _request(passage: Passage, config: SynthesisConfig) -> dict[str, Any]:
    texts = [("system", config.instruction), ("user", passage.text)]
    return {
        "messages": [{"role": role, "content": text} for role, text in texts],
        "temperature": config.temperature,
        "max_tokens": 200,
    }


def _fault(query: str | None, passage: Passage, config: SynthesisConfig, gate: LeakageGate) -> str | None:
    if query is None:
        return "no_answer"
    count = len(words(query))
    if not count or "\n" in query or count > config.most_query_words:
        return "not_one_question"
    if count >= COPIED_WORDS and flat(query) in flat(passage.text):
        return "query_in_document"
    return "leaked" if gate.catches(query) else None
