import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from mecelle.models.endpoint import Answer, Endpoint, EndpointError
from mecelle.models.reconstruction import Reconstruction, fault, reconstruct

DAMAGED = "M a h k e m e c e d a v a n ı n kabulune,\n10.000 TL'nin tahsiline karar veri1miştir."


class Model:
    """A chat that gives known answers, in place of `Chat` (whose HTTP tests/models/test_endpoint.py proves)."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def post_chat(self, payload: Mapping[str, Any]) -> Answer:
        self.asked.append(payload["messages"][-1]["content"])
        assert payload["temperature"] == 0
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def run(text: str, *answers: Answer | Exception, **settings: Any) -> tuple[str, Counter[str], Model]:
    config = Reconstruction(endpoint=Endpoint(url="http://localhost/v1", model="m"), **settings)
    model = Model(*answers)
    mended, fates = asyncio.run(reconstruct(text, model, config))  # type: ignore[arg-type]
    return mended, fates, model


def test_spaces_and_letters_are_restored() -> None:
    answer = "Mahkemece davanın kabulüne, tahsiline karar verilmiştir."
    text = "\n  M a h k e m e c e d a v a n ı n kabulune, tah-\nsiline karar verilrniştir.\n"
    assert run(text, Answer(answer, "stop"))[:2] == (f"\n  {answer}\n", Counter(reconstructed=1))


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (Answer("Mahkemece davanın reddine, 10.000 TL'nin tahsiline karar veri1miştir.", "stop"), "content_changed"),
        (Answer("Mahkemece davanın kabulüne, 100.000 TL'nin tahsiline karar veri1miştir.", "stop"), "digits_changed"),
        (Answer("Mahkemece davanın kabulüne, 10.000 TL'nin tahsiline karar verilmiştir.", "stop"), "digits_changed"),
        (Answer("Mahkemece davanın kabulüne, 10.000 TL'nin", "length"), "truncated"),
        (Answer("İşte düzeltilmiş metin: Mahkemece 10.000", "stop"), "digits_changed"),
        (Answer("", "stop"), "digits_changed"),
        (EndpointError("gone"), "failed"),
    ],
)
def test_refused_answers_leave_the_text(answer: Answer | Exception, fate: str) -> None:
    assert run(DAMAGED, answer)[:2] == (DAMAGED, Counter({fate: 1}))


def test_a_refusal_costs_its_piece_alone() -> None:
    text = "k a r a r bir\n" * 8 + "k a r a r iki\n" * 8
    good = "\n".join(["karar iki"] * 8)
    mended, fates, model = run(text, Answer("başka", "stop"), Answer(good, "stop"), piece_characters=112)
    assert mended == "k a r a r bir\n" * 8 + good + "\n"
    assert fates == Counter(content_changed=1, reconstructed=1)
    assert len(model.asked) == 2


def test_blank_text_is_not_asked_about() -> None:
    assert run(" \n\n ")[:2] == (" \n\n ", Counter(unchanged=1))
    assert run("")[:2] == ("", Counter())


def test_how_far_an_answer_may_go() -> None:
    assert fault("davacı", "davalı", most_changed=0.0) == "content_changed"
    assert fault("davacı", "davalı", most_changed=0.2) is None
    assert fault("istern i ş i gunu", "istem işi günü", most_changed=0.0) is None
    assert fault("karar", "karar verildi", most_changed=0.0) == "content_changed"
