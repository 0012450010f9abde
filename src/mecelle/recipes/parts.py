"""Stages that several recipes have in common, as a person would type them in the workspace."""

from pathlib import Path

from mecelle.corpus import build as corpus_build
from mecelle.corpus import select as corpus_select
from mecelle.corpus.takedown_log import LOG
from mecelle.documents import extract as documents_extract
from mecelle.encoder import config as encoder_config
from mecelle.recipes import report
from mecelle.recipes.graph import Inputs, Stage, arguments, paths
from mecelle.tokenizer import stage as tokenizer_stage

PARAMS = "--params params.yaml"


def text(inputs: Inputs) -> tuple[Stage, ...]:
    """From the user's files to what may be trained on: extract, corpus, select."""
    return _text(inputs, inputs.data, scored=(inputs.queries, inputs.cloze))


def general_text(inputs: Inputs, *, corpus: str = "corpus") -> tuple[Stage, ...]:
    """The same of the general text, into artifacts of its own. corpus: the section with the steps of its corpus."""
    scored = (inputs.queries, inputs.cloze)
    return _text(inputs, inputs.general, scored=scored, kind="general_", section=corpus)


def _text(
    inputs: Inputs, data: tuple[Path, ...], *, scored: tuple[Path | None, ...], kind: str = "", section: str = "corpus"
) -> tuple[Stage, ...]:
    """kind: goes before the names of stages and artifacts; section: of the corpus's parameters."""
    evaluation = arguments("--evaluation", *scored) + arguments("--splits", inputs.splits)
    documents, corpus, training = (f"artifacts/{kind}{name}" for name in ("documents", "corpus", "training"))
    return (
        Stage(
            name=f"{kind}extract",
            command=f"mecelle corpus extract {arguments('', *data).strip()} --out {documents} "
            f"--cache work/{kind}extract {PARAMS}",
            reads=tuple(map(str, data)),
            makes=documents,
            parameters=("extract",),
            version=documents_extract.VERSION,
        ),
        Stage(
            name=f"{kind}corpus",
            command=f"mecelle corpus build {documents} --out {corpus} --work work/{kind}corpus --kept work/{kind}kept "
            f"--snapshot {kind}snapshot --takedowns {LOG} {PARAMS}{_section(section, 'corpus')}",
            reads=(documents, LOG),
            makes=corpus,
            parameters=("seed", section),
            version=corpus_build.VERSION,
        ),
        Stage(
            name=f"{kind}select",
            command=f"mecelle corpus select {corpus} --out {training} --snapshot {kind}snapshot{evaluation} {PARAMS}",
            reads=(corpus, *paths(*scored, inputs.splits)),
            makes=training,
            parameters=("select",),
            version=corpus_select.VERSION,
            remembers=f"{kind}snapshot",
        ),
    )


def tokenizer(inputs: Inputs, training: str = "artifacts/training", *, kind: str = "") -> Stage:
    """A tokenizer of the texts in `training`; the terms are seeds of the legal one only."""
    terms = () if kind else inputs.terms
    return Stage(
        name=f"{kind}tokenizer",
        command=f"mecelle tokenizer train {training} --out artifacts/{kind}tokenizer"
        f"{arguments('--terms', *terms)} {PARAMS}{_section(kind + 'tokenizer', 'tokenizer')}",
        reads=(training, *map(str, terms)),
        makes=f"artifacts/{kind}tokenizer",
        parameters=("seed", f"{kind}tokenizer"),
        version=tokenizer_stage.VERSION,
    )


def encoder(
    inputs: Inputs, training: str = "artifacts/training", *, kind: str = "", terms: tuple[Path, ...] = ()
) -> Stage:
    """An encoder from scratch. terms: what keyword masking looks for."""
    scored = (inputs.queries, inputs.cloze)
    return Stage(
        name=f"{kind}encoder",
        command=f"mecelle encoder pretrain {training} --tokenizer artifacts/{kind}tokenizer "
        f"--out artifacts/{kind}encoder --work work/{kind}encoder"
        f"{arguments('--evaluation', *scored)}{arguments('--terms', *terms)} "
        f"{PARAMS}{_section(kind + 'encoder', 'encoder')}",
        reads=(training, f"artifacts/{kind}tokenizer", *paths(*scored, *terms)),
        makes=f"artifacts/{kind}encoder",
        parameters=("seed", f"{kind}encoder"),
        version=encoder_config.VERSION,
    )


def page(inputs: Inputs, *reads: str) -> Stage:
    """The report over what the stages before it left."""
    return Stage(
        name="report",
        command=f"mecelle report . --out report.html{arguments('--truth', inputs.truth)}",
        reads=(*reads, *paths(inputs.truth)),
        makes="report.html",
        version=report.VERSION,
        cached=False,
        has_record=False,
    )


def made_here(model: str) -> tuple[str, ...]:
    """A model as a stage reads it, if a stage before it makes it; a hub id or a folder of the user's is no artifact."""
    return (model,) if model.startswith("artifacts/") else ()


def _section(section: str, name: str) -> str:
    """What follows the file of parameters where a command `name` obeys another section than that of its name."""
    return "" if section == name else f":{section}"
