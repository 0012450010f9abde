"""Repair of extracted text: what scanning, printing and careless conversion did to it, one file per damage.

mojibake            (mecelle.text.mojibake) the wrong code page
stranded_letters    `Bakanl ığı n`: letters beyond ASCII set apart
spread_letters      `K A R A R`: all letters set apart; segmentation finds the words again
running_lines       headers and footers, over pages and in running text
page_numbers        numbers of pages on lines of their own
contents_table      tables of contents
noise               lines and signs that mean nothing
line_hyphens        words that a line end broke
error_rate          how wrong a text is, before and after
"""

from collections.abc import Callable, Sequence
from functools import reduce

from mecelle.text.mojibake import repair_mojibake
from mecelle.text.repair.contents_table import remove_contents_tables
from mecelle.text.repair.line_hyphens import join_line_hyphens
from mecelle.text.repair.noise import remove_noise
from mecelle.text.repair.page_numbers import remove_page_numbers
from mecelle.text.repair.running_lines import remove_counted_pages, remove_headers, remove_running_lines
from mecelle.text.repair.spread_letters import join_spread_letters
from mecelle.text.repair.stranded_letters import join_stranded_letters

_LETTERS: tuple[Callable[[str], str], ...] = (repair_mojibake, join_stranded_letters, join_spread_letters)
_LINES: tuple[Callable[[str], str], ...] = (
    remove_headers,
    remove_page_numbers,
    remove_contents_tables,
    remove_noise,
    join_line_hyphens,
)


def repair(text: str) -> str:
    """The text without the damages of this package; a form feed in it parts pages (see `repair_pages`).

    For raw text, before `mecelle.text.unicode.clean`: wide gaps and control characters still tell something.
    """
    if "\f" in text:
        return "\n".join(repair_pages(text.split("\f")))
    return reduce(lambda damaged, mend: mend(damaged), (*_LETTERS, *_LINES), text)


def repair_pages(pages: Sequence[str]) -> list[str]:
    """The pages of one document without the damages of this package, as many as before; some may be empty then.

    Beside what `repair` does: headers and footers are found by comparing pages, page numbers by their count, and a word
    that a page end broke ends its page.
    """
    pages = [reduce(lambda damaged, mend: mend(damaged), _LETTERS, page) for page in pages]
    pages = remove_counted_pages(remove_running_lines(pages))
    pages = [reduce(lambda damaged, mend: mend(damaged), _LINES, page) for page in pages]
    return _with_whole_words(pages)


def _with_whole_words(pages: list[str]) -> list[str]:
    """The rest of a word that was broken over a page end, moved to the page where it begins."""
    pages = list(pages)
    for number in range(len(pages) - 1):
        before, after = pages[number].rstrip(), pages[number + 1].lstrip()
        rest = after.split(maxsplit=1)[0] if after else ""
        if rest and join_line_hyphens(f"{before}\n{rest}") != f"{before}\n{rest}":
            pages[number] = join_line_hyphens(f"{before}\n{rest}")
            pages[number + 1] = after[len(rest) :].lstrip()
    return pages
