"""The endpoint is asked as it must be, and whatever it does, each page ends as natural, length or abort."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from mecelle.base.errors import ConfigError
from mecelle.documents.files import content_hash
from mecelle.documents.ocr.config import Ocr
from mecelle.documents.ocr.engine import PageText
from mecelle.documents.ocr.pages import picture_pages
from mecelle.documents.ocr.recognise import recognise
from mecelle.documents.ocr.vision import Vision
from mecelle.models.endpoint import Endpoint


def ask(pages: list[object], ocr: Ocr, in_flight: int = 4) -> dict[int, PageText]:
    found: dict[int, PageText] = {}
    recognise(
        pages, ocr, lambda page, text, kept: found.__setitem__(page.number, text), in_flight=in_flight, log="test"
    )
    return found


@pytest.fixture
def pages(tmp_path: Path) -> list[object]:
    """One frame of 2,000 x 1,500 pixels."""
    from PIL import Image

    Image.effect_mandelbrot((2_000, 1_500), (-2, -1, 1, 1), 20).save(tmp_path / "a.tif")
    return list(picture_pages(tmp_path / "a.tif", source="a.tif", file_hash=content_hash(tmp_path / "a.tif")))


def test_the_request_is_that_of_the_paper(server, pages, monkeypatch):
    monkeypatch.setenv("OCR_KEY", "gizli")
    assert ask(pages, server.ocr(api_key_variable="OCR_KEY"))[1].ended == "natural"
    [request] = server.requests
    assert (request["path"], request["model"], request["key"]) == ("/v1/chat/completions", "dots-ocr", "Bearer gizli")
    assert (request["temperature"], request["max_tokens"]) == (0, 3_072)
    assert (request["url_start"], request["size"], request["colours"]) == ("data:image/png;base64,", [1024, 768], 2)


def test_a_missing_key_ends_it_before_the_first_request(server, pages):
    with pytest.raises(ConfigError, match="the environment has no NO_SUCH_KEY"):
        ask(pages, server.ocr(api_key_variable="NO_SUCH_KEY"))
    assert not server.requests


@pytest.mark.parametrize("fault", ["wait:", "status:500", "status:503", "malformed", "drop", "half", "slow:1.5"])
def test_a_fault_that_passes_is_tried_again(server, pages, fault):
    server.plan(fault)
    text = ask(pages, server.ocr(timeout_seconds=0.8))[1]
    assert (text.ended, text.prompt_tokens, text.output_tokens, text.error) == ("natural", 900, 9, "")
    assert len(server.requests) == 2


def test_retry_after_is_obeyed(server, pages):
    server.plan("wait:1")
    assert ask(pages, server.ocr())[1].ended == "natural"
    first, second = server.requests
    assert second["at"] - first["at"] >= 1


@pytest.mark.parametrize(
    ("fault", "word"),
    [("status:500", "500"), ("malformed", "no answer of /chat/completions"), ("half", "Error"), ("slow:1.5", "0.4 s")],
)
def test_a_fault_that_stays_is_an_abort_after_bounded_retries(server, pages, fault, word):
    server.plan(then=fault)
    text = ask(pages, server.ocr(timeout_seconds=0.4))[1]
    assert (text.ended, text.is_done, text.text) == ("abort", False, "")
    assert word in text.error
    assert len(server.requests) == 3


def test_a_refusal_is_an_abort_without_a_retry(server, pages):
    server.plan(then="status:400")
    text = ask(pages, server.ocr())[1]
    assert text.ended == "abort"
    assert "no: 400" in text.error
    assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_an_abort(pages):
    endpoint = Endpoint(url="http://127.0.0.1:9/v1", model="m", retries=1, first_wait_seconds=0.0)
    assert ask(pages, Ocr(engine=Vision(endpoint=endpoint)))[1].ended == "abort"


def test_answers_that_are_cut_or_filtered(server, pages):
    server.plan("length", "filtered")
    cut = ask(pages, server.ocr())[1]
    assert (cut.ended, cut.is_done, cut.text.split()[0]) == ("length", True, "Karar:")
    filtered = ask(pages, server.ocr())[1]
    assert (filtered.ended, "content_filter" in filtered.error) == ("abort", True)


def test_the_answer_must_fit_the_context():
    with pytest.raises(ValidationError, match="leaves no room"):
        Vision(endpoint=Endpoint(url="http://x/v1", model="m"), context_tokens=3_072)


def test_what_decides_the_text_is_the_identity_and_where_the_server_is_does_not(server):
    engine = server.engine()
    elsewhere = engine.model_copy(update={"endpoint": Endpoint(url="http://other/v1", model="dots-ocr", retries=0)})
    other = engine.model_copy(update={"endpoint": Endpoint(url="http://other/v1", model="other")})
    assert engine.identity() == elsewhere.identity() != other.identity()
    assert engine.model_copy(update={"prompt": "Oku."}).identity() != engine.identity()
