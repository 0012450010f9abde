"""One workspace of the recipe `house` on the tiny sample, run once as a user runs it; tests that change it copy it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from mecelle.base import artifacts
from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.sample.write import write

BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
SEED = 7
STAGES = (
    "extract", "corpus", "select", "tokenizer", "encoder", "pairs", "guide", "embedding", "evaluation", "index",
    "report",
)  # fmt: skip


@dataclass(frozen=True)
class Workspace:
    """A workspace, and the sample that it reads, both in one folder of their own."""

    place: Path

    @property
    def folder(self) -> Path:
        return self.place / "house"

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def documents(self) -> Path:
        return self.place / "sample" / "documents"

    @property
    def truth(self) -> Path:
        return self.place / "sample" / "truth"

    def mecelle(self, *arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the command in the workspace; it must end with the exit code `code`, and show no traceback."""
        command = [str(BIN / "mecelle"), *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert done.returncode == code, f"{arguments}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def rows(self, *arguments: object) -> list[Any]:
        """What the command says when piped, a JSON object a line."""
        return [json.loads(line) for line in self.mecelle(*arguments).stdout.splitlines()]

    def start(self, *arguments: str, new_group: bool = False) -> subprocess.Popen[str]:
        """The command in the workspace, left running; what it says goes to files beside it.

        new_group: whether it gets a process group of its own, as a command at a terminal has.
        """
        log = (self.place / "log.txt").open("w", encoding="utf-8")
        with log:
            return subprocess.Popen(
                [str(BIN / "mecelle"), *arguments], cwd=self.folder, env=ENVIRONMENT, stdout=log, stderr=log, text=True,
                process_group=0 if new_group else None,
            )  # fmt: skip

    def log(self) -> str:
        """What the last started command said."""
        return (self.place / "log.txt").read_text(encoding="utf-8")

    def run(self, *arguments: str) -> set[str]:
        """`mecelle run`; returns the stages that were run anew."""
        told = self.mecelle("run", *arguments).stdout
        skipped = {name for name in STAGES if f"Stage '{name}' didn't change" in told}
        redone = {name for name in STAGES if f"Running stage '{name}'" in told}
        assert skipped | redone == set(STAGES), told
        assert not skipped & redone
        return redone

    def change(self, section: str, **values: Any) -> None:
        """Change parameters as a user does, in params.yaml."""
        path = self.folder / "params.yaml"
        parameters = yaml.safe_load(path.read_text(encoding="utf-8"))
        parameters[section] |= values
        path.write_text(yaml.safe_dump(parameters, sort_keys=False, allow_unicode=True), encoding="utf-8")

    def hash(self, stage: str) -> str:
        """Hash of an artifact's content."""
        return artifacts.read_marker(self.artifacts / stage).hash


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace after its first run, to be read only."""
    made = Workspace(tmp_path_factory.mktemp("recipes"))
    write(generate(seed=SEED, size=SampleSize.tiny()), made.place / "sample", seed=SEED)
    made.folder.mkdir()
    truth = made.truth
    inputs = ["--data", made.documents, "--queries", truth / "questions.jsonl", "--documents", truth / "articles.jsonl"]
    inputs += ["--terms", truth / "terms.jsonl", "--truth", truth]
    made.mecelle("new", "house", ".", "--scale", "smoke", *inputs)
    assert made.run() == set(STAGES)
    return made


@pytest.fixture(scope="session")
def stages() -> tuple[str, ...]:
    """The stages of the recipe, in order."""
    return STAGES


@pytest.fixture
def copy(workspace: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the workspace and its sample, to be changed."""
    return _copy(workspace, tmp_path / "copy")


def _copy(original: Workspace, place: Path) -> Workspace:
    shutil.copytree(original.place, place)
    made = Workspace(place)
    for name in ("dvc.yaml", "dvc.lock"):  # the data stand in them with their whole path
        path = made.folder / name
        path.write_text(path.read_text(encoding="utf-8").replace(str(original.place), str(place)), encoding="utf-8")
    return made
