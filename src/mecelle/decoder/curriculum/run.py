"""Training by a curriculum: one phase after another, each from the checkpoint that its plan names.

    out/              the last phase's model, a plain Hugging Face folder, with its curve and lineage
    out/phases/1      what training the first phase made: its boundary, a model as whole as the last; 2, 3, ...
    out/phases.json   name, folder and start of each

A phase that is whole in the work folder is not trained again, and several runs with one work folder share it; one that
was killed goes on from its last checkpoint. Source: Mecellem §3.4.7, Table 8.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mecelle.base import artifacts
from mecelle.base.collection import read_documents
from mecelle.base.config import dump
from mecelle.base.errors import InputError
from mecelle.base.seeds import derive
from mecelle.corpus.decontamination.gate import check
from mecelle.decoder.config import STAGE, VERSION, DecoderConfig
from mecelle.decoder.curriculum.plan import Curriculum, configs, starts
from mecelle.decoder.curriculum.texts import phase_texts
from mecelle.decoder.pretrain import pretrain
from mecelle.training import processes
from mecelle.training.checkpoints import run_key
from mecelle.training.config import WITHOUT_EFFECT
from mecelle.training.going_on import FILE as STATE
from mecelle.training.inputs import check_optimizer
from mecelle.training.shards import check_processes

BOUNDARIES, LIST = "phases", "phases.json"
TOLD = ("steps", "tokens_seen", "epochs", "last")
"""Figures of a phase's training that the record of the whole repeats."""


@dataclass(frozen=True)
class Boundary:
    """A phase that is trained."""

    name: str
    start: str
    """Name of the phase, or the model, that it went on from; `new` for a new model."""
    made: Path
    """The artifact in the work folder."""


def pretrain_in_phases(
    training: Path,
    tokenizer: Path | str,
    out: Path,
    config: DecoderConfig,
    curriculum: Curriculum,
    *,
    seed: int,
    work: Path,
    evaluation: Sequence[Path] = (),
    initial: Path | str | None = None,
) -> None:
    """Train a decoder through the phases of `curriculum` on text drawn from `training`, and write it into `out`.

    config: what the phases have in common; its budget_tokens has no effect, since the phases have theirs. initial: the
    model that is adapted, a folder or a hub id; None begins with a new one. All else as in `decoder.pretrain`, which
    trains each phase: optimizer and schedule begin anew with each, unless the curriculum says `restart: false`.
    Raises what `pretrain` raises, and InputError for a phase whose sources hold no text.
    """
    check_processes(sharded=config.sharded)
    check_optimizer(config)
    planned, named = configs(curriculum, config), starts(curriculum)
    checked = check(training, evaluation)
    inputs: dict[str, Path | str] = {"training": training, "tokenizer": tokenizer}
    if initial is not None:
        inputs["initial"] = initial
    first = processes.join()
    parameters = {"decoder": dump(config), "curriculum": dump(curriculum)}
    artifact = artifacts.create(out, stage=STAGE, version=VERSION, parameters=parameters, inputs=inputs, seed=seed)
    with artifact if first else processes.thrown_away() as run:
        mixture, texts = phase_texts(training, tokenizer, curriculum, work, seed=seed)
        for name, text in texts.items():
            _check_text(name, text)
        done: dict[str, Boundary] = {}
        for name, own in planned.items():
            before = named[name]
            start = done[before].made if before else initial
            made = _trained(
                texts[name], tokenizer, own,
                seed=derive(seed, name), split_seed=seed, work=work, evaluation=evaluation, initial=start,
            )  # fmt: skip
            done[name] = Boundary(name, before or str(initial or "new"), made)
        if first:
            _write(run.folder, list(done.values()))
            _account(run, mixture, list(done.values()))
            run.figures["decontamination"] = checked


def _check_text(name: str, text: Path) -> None:
    if next(read_documents(text), None) is None:
        raise InputError(
            f"{name}: its sources hold no document that its steps keep. `mecelle corpus stats` tells which categories "
            "the collection has, the curriculum which ones the phase reads"
        )


def _trained(
    text: Path,
    tokenizer: Path | str,
    config: DecoderConfig,
    *,
    seed: int,
    split_seed: int,
    work: Path,
    evaluation: Sequence[Path],
    initial: Path | str | None,
) -> Path:
    """The artifact of one phase in the work folder: trained, unless it is there."""
    inputs: dict[str, Path | str] = {"text": text, "tokenizer": tokenizer}
    if initial is not None:
        inputs["initial"] = initial
    key = run_key(config, inputs, stage=STAGE, version=VERSION, seed=derive(seed, split_seed), leave_out=WITHOUT_EFFECT)
    made = work / "trained" / key
    if not artifacts.is_artifact(made, stage=STAGE):
        pretrain(
            text, tokenizer, made, config,
            seed=seed, split_seed=split_seed, work=work, evaluation=evaluation, initial=initial,
        )  # fmt: skip
    processes.wait_for_all()  # the next phase reads what the first process has written
    return made


def _write(folder: Path, done: Sequence[Boundary]) -> None:
    """The last model, and every boundary."""
    left = shutil.ignore_patterns(artifacts.MARKER, STATE)
    shutil.copytree(done[-1].made, folder, dirs_exist_ok=True, ignore=left)
    for number, one in enumerate(done, start=1):
        shutil.copytree(one.made, folder / BOUNDARIES / str(number), ignore=left)
    rows = [
        {"phase": one.name, "folder": f"{BOUNDARIES}/{number}", "start": one.start}
        for number, one in enumerate(done, start=1)
    ]
    (folder / LIST).write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _account(run: artifacts.Run, mixture: Path, done: Sequence[Boundary]) -> None:
    """Documents of the collection as the mixture counted them; of each phase, what its training told."""
    mixed = artifacts.read_record(mixture)
    assert mixed is not None, "mixtures are made with a record"
    if mixed.accounts:
        run.accounts = mixed.accounts
    rows = []
    for one in done:
        record = artifacts.read_record(one.made)
        assert record is not None, "trainings are made with a record"
        told: dict[str, Any] = {name: record.figures[name] for name in TOLD if name in record.figures}
        rows.append({"phase": one.name, "start": one.start, **told, "seconds": record.seconds})
    run.figures |= {"phases": rows, "mixture": mixed.figures["phases"], "unit": mixed.figures["unit"]}


def read_boundaries(model: Path) -> list[tuple[str, Path]]:
    """Name and folder of each phase of a model that was trained in phases, in order; none for another model."""
    path = model / LIST
    return [(row["phase"], model / row["folder"]) for row in orjson.loads(path.read_bytes())] if path.is_file() else []
