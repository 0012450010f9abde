"""Vectors of questions: computed together and kept; nobody waits for ever, and not more than may."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from mecelle.base.errors import ArtifactError, ResourceError
from mecelle.serving.errors import ServiceError
from mecelle.serving.questions import QuestionEncoder


class Panic(BaseException):
    """As pyo3_runtime.PanicException, which is no Exception."""


class Counted:
    """An encoder that notes what it is asked, fails at some questions, and can be held."""

    name, fingerprint, dimension = "counted", "c" * 32, 3

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def encode(self, texts: Sequence[str], *, role: str = "document") -> Any:
        self.calls.append(list(texts))
        self.begun.set()
        self.go_on.wait(10)
        for text, error in (("broken", ResourceError("no memory left")), ("panic", Panic("panic"))):
            if text in texts:
                raise error
        return np.array([[len(text), len(role), 1.0] for text in texts], dtype=np.float32)


def test_questions_of_one_moment_are_one_batch() -> None:
    inner = Counted()
    encoder = QuestionEncoder(inner, most=9)
    asked = ["kira", "velayet", "tazminat", "kira"]

    async def together() -> None:
        await asyncio.gather(*(encoder.prepare(question) for question in asked))

    asyncio.run(together())
    assert inner.calls == [["kira", "velayet", "tazminat"]]
    assert encoder.encode(asked, role="query")[:, 0].tolist() == [4, 7, 8, 4]
    assert len(inner.calls) == 1


def test_a_document_is_no_question() -> None:
    encoder = QuestionEncoder(Counted(), most=9)
    encoder.encode(["kira"], role="query")
    assert encoder.encode(["kira"]).tolist() == [[4, len("document"), 1]]


async def told(encoder: QuestionEncoder, question: str) -> str:
    """What came of a question that waits for its vector."""
    try:
        async with asyncio.timeout(5):
            await encoder.prepare(question)
    except (ArtifactError, ServiceError, TimeoutError) as error:
        return str(error)
    return "known"


@pytest.mark.parametrize(("question", "why"), [("broken", "no memory left"), ("panic", "Panic")])
def test_only_the_question_that_the_encoder_fails_at_is_told_so(question: str, why: str) -> None:
    inner = Counted()
    encoder = QuestionEncoder(inner, most=9)

    async def ask() -> list[str]:
        together = await asyncio.gather(*(told(encoder, one) for one in (question, "kira")))
        return [*together, await told(encoder, "velayet")]

    failed, *others = asyncio.run(ask())
    assert failed.endswith(f"cannot embed a question: {why}")
    assert others == ["known", "known"]
    assert inner.calls == [[question, "kira"], [question], ["kira"], ["velayet"]]
    assert encoder.waiting == 0


def test_no_more_wait_than_may_and_who_left_is_not_embedded() -> None:
    inner = Counted()
    encoder = QuestionEncoder(inner, most=3)

    async def ask() -> list[str]:
        inner.go_on.clear()
        first = asyncio.create_task(told(encoder, "kira"))
        await asyncio.to_thread(inner.begun.wait, 10)
        staying, leaving = (asyncio.create_task(told(encoder, one)) for one in ("velayet", "tazminat"))
        await asyncio.sleep(0)
        assert encoder.waiting == 3
        refused = await told(encoder, "nafaka")
        leaving.cancel()
        await asyncio.wait([leaving])
        assert encoder.waiting == 2
        again = asyncio.create_task(told(encoder, "velayet"))
        await asyncio.sleep(0)
        inner.go_on.set()
        return [refused, await first, await staying, await again]

    refused, *others = asyncio.run(ask())
    assert "Too many requests" in refused
    assert others == ["known"] * 3
    assert inner.calls == [["kira"], ["velayet"]]


def test_an_ended_event_loop_leaves_nobody_behind() -> None:
    inner = Counted()
    encoder = QuestionEncoder(inner, most=9)

    async def leave() -> None:
        inner.go_on.clear()
        asyncio.ensure_future(encoder.prepare("kira")).add_done_callback(lambda one: one.exception)
        await asyncio.to_thread(inner.begun.wait, 10)

    asyncio.run(leave())
    inner.go_on.set()
    assert asyncio.run(told(encoder, "kira")) == "known"


def test_a_service_that_ends_tells_who_waits() -> None:
    inner = Counted()
    encoder = QuestionEncoder(inner, most=20)

    async def ask() -> list[str]:
        inner.go_on.clear()
        first = asyncio.create_task(told(encoder, "kira"))
        await asyncio.to_thread(inner.begun.wait, 10)
        second = asyncio.create_task(told(encoder, "velayet"))
        await asyncio.sleep(0)
        encoder.close()
        inner.go_on.set()
        return await asyncio.gather(first, second)

    known, ended = asyncio.run(ask())
    assert known == "known"
    assert "cannot embed" in ended


def test_who_runs_out_of_time_takes_the_vector_from_nobody() -> None:
    encoder = QuestionEncoder(Counted(), most=9)

    async def one_leaves() -> None:
        leaving, staying = (asyncio.create_task(encoder.prepare("kira")) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait_for(staying, 5)

    asyncio.run(one_leaves())


def test_the_questions_that_were_asked_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mecelle.serving.questions._KEPT", 2)
    inner = Counted()
    encoder = QuestionEncoder(inner, most=9)
    for question in ("a", "b", "a", "c", "a", "b"):
        encoder.encode([question], role="query")
    assert inner.calls == [["a"], ["b"], ["c"], ["b"]]
