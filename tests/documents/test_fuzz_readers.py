"""Whatever is in a file: no crash, no hang, bounded memory, and at least one document or failure from it.

Mutated whole files run in a process of their own under a limit of address space; a case that kills or stalls it is
named, and is made again by its number and seed. MECELLE_FUZZ_CASES sets how many the long run makes.
"""

import csv
import gzip
import os
import queue
import subprocess
import sys
import threading
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow
import pyarrow.parquet
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import File
from mecelle.documents.ocr.lines import join_wrapped_lines
from mecelle.documents.reading import read_file
from mecelle.documents.records import Failure, reader_for, reader_suffixes
from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.sample.write import write

MOST_SECONDS = 30  # of one case, on a busy machine
MOST_PEAK_MIB = 1_500
SHORT_CASES = 120
LONG_CASES = int(os.environ.get("MECELLE_FUZZ_CASES", "4000"))
SEED = int(os.environ.get("MECELLE_FUZZ_SEED", "11"))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whole files of every format that has a reader."""
    place = tmp_path_factory.mktemp("sample")
    write(generate(seed=3, size=SampleSize.tiny()), place, seed=3)
    folder = tmp_path_factory.mktemp("whole")
    for name in ("txt", "html", "docx", "udf", "pdf", "scanned"):
        good = [path for path in sorted((place / "documents" / name).iterdir()) if not path.stem.startswith("bad")]
        (folder / f"{name}{good[0].suffix}").write_bytes(good[0].read_bytes())
    lines = (place / "documents" / "decisions.jsonl").read_bytes().splitlines(keepends=True)[:15]
    rows = [orjson.loads(line) for line in lines]
    texts = [row["text"] for row in rows]
    (folder / "rows.jsonl").write_bytes(b"".join(lines))
    (folder / "rows.jsonl.gz").write_bytes(gzip.compress(b"".join(lines), mtime=0))
    (folder / "rows.jsonl.zst").write_bytes(zstandard.compress(b"".join(lines)))
    (folder / "rows.json").write_bytes(orjson.dumps(rows))
    for name, delimiter, encoding in (("rows.csv", ";", "cp1254"), ("rows.tsv", "\t", "utf-16")):
        with (folder / name).open("w", encoding=encoding, errors="replace", newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([("id", "text"), *enumerate(texts)])
    pyarrow.parquet.write_table(pyarrow.table({"text": texts}), folder / "rows.parquet")
    (folder / "description.hub.yaml").write_text("dataset: owner/name\nrevision: abc\n", encoding="utf-8")
    frames = [Image.effect_mandelbrot((300 + number, 200), (-2, -1, 1, 1), 9) for number in range(3)]
    frames[0].save(folder / "scan.tif", save_all=True, append_images=frames[1:], compression="tiff_lzw")
    frames[0].save(folder / "scan.png")
    frames[0].save(folder / "scan.jpg")
    with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            if path.suffix not in (".zip", ".yaml"):
                archive.write(path, f"dosya/{path.name}")
    return folder


@dataclass
class Tally:
    """What became of the cases."""

    cases: int = 0
    found: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    unforeseen: Counter[str] = field(default_factory=Counter)
    most_seconds: float = 0.0
    peak_mib: int = 0


def fuzz(samples: Path, seed: int, count: int) -> Tally:
    """Run cases 0 to `count` of `seed`; a case that ends its process, or takes too long, is a fault and is left out."""
    tally, first = Tally(), 0
    while first < count:
        command = [sys.executable, str(Path(__file__).with_name("fuzz_child.py")), str(samples)]
        child = subprocess.Popen(
            [*command, str(seed), str(first), str(count)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "HF_HUB_OFFLINE": "1",
            },  # an id that a mutation made would be looked for, for half a minute
        )
        rows: queue.Queue[str | None] = queue.Queue()
        complaint: list[str] = []
        readers = [
            threading.Thread(target=lambda c=child, q=rows: [*map(q.put, c.stdout), q.put(None)]),
            threading.Thread(target=lambda c=child, out=complaint: out.extend(c.stderr)),
        ]
        for reader in readers:
            reader.start()
        at = _follow(rows, tally)
        child.kill()
        for reader in readers:
            reader.join()
        with child:  # closes its pipes
            child.wait()
        if at is None:
            break
        tally.faults.append(f"{at} (ended with {child.returncode}): {''.join(complaint[-6:])}")
        first = int(at["case"]) + 1
    return tally


def _follow(rows: "queue.Queue[str | None]", tally: Tally) -> dict[str, Any] | None:
    """Count finished cases; the row of the case that did not finish, or None if all did."""
    begun: dict[str, Any] = {}
    while True:
        try:
            line = rows.get(timeout=MOST_SECONDS)
        except queue.Empty:
            return begun
        if line is None:
            return begun or None
        row = orjson.loads(line)
        if "found" in row:
            begun = {}
            tally.cases += 1
            tally.found.update(row["found"])
            tally.most_seconds = max(tally.most_seconds, row["seconds"])
            tally.peak_mib = max(tally.peak_mib, row["peak_mib"])
            if not row["found"]:
                tally.faults.append(f"{row}: nothing came out, nothing was counted")
        elif "unforeseen" in row:
            tally.unforeseen[row["unforeseen"]] += 1
        else:
            begun = row


def _check(tally: Tally, count: int) -> None:
    assert not tally.faults, "\n".join(tally.faults)
    assert tally.cases == count
    assert tally.peak_mib < MOST_PEAK_MIB
    assert tally.found["document"] > count / 10  # the cases are not all broken at their first byte


def test_every_format_is_among_the_samples(samples: Path) -> None:
    named = {reader.name for path in samples.iterdir() if (reader := reader_for(path.name))}
    assert named == {reader.name for reader in reader_suffixes().values()}
    for path in sorted(
        set(samples.iterdir()) - set(samples.glob("*.yaml"))
    ):  # without the hub dataset, which would be looked for
        found = list(read_file(File(path.name, path), ExtractConfig()))
        assert found
        if path.stem not in ("scan", "scanned", "all"):
            assert not any(isinstance(item, Failure) for item in found), path


def test_mutated_files_short(samples: Path) -> None:
    _check(fuzz(samples, SEED, SHORT_CASES), SHORT_CASES)


@pytest.mark.slow
def test_mutated_files_long(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = fuzz(samples, SEED, LONG_CASES)
    with capsys.disabled():  # shown when all is well, too: what was run is the result
        sys.stdout.write(f"\n{tally.cases} cases of seed {SEED}: {dict(tally.found.most_common())}\n")
        sys.stdout.write(f"longest {tally.most_seconds:.1f} s, peak {tally.peak_mib} MiB\n")
        sys.stdout.writelines(f"  {count} x unforeseen: {error}\n" for error, count in tally.unforeseen.most_common())
    _check(tally, LONG_CASES)


QUICK = settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@QUICK
@given(content=st.binary(min_size=1, max_size=400), suffix=st.sampled_from(sorted({*reader_suffixes(), ".zip"})))
def test_any_bytes_under_any_name_are_counted(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    assert list(read_file(File(path.name, path), ExtractConfig()))


_LINES = st.lists(
    st.one_of(
        st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
        st.builds(lambda text: orjson.dumps({"text": text}), st.text(st.characters(codec="utf-8"), max_size=20)),
        st.sampled_from(
            [b'{"text": "\\ud800 \\u0000"}', b"{" * 3_000, b'{"text": NaN}', b"\xef\xbb\xbf", b'{"text": 1e999}']
        ),
    ),
    max_size=12,
)


@QUICK
@given(lines=_LINES)
def test_every_line_of_jsonl_is_one_document_or_failure(tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(lines))
    found = list(read_file(File(path.name, path), ExtractConfig()))
    written = [number for number, line in enumerate(lines, start=1) if line.strip()]
    positions = [
        item.position if isinstance(item, Failure) else item.metadata["source"].partition("#")[2] for item in found
    ]
    assert positions == [str(number) for number in written] or not path.stat().st_size


@QUICK
@given(
    text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30),
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6),
)
def test_no_letter_of_a_udf_is_lost_or_made_whatever_its_layout(
    tmp_path: Path, make_file: Any, text: str, spans: list[tuple[int, int]]
) -> None:
    text = text.replace("]]>", "")
    cell = '<cell><paragraph><content startOffset="{}" length="{}"/></paragraph></cell>'
    elements = "".join(f"<table><row>{cell.format(start, length)}</row></table>" for start, length in spans)
    path = make_file.udf(tmp_path / "a.udf", f"Ad\n{text}", elements=elements)
    plain = make_file.udf(tmp_path / "b.udf", f"Ad\n{text}")
    [one], [other] = ([*read_file(File("a.udf", place), ExtractConfig())] for place in (path, plain))
    assert "".join(one.text.split()) == "".join(other.text.split())


@QUICK
@given(text=st.text(st.sampled_from("abçğ .-¬\n|1MADE"), max_size=300))
def test_joined_lines_keep_their_letters(text: str) -> None:
    before, after = ("".join(c for c in s if c not in " \n-¬") for s in (text, join_wrapped_lines(text)))
    assert before == after
