"""The text of each phase as a collection of its own: mixed once, and shared by all runs in a work folder.

work/mixtures/<key>              the mixture of all phases, an artifact of stage `mix`
work/mixtures/<key>.phases/1     the first phase: links to its shards, and what the mixture was checked against
work/mixtures/<key>.phases/1+2   both together
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import orjson

from mecelle.corpus.decontamination.gate import pass_on
from mecelle.corpus.mixing.balance import STAGE, VERSION
from mecelle.corpus.mixing.curriculum import Curriculum as Mixture
from mecelle.corpus.mixing.phases import follow
from mecelle.decoder.curriculum.plan import TOGETHER, Curriculum
from mecelle.training import processes
from mecelle.training.checkpoints import run_key
from mecelle.training.sharing import made_once


def phase_texts(
    training: Path, tokenizer: Path | str, curriculum: Curriculum, work: Path, *, seed: int
) -> tuple[Path, dict[str, Path]]:
    """The mixture of `curriculum` over the collection `training`, and the collection of each training by its name.

    Budgets in tokens are measured with `tokenizer` where the curriculum names none. Phases that are not trained are
    mixed, too: what the others read does not hang on them. All processes of a run must call this.
    """
    plan = curriculum.mixture()
    if plan.size.by == "tokens" and plan.size.tokenizer is None:
        plan = plan.model_copy(update={"size": plan.size.model_copy(update={"tokenizer": str(tokenizer)})})
    mixture = _mixed(training, tokenizer, plan, work / "mixtures", seed=seed)
    number = {phase.name: place for place, phase in enumerate(plan.phases, start=1)}
    trained = [phase.name for phase in curriculum.trained()]
    wanted = {name: [number[name]] for name in trained}
    if curriculum.together:
        wanted = {TOGETHER: [number[name] for name in trained]}
    if processes.is_first():
        for phases in wanted.values():
            _link(mixture, phases)
    processes.wait_for_all()
    return mixture, {name: _place(mixture, phases) for name, phases in wanted.items()}


def _mixed(training: Path, tokenizer: Path | str, plan: Mixture, folder: Path, *, seed: int) -> Path:
    # The tokenizer counts by its content: elsewhere it is another path to the same mixture.
    by_content = plan.model_copy(update={"size": plan.size.model_copy(update={"tokenizer": None})})
    inputs: dict[str, Path | str] = {"training": training, "tokenizer": plan.size.tokenizer or tokenizer}
    place = folder / run_key(by_content, inputs, stage=STAGE, version=VERSION, seed=seed, leave_out=set())
    return made_once(place, lambda: follow(training, place, plan, seed=seed), stage=STAGE, doing="mixing phases")


def _place(mixture: Path, phases: Sequence[int]) -> Path:
    return mixture.with_name(f"{mixture.name}.phases") / "+".join(map(str, phases))


def _link(mixture: Path, phases: Sequence[int]) -> None:
    """Make the folder of some phases, whole or not at all."""
    place, rows = _place(mixture, phases), orjson.loads((mixture / "phases.json").read_bytes())
    if place.exists():
        return
    partial = place.with_name(f"{place.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "documents").mkdir(parents=True)
    pass_on(mixture, partial)
    for row in (rows[number - 1] for number in phases):
        for shard in range(row["first_shard"], row["first_shard"] + row["shards"]):
            link = partial / "documents" / f"{shard:05d}.jsonl.zst"
            # From where it lies, so that the work folder can be moved.
            link.symlink_to(os.path.relpath(mixture / "documents" / link.name, link.parent))
    partial.rename(place)
