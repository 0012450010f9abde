"""Reads mutated files in a process that the test may lose: `python fuzz_child.py FOLDER SEED FIRST LAST`.

FOLDER holds whole files of every format. Prints one JSON line before each case and one after it.
"""

import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import orjson

from mecelle.base.document import Document
from mecelle.base.machine import peak_memory_gib
from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import File
from mecelle.documents.ocr import tesseract
from mecelle.documents.ocr.config import Ocr
from mecelle.documents.ocr.engine import PageText
from mecelle.documents.reading import read_file
from mecelle.documents.records import Failure

MOST_BYTES = 4 << 30  # address space, of which the libraries alone map one and a half
PIECES = (
    b"\x00", b"\xff" * 9, b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"PK\x03\x04", b"PK\x05\x06", b"%PDF-1.7",
    b"<!DOCTYPE t [<!ENTITY a 'a'>]>", b"<!--", b"]]>", b"stream\n", b"endobj", b"/Kids [1 0 R]", b"/Length 99999999",
    b"[" * 5_000, b'{"text": "', b"\\ud800", b'"' * 301, b"\n" * 300, b"<p>" * 3_000, b"99999999999999999999", b"-1",
    b"NaN", b"\r", b"\xf0\xfe\xfd",
)  # fmt: skip


async def _read_nothing(engine: tesseract.Tesseract, png: bytes) -> PageText:
    return PageText("natural", f"{len(png)} bayt")


def mutated(content: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """A few changes: bits, cuts, pieces put in, stretches doubled, zeroed or taken from another file."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4, 16, 64))):
        at = rng.randrange(len(data) + 1)
        length = rng.choice((1, 2, 4, 16, 200, 4_000))
        kind = rng.randrange(7)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at : at + length] = bytes(min(length, len(data) - at))
        elif kind == 2:
            data[at:at] = rng.choice(PIECES)
        elif kind == 3:
            data[at:at] = data[at : at + length] * rng.choice((1, 2, 50))
        elif kind == 4:
            del data[at : at + length]
        elif kind == 5 and rng.random() < 0.3:
            del data[at:]
        else:
            other = rng.choice(others)
            start = rng.randrange(len(other) + 1)
            data[at : at + length] = other[start : start + length]
    return bytes(data[:2_000_000])


def case(number: int, seed: int, files: list[Path], folder: Path) -> Path:
    """The file of a case: the same for the same number and seed."""
    rng = random.Random(f"{seed}:{number}")
    source = rng.choice(files)
    content = mutated(source.read_bytes(), [path.read_bytes() for path in rng.sample(files, 3)], rng)
    suffix = "".join(source.suffixes) if rng.random() < 0.9 else "".join(rng.choice(files).suffixes)
    path = folder / f"{number}-{source.stem.partition('.')[0]}{suffix}"
    path.write_bytes(content)
    return path


def main(samples: Path, seed: int, first: int, last: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    tesseract._version = lambda: "0"
    tesseract._languages = lambda: frozenset({"tur"})
    tesseract.Tesseract._ask = _read_nothing
    files = sorted(samples.iterdir())
    with tempfile.TemporaryDirectory() as place:
        for number in range(first, last):
            path = case(number, seed, files, Path(place))
            say({"case": number, "name": path.name})
            began = time.monotonic()
            config = ExtractConfig(ocr=Ocr() if number % 2 else None, max_file_mib=64, max_document_mib=8)
            found = Counter[str]()
            for item in read_file(File(path.name, path), config):
                assert isinstance(item, (Document, Failure))
                if isinstance(item, Document):
                    orjson.dumps([item.id, item.text, item.metadata])
                    assert item.text.strip()
                else:
                    orjson.dumps([item.path, item.position, item.reason, item.error])
                    if item.reason == "unreadable":  # no reader foresaw it
                        say({"case": number, "unforeseen": item.error[:300]})
                found["document" if isinstance(item, Document) else item.reason] += 1
            peak_mib = round(peak_memory_gib() * 1024)  # ru_maxrss would be the test process's: it survives exec
            say({"case": number, "found": found, "seconds": time.monotonic() - began, "peak_mib": peak_mib})
            path.unlink()


def say(row: dict[str, object]) -> None:
    sys.stdout.write(orjson.dumps(row).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
