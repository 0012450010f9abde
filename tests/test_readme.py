"""The README's shell blocks, as a reader would paste them: those whose first line is `# tested`."""

import os
import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^```bash\n(?P<code># tested\n.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_to_run(page: str) -> list[str]:
    """The blocks to run, in order."""
    return [match["code"] for match in BLOCK.finditer(page)]


def test_the_blocks_of_the_readme_run(repository: Path, tmp_path: Path) -> None:
    blocks = blocks_to_run((repository / "README.md").read_text(encoding="utf-8"))
    assert blocks, "README.md has no ```bash block that begins with `# tested`"
    (tmp_path / "README.md").symlink_to(repository / "README.md")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"}
    # One shell for all blocks: what one leaves behind the next may use.
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-3_000:]}\n{done.stderr[-3_000:]}"
    assert "Traceback" not in done.stderr


def test_only_marked_blocks_are_run() -> None:
    other = "```bash\nexit 1\n```\n```python\n# tested\n```\n"
    page = f"```bash\n# tested\necho 1\n```\n\ntext\n{other}```bash\n# tested\necho 2\n```\n"
    assert blocks_to_run(page) == ["# tested\necho 1\n", "# tested\necho 2\n"]
