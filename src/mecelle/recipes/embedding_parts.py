"""Stages that the recipes of embedding models have in common."""

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from types import MappingProxyType

from mecelle.embedding import config as embedding_config
from mecelle.embedding.guide import build as guide_build
from mecelle.embedding.negatives import mine as negatives_mine
from mecelle.embedding.pairs import build as pairs_build
from mecelle.evaluation import stage as evaluation_stage
from mecelle.recipes import forgetting as forgetting_stage
from mecelle.recipes.graph import Inputs, Stage, arguments, paths
from mecelle.recipes.parts import PARAMS, encoder, made_here, text, tokenizer

TRAINED = "artifacts/encoder"
DECODER = "artifacts/decoder"


def beginning(inputs: Inputs) -> tuple[tuple[Stage, ...], str]:
    """The stages from the user's documents to a model to begin with, and that model."""
    documents = text(inputs) if inputs.data else ()
    if inputs.initial:
        return documents, inputs.initial
    return (*documents, tokenizer(inputs), encoder(inputs)), TRAINED


def pairs(inputs: Inputs) -> Stage:
    """Pairs for retrieval: of the table that is given, else made from the documents."""
    if inputs.pairs:
        return imported("pairs", inputs.pairs, inputs, section="table")
    exclude = arguments("--exclude", inputs.queries)
    return Stage(
        name="pairs",
        command=f"mecelle embedding pairs artifacts/training --out artifacts/pairs{exclude} {PARAMS}",
        reads=("artifacts/training", *paths(inputs.queries)),
        makes="artifacts/pairs",
        parameters=("seed", "pairs"),
        version=pairs_build.VERSION,
    )


def imported(name: str, table: Path, inputs: Inputs, *, section: str = "") -> Stage:
    """Pairs of a table. section: of the parameters, by default the name of the stage."""
    section = section or name
    return Stage(
        name=name,
        command=f"mecelle embedding import {quote(str(table))} --out artifacts/{name}"
        f"{arguments('--exclude', inputs.queries)} {PARAMS}:{section}",
        reads=(str(table), *paths(inputs.queries)),
        makes=f"artifacts/{name}",
        parameters=("seed", section),
        version=pairs_build.VERSION,
    )


def blended(name: str, sources: Mapping[str, str], *, section: str) -> Stage:
    """Pairs of several artifacts by their names, such as those of a stage and of the one before it, which is kept."""
    told = " ".join(f"{source}={place}" for source, place in sources.items())
    return Stage(
        name=name,
        command=f"mecelle embedding blend {told} --out artifacts/{name} {PARAMS}:{section}",
        reads=tuple(sources.values()),
        makes=f"artifacts/{name}",
        parameters=("seed", section),
        version=pairs_build.VERSION,
    )


def negatives() -> Stage:
    """Hard negatives for the pairs of retrieval."""
    return Stage(
        name="negatives",
        command=f"mecelle embedding negatives artifacts/pairs --out artifacts/negatives {PARAMS}",
        reads=("artifacts/pairs",),
        makes="artifacts/negatives",
        parameters=("negatives",),
        version=negatives_mine.VERSION,
    )


def guide() -> Stage:
    """The guide's vectors of all texts of the pairs."""
    return Stage(
        name="guide",
        command=f"mecelle embedding guide artifacts/pairs --out artifacts/guide --cache work/guide {PARAMS}",
        reads=("artifacts/pairs",),
        makes="artifacts/guide",
        parameters=("guide",),
        version=guide_build.VERSION,
    )


def training(name: str, start: str, pairs_of: str, *, guided: bool = False, section: str = "") -> Stage:
    """One training of the model `start`. section: of the parameters, by default the name of the stage."""
    guide, section = "artifacts/guide" if guided else None, section or name
    of_section = "" if section == "embedding" else f":{section}"
    return Stage(
        name=name,
        command=f"mecelle embedding train {start} --pairs {pairs_of} --out artifacts/{name} --work work/{name}"
        f"{f' --guide {guide}' if guide else ''} {PARAMS}{of_section}",
        reads=(*made_here(start), pairs_of, *((guide,) if guide else ())),
        makes=f"artifacts/{name}",
        parameters=("seed", section),
        version=embedding_config.VERSION,
    )


def evaluation(
    inputs: Inputs, *, model: str, start: str, guided: bool, others: Mapping[str, str] = MappingProxyType({})
) -> Stage:
    """Retrieval by the trained model, the one it began with, words, and their fusions.

    others: further models by name.
    """
    documents = inputs.documents or (Path("artifacts/corpus") if inputs.queries and inputs.data else None)
    asked = arguments("--queries", inputs.queries) + arguments("--documents", documents)
    asked += arguments("--splits", inputs.splits if inputs.queries else None)
    guide = "artifacts/guide" if guided else None
    law = "artifacts/training" if inputs.data else None
    models = " ".join(f"{name}={place}" for name, place in {"embedding": model, "encoder": start, **others}.items())
    return Stage(
        name="evaluation",
        command=f"mecelle evaluate retrieval {models} --out artifacts/evaluation "
        f"--pairs artifacts/pairs{f' --guide {guide}' if guide else ''}{asked}"
        f"{f' --training {law}' if law else ''} --cache work/vectors {PARAMS}",
        reads=(
            model, *made_here(start), *others.values(), "artifacts/pairs", *(one for one in (guide, law) if one),
            *paths(inputs.queries, documents, inputs.splits if inputs.queries else None),
        ),
        makes="artifacts/evaluation",
        parameters=("seed", "evaluation"),
        version=evaluation_stage.VERSION,
    )  # fmt: skip


def forgetting(start: str, trained: tuple[str, ...], sets: dict[str, str]) -> Stage:
    """What every training taught and cost. trained: names of the trainings, in order; sets: name -> pairs."""
    models = {"begin": start, **{name: f"artifacts/{name}" for name in trained}}
    return Stage(
        name="forgetting",
        command=f"mecelle embedding forgetting {' '.join(f'{name}={place}' for name, place in models.items())} "
        f"--out artifacts/forgetting {' '.join(f'--pairs {name}={place}' for name, place in sets.items())} "
        f"--cache work/vectors {PARAMS}",
        reads=(*made_here(start), *list(models.values())[1:], *sets.values()),
        makes="artifacts/forgetting",
        parameters=("seed", "forgetting"),
        version=forgetting_stage.VERSION,
    )
