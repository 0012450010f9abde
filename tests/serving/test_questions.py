"""Vectors of questions: computed together, kept, and the same as alone."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from mecelle.base.errors import ResourceError
from mecelle.serving.questions import QuestionEncoder


class Counted:
    """An encoder that notes what it is asked."""

    name, fingerprint, dimension = "counted", "c" * 32, 3

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str], *, role: str = "document") -> Any:
        self.calls.append(list(texts))
        if "broken" in texts:
            raise ResourceError("no memory left")
        return np.array([[len(text), len(role), 1.0] for text in texts], dtype=np.float32)


def test_questions_of_one_moment_are_one_batch() -> None:
    inner = Counted()
    encoder = QuestionEncoder(inner)
    asked = ["kira", "velayet", "tazminat", "kira"]

    async def together() -> None:
        await asyncio.gather(*(encoder.prepare(question) for question in asked))

    asyncio.run(together())
    assert inner.calls == [["kira", "velayet", "tazminat"]]
    assert encoder.encode(asked, role="query")[:, 0].tolist() == [4, 7, 8, 4]
    assert len(inner.calls) == 1


def test_a_document_is_no_question() -> None:
    encoder = QuestionEncoder(Counted())
    encoder.encode(["kira"], role="query")
    assert encoder.encode(["kira"]).tolist() == [[4, len("document"), 1]]


def test_what_fails_is_told_by_the_search_and_the_next_batch_goes_on() -> None:
    encoder = QuestionEncoder(Counted())

    async def after_each_other() -> None:
        await encoder.prepare("broken")
        await encoder.prepare("kira")

    asyncio.run(after_each_other())
    with pytest.raises(ResourceError, match="no memory left"):
        encoder.encode(["broken"], role="query")


def test_who_runs_out_of_time_takes_the_vector_from_nobody() -> None:
    encoder = QuestionEncoder(Counted())

    async def one_leaves() -> None:
        leaving, staying = (asyncio.create_task(encoder.prepare("kira")) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait_for(staying, 5)

    asyncio.run(one_leaves())


def test_only_the_last_questions_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mecelle.serving.questions._KEPT", 2)
    inner = Counted()
    encoder = QuestionEncoder(inner)
    for question in ("a", "b", "c", "a"):
        encoder.encode([question], role="query")
    assert inner.calls == [["a"], ["b"], ["c"], ["a"]]
