"""`mecelle new` and `mecelle run` of the encoder recipes on the sample, as a user types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.training.lineage import Lineage

BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def mecelle(*arguments: object, folder: Path) -> str:
    command = [str(BIN / "mecelle"), *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hukukbert", "mecellem-encoder"])
def test_the_whole_recipe_on_the_sample(name: str, tmp_path: Path) -> None:
    place = tmp_path / "workspace"
    mecelle("new", name, place, "--scale", "smoke", folder=tmp_path)
    mecelle("run", folder=place)
    encoder = place / "artifacts" / "encoder"
    artifacts.verify(encoder)
    artifacts.verify(place / "artifacts" / "choice")
    assert Lineage(encoder).documents_of(1)
    choice = json.loads((place / "artifacts" / "choice" / "choice.json").read_bytes())
    assert len(choice["candidates"]) >= 2
    assert choice["deciding"] == "post-trained"
    assert "Which checkpoint" in (place / "report.html").read_text(encoding="utf-8")
    assert "Running stage" not in mecelle("run", folder=place)
