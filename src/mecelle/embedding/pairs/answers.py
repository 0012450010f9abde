"""Answers of a language model that were paid for once."""

from pathlib import Path

import orjson


class Answers:
    """Answers by the hash of what was asked: JSON Lines, written as they come, so that a killed run loses none."""

    def __init__(self, path: Path) -> None:
        """path: made if absent; a line that a killed run left half-written is passed over."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._known: dict[str, str] = {}
        content = path.read_bytes() if path.exists() else b""
        for line in content.splitlines():
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            self._known[row["asked"]] = row["answer"]
        if content and not content.endswith(b"\n"):
            with path.open("ab") as file:
                file.write(b"\n")

    def get(self, asked: str) -> str | None:
        """The answer, if it is known."""
        return self._known.get(asked)

    def add(self, asked: str, answer: str) -> None:
        """Keep an answer."""
        self._known[asked] = answer
        with self.path.open("ab") as file:
            file.write(orjson.dumps({"asked": asked, "answer": answer}, option=orjson.OPT_APPEND_NEWLINE))
