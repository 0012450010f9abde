"""Pages whose lines do not look like running text: menus, lists, boilerplate."""

from dataclasses import asdict, dataclass
from typing import Literal

from datatrove.utils.text import TERMINAL_PUNCTUATION
from pydantic import Field

from mecelle.corpus.filters import TextFilter, filters
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.corpus.view import view

_LINE_ENDS = frozenset(TERMINAL_PUNCTUATION)


@dataclass(frozen=True, slots=True)
class LineShares:
    """What the rules of FineWeb look at, all 0 or more."""

    punctuated: float
    """Lines that end in a terminal punctuation mark, among lines that are not empty, 0..1."""
    short: float
    """Lines of at most `short_line_characters`, among the same, 0..1."""
    duplicate: float
    """Characters of lines that were said before, among all characters but line ends, 0..1."""
    newlines_a_word: float
    """Line ends for each word between white space."""


def line_shares(text: str, *, short_line_characters: int) -> LineShares | None:
    """The measures of `text`; None if it has no word."""
    lines = [line for line in view(text).lines if line.strip()]
    if not lines:
        return None
    newlines = text.count("\n")
    duplicate = sum(map(len, lines)) - sum(map(len, set(lines)))
    return LineShares(
        punctuated=sum(line[-1] in _LINE_ENDS for line in lines) / len(lines),
        short=sum(len(line) <= short_line_characters for line in lines) / len(lines),
        duplicate=duplicate / (len(text) - newlines),
        newlines_a_word=newlines / len(view(text).tokens),
    )


@filters.register("fineweb_quality.v1")
class FineWebQuality(TextFilter):
    """The four rules of FineWeb (arXiv:2406.17557 §3.6), with the decisions of datatrove's FineWebQualityFilter.

    Words stand between white space. Defaults are datatrove's; Mecellem §3.2.3 sets 0.67, 0.03 and 0.4.
    """

    filter: Literal["fineweb_quality.v1"] = "fineweb_quality.v1"
    least_punctuated_line_share: float = Field(default=0.12, ge=0.0, le=1.0)
    """Lines that end in a terminal punctuation mark, 0..1."""
    most_short_line_share: float = Field(default=0.67, ge=0.0, le=1.0)
    """Lines of at most `short_line_characters`, 0..1 (`short_line` in Mecellem Table 2)."""
    short_line_characters: int = Field(default=30, ge=0)
    """Longest short line."""
    most_duplicate_share: float = Field(default=0.01, ge=0.0, le=1.0)
    """Characters of repeated lines, 0..1 (`char_duplicates` in Mecellem Table 2)."""
    most_newlines_a_word: float = Field(default=0.30, ge=0.0)
    """Line ends for each word (`new_line` in Mecellem Table 2)."""

    def measure(self, text: str) -> Verdict:
        """Measures the four shares."""
        shares = line_shares(text, short_line_characters=self.short_line_characters)
        if shares is None:
            return drop("empty_text")
        measured = {name: round(value, 4) for name, value in asdict(shares).items()}
        faults = self.faults(shares)
        return drop(faults[0], **measured) if faults else keep(**measured)

    def faults(self, shares: LineShares) -> list[str]:
        """All rules that are broken, in the order of the source."""
        broken = {
            "unpunctuated_lines": shares.punctuated < self.least_punctuated_line_share,
            "short_lines": shares.short > self.most_short_line_share,
            "duplicate_lines": shares.duplicate > self.most_duplicate_share,
            "list_of_lines": shares.newlines_a_word > self.most_newlines_a_word,
        }
        return [rule for rule, is_broken in broken.items() if is_broken]
