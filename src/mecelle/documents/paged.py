"""The pages of a file to one text."""

from collections.abc import Collection, Iterable, Mapping

from mecelle.documents.config import ExtractConfig
from mecelle.documents.ocr.lines import join_wrapped_lines
from mecelle.text.repair import repair_pages

_LEAST_LEFT = 0.6  # of all characters but spaces; headers, footers and contents of real documents are under a quarter


def joined_pages(pages: Mapping[int, str], config: ExtractConfig, *, scanned: Collection[int]) -> str:
    """Texts by page number, joined in order. scanned: numbers of pages whose lines are still those of the paper.

    With `config.repair` (mecelle.text.repair), what runs over the pages goes, such as headers and page numbers, and
    words that a line or a page broke are joined: before the lines are, since it is the lines that show it. Where little
    would be left, the pages were alike in their content (forms, tables), and stay as they are.
    """
    numbers = sorted(pages)
    texts = [pages[number] for number in numbers]
    if config.repair:
        repaired = repair_pages(texts)
        if _letters(repaired) >= _LEAST_LEFT * _letters(texts):
            texts = repaired
    whole = [join_wrapped_lines(t) if number in scanned else t for number, t in zip(numbers, texts, strict=True)]
    return "\n".join(text for text in whole if text.strip())


def _letters(pages: Iterable[str]) -> int:
    return sum(len("".join(page.split())) for page in pages)
