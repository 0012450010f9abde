"""OCR: character error rate and speed, by engine, picture size and damage of the paper.

The four PDFs of `general/ocr` are drawn at 300 DPI into TIFF files, as they are and degraded (rotation up to 1 degree,
blur, noise, faded ink; seeded), and read through `mecelle.documents.ocr.stage.read_pages`, the code of `mecelle corpus
ocr`: by Tesseract at full size and at 1,024 pixels, and through a real HTTP server on loopback that speaks the
OpenAI-compatible protocol with Tesseract behind it. The server's text must equal that of Tesseract at the same size.

Character error rate: `mecelle.text.repair.error_rate` over texts in `mecelle.text.unicode.clean` form: Levenshtein
distance over length of the truth, all white space as one space; case, digits and diacritics count. Pages are pooled;
the interval is a bootstrap over pages.
"page": the whole page, whose header box the engines read in another order than the truth has it. "body": what follows
the header box, cut off in both where its last cell ("Sayfa 3-1") is found. "repaired": what is left when `repair_pages`
went over the read pages and over those of the truth: headers and footers gone from both, broken words joined.

    python benchmarks/ocr.py --pages 12 --seed 7
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
from measuring import DATA, machine, write_results
from PIL import Image, ImageFilter

from mecelle.documents.config import ExtractConfig
from mecelle.documents.files import content_hash
from mecelle.documents.ocr.config import Ocr
from mecelle.documents.ocr.engine import Engine
from mecelle.documents.ocr.figure import completion_figure
from mecelle.documents.ocr.pages import picture_pages
from mecelle.documents.ocr.rates import read_rates
from mecelle.documents.ocr.rendering import Rendering
from mecelle.documents.ocr.stage import read_pages
from mecelle.documents.ocr.store import PageStore
from mecelle.documents.ocr.tesseract import Tesseract
from mecelle.documents.ocr.vision import Vision
from mecelle.models.endpoint import Endpoint
from mecelle.text.repair import repair_pages
from mecelle.text.repair.error_rate import character_errors
from mecelle.text.unicode import clean

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "documents" / "ocr"))

DPI = 300
HEADER = re.compile(r"\A.{0,500}?Sayfa\b.{0,60}?\d\s?-\s?\d+\s*\n", re.DOTALL)
RESAMPLES = 2_000


@dataclass(frozen=True)
class Truth:
    """What stands on one page."""

    file: str
    number: int
    text: str


def truths(num_pages: int) -> list[Truth]:
    """The first pages of the four PDFs, with the text that their makers put in."""
    found = [
        Truth(path.name.partition(".")[0], number, text)
        for path in sorted((DATA / "general" / "ocr").glob("*.truth.txt"))
        for number, text in enumerate(path.read_text(encoding="utf-8").split("\f"), start=1)
        if text.strip()
    ]
    return found[:num_pages]


def draw(pages: list[Truth], folder: Path, *, degraded: bool, seed: int) -> None:
    """One TIFF per PDF."""
    rng = np.random.default_rng(seed)
    for name in sorted({page.file for page in pages}):
        with pymupdf.open(DATA / "general" / "ocr" / f"{name}.pdf") as pdf:
            numbers = [page.number for page in pages if page.file == name]
            frames = [_picture(pdf[number - 1], rng if degraded else None) for number in numbers]
        frames[0].save(
            folder / f"{name}.tif", save_all=True, append_images=frames[1:], compression="tiff_lzw", dpi=(DPI, DPI)
        )


def _picture(page: Any, rng: np.random.Generator | None) -> Image.Image:
    drawn = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY)
    picture = Image.frombytes("L", (drawn.width, drawn.height), drawn.samples)
    if rng is None:
        return picture
    picture = picture.rotate(float(rng.uniform(-1, 1)), Image.Resampling.BICUBIC, fillcolor=255)
    picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(1.0, 2.0))))
    faded = 255 - (255 - np.asarray(picture, dtype=np.float32)) * rng.uniform(0.6, 0.9)
    noisy = faded + rng.normal(0, 18, faded.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def body(text: str) -> str:
    """What follows the header box of a page, if its last cell is found."""
    return HEADER.sub("", text, count=1)


def error_rate(pairs: list[tuple[str, str]], *, seed: int) -> dict[str, float]:
    """Pooled character error rate of (truth, read) pages, 0..1, with a bootstrap interval of 95% over pages."""
    wrong, length = np.array([character_errors(clean(read), clean(truth)) for truth, read in pairs]).T
    drawn = np.random.default_rng(seed).integers(0, len(pairs), (RESAMPLES, len(pairs)))
    low, high = np.quantile(wrong[drawn].sum(1) / length[drawn].sum(1), [0.025, 0.975])
    return {
        "cer": round(float(wrong.sum() / length.sum()), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def repaired(texts: dict[tuple[str, int], str]) -> dict[tuple[str, int], str]:
    """The pages of each file after `repair_pages`."""
    out: dict[tuple[str, int], str] = {}
    for name in sorted({file for file, _ in texts}):
        keys = [key for key in texts if key[0] == name]
        out |= dict(zip(keys, repair_pages([texts[key] for key in keys]), strict=True))
    return out


def read(folder: Path, engine: Engine, pages: list[Truth], store: Path) -> tuple[dict[tuple[str, int], str], Any]:
    """The text of each page by (file, number), and the figures of the run."""
    config = ExtractConfig(ocr=Ocr(engine=engine, pages=store))
    _, figures = read_pages(folder, config)
    kept = PageStore(store, engine)
    texts: dict[tuple[str, int], str] = {}
    for path in sorted(folder.glob("*.tif")):
        numbers = [page.number for page in pages if page.file == path.stem]
        for number, page in zip(
            numbers, picture_pages(path, source=path.name, file_hash=content_hash(path)), strict=True
        ):
            text = kept.get(page.key)
            texts[path.stem, number] = text.text if text else ""
    (store / f"{engine.label.replace(' ', '-')}.svg").write_text(
        completion_figure(read_rates(kept.folder.glob("log/*.jsonl"), bucket_seconds=10), title=engine.label),
        encoding="utf-8",
    )
    return texts, figures


def engines(server_url: str) -> Iterator[tuple[str, Engine]]:
    """What is compared. In flight: 2 each, so that the rates compare."""
    yield "tesseract, 300 DPI", Tesseract(processes=2)
    yield "tesseract, 1,024 px", Tesseract(rendering=Rendering(longest_side=1024), processes=2)
    endpoint = Endpoint(url=server_url, model="tesseract-behind-http", requests_in_flight=2)
    yield "endpoint, 1,024 px", Vision(rendering=Rendering(longest_side=1024), endpoint=endpoint)


def main() -> None:
    """Measure, print the table, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=12, help="pages in all, from the first PDF on")
    parser.add_argument("--seed", type=int, default=7, help="of the degradation and of the bootstrap")
    arguments = parser.parse_args()
    from conftest import Server  # type: ignore[import-not-found]  # the endpoint of the tests

    pages = truths(arguments.pages)
    rows: list[dict[str, Any]] = []
    server = Server("--tesseract")
    try:
        with tempfile.TemporaryDirectory() as place:
            for paper in ("clean", "degraded"):
                folder = Path(place) / paper
                folder.mkdir()
                draw(pages, folder, degraded=paper == "degraded", seed=arguments.seed)
                for name, engine in engines(server.engine().endpoint.url):
                    texts, figures = read(folder, engine, pages, Path(place) / f"store-{paper}")
                    pairs = [(page.text, texts[page.file, page.number]) for page in pages]
                    row = {"engine": name, "paper": paper, **figures, "page": error_rate(pairs, seed=arguments.seed)}
                    row["body"] = error_rate([(body(a), body(b)) for a, b in pairs], seed=arguments.seed)
                    truth, after = repaired({(page.file, page.number): page.text for page in pages}), repaired(texts)
                    row["repaired"] = error_rate([(truth[key], after[key]) for key in truth], seed=arguments.seed)
                    row["text"] = [texts[page.file, page.number] for page in pages]
                    rows.append(row)
                    _print(row)
    finally:
        server.stop()
    for paper in ("clean", "degraded"):
        direct, served = ([r["text"] for r in rows if r["paper"] == paper][at] for at in (1, 2))
        same = sum(a == b for a, b in zip(direct, served, strict=True))
        print(f"{paper}: {same} of {len(pages)} pages through the endpoint equal those of Tesseract at the same size")
    for row in rows:
        del row["text"]
    packages = ("pymupdf", "pillow", "rapidfuzz", "httpx")
    write_results("ocr", {"pages": len(pages), "seed": arguments.seed, "rows": rows, "machine": machine(*packages)})


def _print(row: dict[str, Any]) -> None:
    rates = "  ".join(
        f"{name} {100 * row[name]['cer']:5.2f}% [{100 * row[name]['low']:.2f}, {100 * row[name]['high']:.2f}]"
        for name in ("page", "body", "repaired")
    )
    ends = f"natural {row['natural']}, length {row['length']}, abort {row['abort']}"
    print(f"{row['paper']:9}{row['engine']:22}{row['pages_per_second']:6.2f} pages/s  {ends}  CER {rates}", flush=True)


if __name__ == "__main__":
    main()
