"""A collection of pages: asked once each, whoever asks, and whatever was killed before."""

import json
import multiprocessing
import time
import zipfile
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from mecelle.base.errors import ConfigError, ResourceError
from mecelle.documents.config import ExtractConfig
from mecelle.documents.ocr import recognise, stage
from mecelle.documents.ocr.figure import completion_figure
from mecelle.documents.ocr.rates import read_rates
from mecelle.documents.ocr.stage import read_pages
from mecelle.documents.ocr.store import PageStore

NUM_PAGES = 12


@pytest.fixture
def folder(tmp_path: Path, write_scan) -> Path:
    """Twelve scanned pages in four files, one of them in an archive, and a PDF with a text layer."""
    place = tmp_path / "in"
    place.mkdir()
    for number in range(3):
        write_scan(place / f"{number}.pdf", *(f"Sayfa {number} {page}" for page in range(3)))
    inner = write_scan(tmp_path / "ic.pdf", *(f"Arsiv {page}" for page in range(3)))
    with zipfile.ZipFile(place / "arsiv.zip", "w") as archive:
        archive.write(inner, "klasör/ic.pdf")
    (place / "broken.pdf").write_bytes(b"%PDF junk")
    return place


def stored(ocr) -> dict[str, bytes]:
    """Every page file of a store."""
    root = PageStore(ocr.pages, ocr.engine).folder
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.glob("text/*/*.json"))}


def start(folder: Path, ocr, partition: int = 0, of: int = 1) -> ForkServerProcess:
    """A process of its own that reads pages; it can be killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([stage.__name__])
    arguments = {"partition": partition, "of": of}
    process = context.Process(target=read_pages, args=(folder, ExtractConfig(ocr=ocr)), kwargs=arguments)
    process.start()
    return process


def test_a_rerun_asks_for_nothing(server, folder, tmp_path, monkeypatch):
    ocr = server.ocr(tmp_path / "pages", requests_in_flight=3)
    accounts, figures = read_pages(folder, ExtractConfig(ocr=ocr))
    assert (accounts.kept, figures["natural"], figures["kept_from_before"]) == (NUM_PAGES, NUM_PAGES, 0)
    assert (figures["prompt_tokens"], figures["output_tokens"]) == (900 * NUM_PAGES, 9 * NUM_PAGES)
    assert len(server.requests) == len(stored(ocr)) == NUM_PAGES
    assert server.most_open <= 3
    first = stored(ocr)
    monkeypatch.setattr(recognise, "_KEPT_AT_ONCE", 5)  # all of them, in pieces
    accounts, figures = read_pages(folder, ExtractConfig(ocr=ocr))
    assert (accounts.kept, figures["pages"], figures["kept_from_before"]) == (NUM_PAGES, 0, NUM_PAGES)
    assert len(server.requests) == NUM_PAGES
    assert stored(ocr) == first


def test_requests_are_in_flight_together(server, folder, tmp_path):
    server.plan(then="slow:1")
    read_pages(folder, ExtractConfig(ocr=server.ocr(tmp_path / "pages", requests_in_flight=8)))
    assert 5 <= server.most_open <= 8


def test_an_abort_is_tried_again_and_a_cut_answer_is_not(server, folder, tmp_path):
    server.plan("length", *["status:400"] * 2)
    ocr = server.ocr(tmp_path / "pages")
    accounts, figures = read_pages(folder, ExtractConfig(ocr=ocr))
    assert (accounts.kept, accounts.failed) == (NUM_PAGES - 2, {"abort": 2})
    assert (figures["natural"], figures["length"], figures["abort"]) == (NUM_PAGES - 3, 1, 2)
    server.plan()
    accounts, figures = read_pages(folder, ExtractConfig(ocr=ocr))
    assert (accounts.kept, accounts.failed, figures["pages"]) == (NUM_PAGES, {}, 2)
    assert len(server.requests) == 2


def test_killed_in_the_middle_it_reads_what_is_missing(server, folder, tmp_path):
    ocr = server.ocr(tmp_path / "pages", requests_in_flight=2)
    server.plan(then="slow:0.25")
    process = start(folder, ocr)
    deadline = time.monotonic() + 30
    while len(server.requests) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.join()
    done = len(stored(ocr))
    assert 0 < done < NUM_PAGES
    server.plan()
    read_pages(folder, ExtractConfig(ocr=ocr))
    assert len(server.requests) == NUM_PAGES - done
    whole = server.ocr(tmp_path / "whole")
    read_pages(folder, ExtractConfig(ocr=whole))
    assert stored(ocr) == stored(whole)


def test_two_partitions_leave_the_store_of_one(server, folder, tmp_path):
    ocr, one = server.ocr(tmp_path / "two"), server.ocr(tmp_path / "one")
    for process in [start(folder, ocr, partition, 2) for partition in range(2)]:
        process.join()
        assert process.exitcode == 0
    shared = server.requests
    assert len(shared) == len({request["picture"] for request in shared}) == NUM_PAGES
    read_pages(folder, ExtractConfig(ocr=one))
    assert stored(ocr) == stored(one)
    accounts, _ = read_pages(folder, ExtractConfig(ocr=one), partition=0, of=2)
    assert 0 < accounts.kept < NUM_PAGES
    assert accounts.dropped == {"other_partition": NUM_PAGES - accounts.kept}


def test_folders_are_made_once(server, folder, tmp_path, monkeypatch):
    ocr = server.ocr(tmp_path / "pages")
    assert len(list((PageStore(ocr.pages, ocr.engine).folder / "text").iterdir())) == 256

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a folder was asked for again")

    monkeypatch.setattr(Path, "mkdir", refuse)
    read_pages(folder, ExtractConfig(ocr=ocr))


def test_a_server_that_is_down_ends_the_run(server, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "MOST_ABORTS_IN_A_ROW", 4)
    server.plan(then="status:401")
    with pytest.raises(ResourceError, match=r"4 pages in a row ended as abort.*401"):
        read_pages(folder, ExtractConfig(ocr=server.ocr(tmp_path / "pages", requests_in_flight=1)))
    assert len(server.requests) == 4


def test_what_is_needed_is_told(server, folder, tmp_path):
    with pytest.raises(ConfigError, match=r"ocr\.pages"):
        read_pages(folder, ExtractConfig(ocr=server.ocr()))
    with pytest.raises(ConfigError, match="partition 2 of 2"):
        read_pages(folder, ExtractConfig(ocr=server.ocr(tmp_path / "pages")), partition=2, of=2)


def test_rates_over_time_and_their_figure(tmp_path):
    rows = [
        {"start": 1_000.0 + 30 * number, "seconds": 10.0, "ended": "length" if number == 3 else "natural"}
        for number in range(6)
    ]
    lines = [json.dumps(row | {"prompt_tokens": 900, "output_tokens": 500}) for row in rows]
    (tmp_path / "a.jsonl").write_text("\n".join(lines[:4]) + "\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text("\n".join(lines[4:]) + '\n{"start": 10', encoding="utf-8")  # a kill cut it
    rates = read_rates(tmp_path.glob("*.jsonl"))
    assert rates.buckets == [
        {"natural": 2, "length": 0, "abort": 0},
        {"natural": 1, "length": 1, "abort": 0},
        {"natural": 2, "length": 0, "abort": 0},
    ]
    assert rates.summary() == {
        "pages": 6, "natural": 5, "length": 1, "abort": 0, "natural_share": 0.8333, "pages_per_second": 0.037,
        "prompt_tokens": 5_400, "output_tokens": 3_000, "seconds": 160.0,
    }  # fmt: skip
    figure = completion_figure(rates, title="dots-ocr")
    assert figure == completion_figure(rates, title="dots-ocr")
    assert all(word in figure for word in ("<svg", "dots-ocr", "natural", "length", "abort", "minutes"))
    assert read_rates([]).summary()["pages"] == 0
