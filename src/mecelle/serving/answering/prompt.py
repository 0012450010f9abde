"""What the language model is told."""

from collections.abc import Sequence
from importlib.resources import files

from mecelle.serving.answering.evidence import Source

NO_ANSWER = "YANIT YOK"
"""What the model is to say if the passages do not hold the answer."""

_PASSAGE_CHARACTERS = 2_000


def messages(question: str, sources: Sequence[Source]) -> list[dict[str, str]]:
    """The messages of a chat: the rules, then the numbered passages and the question.

    Passages are quoted line by line, so that nothing in them can pass for a rule or for the end of the passages.
    """
    passages = "\n\n".join(
        f"[{source.number}] {source.hit.citation}\n{_quoted(source.hit.passage)}" for source in sources
    )
    rules = files("mecelle.serving.answering").joinpath("rules.txt").read_text(encoding="utf-8")
    return [
        {"role": "system", "content": rules.format(no_answer=NO_ANSWER).strip()},
        {"role": "user", "content": f"PASAJLAR\n\n{passages}\n\nSORU\n\n{_quoted(question)}"},
    ]


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text[:_PASSAGE_CHARACTERS].splitlines())
