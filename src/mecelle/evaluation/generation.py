"""The generation benchmark: adapted models against their base, at growing context. Source: Mecellem §4.4.5.

All models go on from the same text: the question and the first tokens of the reference. A reward model judges the
answers as in its training: the user's turn is the question and the same part of the reference, the answer begins with
that part. Tokens of contexts and the limit on answers are counted by the judge's tokenizer, so that all models get the
same text and as much room. The reference itself, cut to that room, is judged too: what a good answer would get.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.config import Config
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive
from mecelle.evaluation.statistics.tables import compare_many
from mecelle.models.folders import find_folder
from mecelle.models.loading import load_with_head, positions_of
from mecelle.reward.conversation import PLAIN_ASSISTANT, PLAIN_USER, Conversation
from mecelle.reward.model import Judgement, RewardModel
from mecelle.reward.objectives import OBJECTIVES

STAGE = "generation"
VERSION = 4
REFERENCE = "reference"
"""In the place of a model's name: the true answers."""
LEAST_OWN, MOST_OWN = 2, 8
"""Tokens of its own that a model writes for each that counts: what it writes at first, and at most, if those make fewer
of the judge's."""


class GenerationConfig(Config):
    """What is generated."""

    contexts: tuple[int, ...] = Field(default=(5, 10, 20, 50, 100), min_length=1)
    """First tokens of the reference that stand in the prompt. Source: §4.4.5."""
    answer_tokens: int = Field(default=100, ge=1)
    """Tokens of an answer at most. The paper gives none."""
    questions: int | None = Field(default=116, ge=1)
    """First questions of the file; null for all. The paper: newmindai/EuroHPC-Legal, 116."""
    temperature: float = Field(default=0.0, ge=0.0)
    """0 takes the likeliest token; else tokens are drawn by the seed, each question's by its own."""
    most_prompt_tokens: int = Field(default=512, ge=8)
    """Tokens of a prompt, by each model's own tokenizer; a longer one is refused, so that no model sees less."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the beginning of its reference."""

    question: str
    partial: str
    context: int
    reference: str = ""

    @property
    def prompt(self) -> str:
        """The text that the models go on from: they are base models, without a chat template."""
        return f"{PLAIN_USER}{self.question}{PLAIN_ASSISTANT}{self.partial}"


def benchmark(
    models: Mapping[str, str | Path],
    judge: Path,
    questions: Path,
    out: Path,
    config: GenerationConfig,
    *,
    seed: int,
    device: str = "cpu",
) -> dict[str, Any]:
    """Make the artifact `out` of stage "generation"; its figures are returned.

    Its answers.jsonl holds the answers of each model, and the references, as they were judged, with their beginning.

    models: by name, at least two; the first is the base that the others are compared with. questions: JSON Lines of
    `question` and `answer` (or `truth`, as in newmindai/EuroHPC-Legal).
    Raises ConfigError for fewer models or one that is called "reference", InputError if there is no question, or a
    prompt is longer than allowed.
    """
    if len(models) < 2 or REFERENCE in models:
        raise ConfigError(
            f"models {', '.join(models) or 'none'}: expected a base and one or more to compare with it, none of them "
            f"called '{REFERENCE}'"
        )
    rows = list(read_questions(questions))[: config.questions]
    if not rows:
        raise InputError(f"{questions}: no question in it; expected JSON Lines with 'question' and 'answer' or 'truth'")
    inputs: dict[str, Path | str] = {f"model {name}": place for name, place in models.items()}
    inputs |= {"judge": judge, "questions": questions}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        reward = RewardModel(judge, device=device)
        counting = reward.backbone.tokenizer
        cases = list(cases_of(rows, counting, config.contexts))
        run.accounts.unit = "prompts"
        run.accounts.keep(len(cases))
        rooms = [case.context + config.answer_tokens for case in cases]
        references = [first_tokens(case.reference, counting, room) for case, room in zip(cases, rooms, strict=True)]
        answered = {REFERENCE: references}
        for name, place in models.items():
            said = generate(place, cases, counting, config, seed=seed, device=device)
            answered[name] = [case.partial + answer for case, answer in zip(cases, said, strict=True)]
        judgements = {
            name: reward.score(
                [Conversation(case.question, answer, case.partial) for case, answer in zip(cases, answers, strict=True)]
            )
            for name, answers in answered.items()
        }
        with JsonlWriter(run.folder / "answers.jsonl") as writer:
            for name, answers in answered.items():
                for case, answer, judgement in zip(cases, answers, judgements[name], strict=True):
                    writer.write({
                        "model": name, "question": case.question, "partial": case.partial, "context": case.context,
                        "answer": answer, "score": judgement.score, "rewards": judgement.rewards,
                        "transformed": judgement.transformed, "gating": judgement.gating,
                        "truncated": judgement.truncated,
                    })  # fmt: skip
        run.figures["truncated"] = {name: sum(one.truncated for one in own) for name, own in judgements.items()}
        run.figures["tokenizer"] = f"of the judge, {reward.name}"
        run.figures["rows"] = table(cases, judgements, seed=seed)
    return dict(run.figures)


def read_questions(path: Path) -> Iterator[tuple[str, str]]:
    """Question and reference of each row. Raises InputError that names file and line of a row without them."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected JSON Lines with 'question' and 'answer' or 'truth'")
    for number, row in enumerate(read_jsonl(path), start=1):
        found = row if isinstance(row, dict) else {}
        question, reference = found.get("question"), found.get("truth", found.get("answer"))
        if not (isinstance(question, str) and isinstance(reference, str)):
            raise InputError(f"{path}:{number}: expected the texts 'question' and 'answer' or 'truth'")
        yield question, reference


def cases_of(rows: Sequence[tuple[str, str]], tokenizer: Any, contexts: Sequence[int]) -> Iterator[Case]:
    """Each question at each context, contexts outside; a reference that is shorter stands there whole."""
    for context in contexts:
        for question, reference in rows:
            yield Case(question, first_tokens(reference, tokenizer, context), context, reference)


def first_tokens(text: str, tokenizer: Any, number: int) -> str:
    """The text of its first `number` tokens, cut where the last one ends."""
    offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"][:number]
    return text[: offsets[-1][1]] if offsets else ""


def prompt_ids(text: str, tokenizer: Any) -> list[int]:
    """Ids of a text that goes on: the token of the beginning, where there is one, and no token of the end.

    Some tokenizers, those of encoders above all, put the token of the end behind each text; a model that has read it
    was never taught what follows.
    """
    begin = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    return [*begin, *tokenizer(text, add_special_tokens=False)["input_ids"]]


def generate(
    name: str | Path, cases: Sequence[Case], counting: Any, config: GenerationConfig, *, seed: int, device: str = "cpu"
) -> list[str]:
    """What the model says after each prompt, with the white space before it, cut to `answer_tokens` of `counting`.

    One prompt at a time: padding changes the last bits of a model, and with them now and then an answer. Of the
    folder's generation_config.json only the tokens of the end count: a penalty on repetition, or fewer tokens to draw
    from, would be compared along with the weights.
    """
    import torch
    import transformers

    model, tokenizer = load_with_head(find_folder(name), "causal-LM", device=device)
    ends = model.generation_config.eos_token_id
    model.generation_config = transformers.GenerationConfig(eos_token_id=ends)
    answers = []
    with Progress(f"generation {name}", total=len(cases), unit="prompts") as progress:
        for case in cases:
            ids_BT = torch.tensor([prompt_ids(case.prompt, tokenizer)], device=device)
            if ids_BT.shape[1] > config.most_prompt_tokens:
                raise InputError(
                    f"a prompt has {ids_BT.shape[1]} tokens of {name}, allowed are {config.most_prompt_tokens} "
                    f"({case.question[:60]!r}); raise most_prompt_tokens or leave the question out"
                )
            with torch.random.fork_rng(devices=[]), torch.inference_mode():
                torch.manual_seed(derive(seed, "generation", case.question, case.context))
                answers.append(_continuation(model, tokenizer, ids_BT, counting, config))
            progress.advance()
    return answers


def _continuation(model: Any, tokenizer: Any, ids_BT: Any, counting: Any, config: GenerationConfig) -> str:
    """What follows one prompt, cut to `answer_tokens` of `counting`; shorter only where the model ends its text, or its
    tokens are very short (MOST_OWN)."""
    import torch

    asked, length = tokenizer.decode(ids_BT[0], skip_special_tokens=True), ids_BT.shape[1]

    def said(found_BT: Any) -> str:
        # Decoded with the prompt: some tokenizers drop the space before a first token.
        return str(tokenizer.decode(found_BT[0], skip_special_tokens=True)[len(asked) :])

    def is_enough(found_BT: Any, _scores: Any, **_: Any) -> Any:
        """Whether the last token that counts is behind us, however many of its own tokens the model needs for that."""
        full = found_BT.shape[1] - length >= LEAST_OWN * config.answer_tokens and (
            len(counting(said(found_BT), add_special_tokens=False)["input_ids"]) > config.answer_tokens
        )
        return torch.full((1,), full, device=found_BT.device)

    left = max((positions_of(model) or sys.maxsize) - length, LEAST_OWN * config.answer_tokens)
    drawing: dict[str, Any] = {"do_sample": config.temperature > 0}
    if drawing["do_sample"]:
        drawing |= {"temperature": config.temperature, "top_k": 0}  # among all tokens
    found_BT = model.generate(
        input_ids=ids_BT, attention_mask=torch.ones_like(ids_BT), use_cache=True,
        max_new_tokens=min(MOST_OWN * config.answer_tokens, left), stopping_criteria=[is_enough],
        pad_token_id=tokenizer.pad_token_id or tokenizer.eos_token_id or 0, **drawing,
    )  # fmt: skip
    return first_tokens(said(found_BT), counting, config.answer_tokens)


def table(cases: Sequence[Case], judgements: Mapping[str, Sequence[Judgement]], *, seed: int) -> list[dict[str, Any]]:
    """One row for each context, objective (and the score) and model but the base: the means of the reference, the base
    and the model, and the paired difference of these.

    judgements: by model, the reference first, then the base; one a case. Rewards are those that the score adds up,
    corrected for length; `before_debiasing` has the means as the heads gave them. p: corrected over the models (Holm).
    """
    _, base, *others = judgements
    rows = []
    for context in dict.fromkeys(case.context for case in cases):
        mine = [number for number, case in enumerate(cases) if case.context == context]
        for objective in ("score", *OBJECTIVES):
            values = {name: [_value(own[number], objective) for number in mine] for name, own in judgements.items()}
            raw = {name: fmean(_raw(own[number], objective) for number in mine) for name, own in judgements.items()}
            found = compare_many({name: values[name] for name in (base, *others)}, [base], seed=seed)[base]
            for name in others:
                told = {REFERENCE: REFERENCE, "base": base, "mean": name}
                rows.append({
                    "context": context, "objective": objective, "model": name, "n": len(mine),
                    **{who: fmean(values[one]) for who, one in told.items()},
                    "difference": found[name].difference, "low": found[name].low, "high": found[name].high,
                    "p": found[name].p_holm,
                    "before_debiasing": {who: raw[one] for who, one in told.items()},
                })  # fmt: skip
    return rows


def _value(judgement: Judgement, name: str) -> float:
    return judgement.score if name == "score" else judgement.transformed[name]


def _raw(judgement: Judgement, name: str) -> float:
    if name == "score":
        return sum(judgement.gating[one] * judgement.rewards[one] for one in OBJECTIVES)
    return judgement.rewards[name]
