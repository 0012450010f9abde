"""The commands as a user types them, run in this process, with a collection that takes no time to read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mecelle.base.allocator import ALLOCATOR
from mecelle.cli.main import app

TEXT = (
    "Davacı vekili, kiralananın tahliyesine karar verilmesini talep etmiştir. Mahkemece, kiracının temerrüde düştüğü "
    "ve verilen süre içinde kira bedelini ödemediği gerekçesiyle davanın kabulüne karar verilmiştir. Hüküm, davalı "
    "vekili tarafından temyiz edilmiştir. Dosyadaki bilgi ve belgelere göre hükmün onanması gerekmiştir."
)


@pytest.fixture(autouse=True)
def _allocator(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without these, commands that train start themselves again and take the tests' process along.
    for name, value in ALLOCATOR.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def run(*arguments: object, code: int = 0) -> Result:
    """The command in this process; it must end with the exit code `code`, in a message and not in an exception."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == code, f"{arguments}: exit code {result.exit_code}\n{result.output}"
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def mecelle() -> Callable[..., Result]:
    """`run`."""
    return run


@pytest.fixture
def refused() -> Callable[..., str]:
    """Runs a command that the user must mend; returns what it says on stderr, on one line."""
    return lambda *arguments: " ".join(run(*arguments, code=2).stderr.split())


@pytest.fixture
def write_decisions() -> Callable[..., None]:
    """Writes decisions number `first` to `last` into a folder, a file each."""

    def write(folder: Path, first: int, last: int) -> None:
        folder.mkdir(exist_ok=True)
        for number in range(first, last + 1):
            row: dict[str, Any] = {"id": f"karar-{number}", "kind": "decision", "court": "Yargıtay"}
            row |= {"chamber": "3. Hukuk Dairesi", "case_number": f"2024/{number}", "date": "2024-05-29"}
            row |= {
                "decision_number": f"2024/{number + 5000}",
                "text": f"{TEXT} Dosya sıra numarası {number} sayılıdır.",
            }
            line = json.dumps(row, ensure_ascii=False) + "\n"
            (folder / f"{number:03d}.jsonl").write_text(line, encoding="utf-8")

    return write


@pytest.fixture
def collection(tmp_path: Path, write_decisions: Callable[..., None]) -> Path:
    """Six decisions."""
    write_decisions(tmp_path / "belgeler", 1, 6)
    return tmp_path / "belgeler"
