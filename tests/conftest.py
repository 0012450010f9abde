"""Shared fixtures, and what pytest tells a person at the end."""

import os
from pathlib import Path

import pytest

# Two test processes share two cores: threads inside each would only wait for the other's. Set before torch is imported,
# and inherited by the commands that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real Turkish data; the test is skipped where it is absent."""
    folder = Path(os.environ.get("MECELLE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "legal").is_dir():
        pytest.skip(f"no real data at {folder}; set MECELLE_DATA to a folder that holds legal/ and general/")
    return folder


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: gzip writes the second into its header, and the two processes that share
    the tests must collect the same names."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The README's blocks take longest: first, so that the other process is not idle while they end."""
    items.sort(key=lambda item: item.path.name != "test_readme.py")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """Say what to do next, before pytest's own closing line."""
    if exitstatus == pytest.ExitCode.OK:
        terminalreporter.write_line(
            "Next: make demo, or make demo DATA=your-folder; make test-slow for the longer proofs"
        )
