"""The checkpoints that are compared: snapshots of runs, finished models, hub ids, and means of late snapshots."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.artifacts import MARKER
from mecelle.base.collection import read_jsonl
from mecelle.base.document import content_hash
from mecelle.base.errors import ConfigError
from mecelle.base.naming import name_and_place
from mecelle.models.folders import find_folder
from mecelle.training.averaging import average
from mecelle.training.snapshots import FOLDER as SNAPSHOTS


@dataclass(frozen=True)
class Candidate:
    """One model that may be chosen."""

    name: str
    folder: Path
    run: str
    """Name of the run that it comes from; its own name where there is none."""
    home: Path | None = None
    """Artifact of that run, with curve.jsonl and lineage/."""
    step: int | None = None
    tokens: int | None = None
    """Seen so far in training, padding left out."""
    members: tuple[str, ...] = ()
    """Of a mean, the candidates that it is the mean of."""

    @property
    def amount(self) -> int | None:
        """How much training it has had."""
        return self.step if self.tokens is None else self.tokens


def find(checkpoints: Sequence[str | Path]) -> list[Candidate]:
    """Candidates in the order given; an artifact of `encoder pretrain` stands for its snapshots and its final model.

    checkpoints: folders or hub ids, `name=` before one gives it another name than the folder's.
    Raises ConfigError if two candidates have one name, ArtifactError or InputError for what is no model.
    """
    found = [candidate for given in checkpoints for candidate in _candidates(given)]
    if not found:
        raise ConfigError("no checkpoint to choose from; give folders of models, or a run with snapshots")
    twice = [name for name, count in Counter(candidate.name for candidate in found).items() if count > 1]
    if twice:
        raise ConfigError(f"two checkpoints are called '{twice[0]}'; name them apart: first=FOLDER second=FOLDER")
    return found


def averages(candidates: Sequence[Candidate], counts: Sequence[int], work: Path) -> list[Candidate]:
    """Means of the last `counts` snapshots of each run, made in `work`; a run with fewer of them has none."""
    made = []
    for run in dict.fromkeys(candidate.run for candidate in candidates if candidate.step is not None):
        steps = [candidate for candidate in candidates if candidate.run == run and candidate.step is not None]
        late = sorted(steps, key=lambda candidate: candidate.step or 0)
        for count in sorted(set(counts)):
            if len(late) < count:
                continue
            members, last = late[-count:], late[-1]
            place = work / content_hash("\x1f".join(str(member.folder.resolve()) for member in members))
            average([member.folder for member in members], place)
            names = tuple(member.name for member in members)
            made.append(Candidate(f"{run}:mean{count}", place, run, last.home, last.step, last.tokens, names))
    return made


def curve_of(home: Path) -> list[dict[str, Any]]:
    """The training curve of a run; empty if none was kept."""
    path = home / "curve.jsonl"
    return list(read_jsonl(path)) if path.exists() else []


def copy_model(candidate: Candidate, out: Path) -> None:
    """Write the candidate as a plain folder of its own, with the lineage of its run up to its step."""
    out.mkdir(parents=True)
    for path in sorted(candidate.folder.iterdir()):
        if path.is_file() and path.name not in (MARKER, "curve.jsonl"):
            shutil.copyfile(path, out / path.name)
    lineage = candidate.home / "lineage" if candidate.home else None
    if lineage and lineage.is_dir():
        shutil.copytree(lineage, out / "lineage")
        facts = orjson.loads((lineage / "run.json").read_bytes())
        (out / "lineage" / "run.json").write_bytes(orjson.dumps(facts | {"steps": candidate.step}))


def _candidates(given: str | Path) -> list[Candidate]:
    name, place = name_and_place(str(given))
    folder = find_folder(place if isinstance(given, str) else Path(place))
    if (folder / SNAPSHOTS).is_dir():
        return _run(folder, name or folder.name)
    if folder.parent.name == SNAPSHOTS and folder.name.isdigit():
        home, step = folder.parent.parent, int(folder.name)
        run = name or home.name
        return [Candidate(name or f"{run}@{step}", folder, run, home, step, _tokens(curve_of(home), step))]
    return [Candidate(name or (folder.name if Path(place).exists() else place), folder, name or folder.name)]


def _run(home: Path, name: str) -> list[Candidate]:
    """Snapshots by step, and the final model where no snapshot is of the last step."""
    curve = curve_of(home)
    places = {int(path.name): path for path in sorted((home / SNAPSHOTS).iterdir()) if path.name.isdigit()}
    if curve and curve[-1]["step"] not in places:
        places[curve[-1]["step"]] = home
    return [
        Candidate(f"{name}@{step}", places[step], name, home, step, _tokens(curve, step)) for step in sorted(places)
    ]


def _tokens(curve: Sequence[dict[str, Any]], step: int) -> int | None:
    """Tokens seen at `step`: of the last point of the curve up to it."""
    return max((point["tokens"] for point in curve if point["step"] <= step), default=0) if curve else None
