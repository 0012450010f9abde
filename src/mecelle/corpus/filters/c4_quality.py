"""Lines of a web page that are no sentences, and pages that have too few others."""

import re
from functools import cache
from typing import Literal

from pydantic import Field

from mecelle.corpus.filters import TextFilter, filters
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.text.casing import ascii_fold, lower
from mecelle.text.sentences import sentences

_CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]|\[değiştir]|\[kaynak belirtilmeli]")
_ELLIPSIS, _SCRIPT, _FILLER = "...", "javascript", "lorem ipsum"
POLICY_PHRASES = (
    "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies",
    "kullanım koşulları", "gizlilik politikası", "çerez politikası", "çerez kullan", "çerezleri kullan",
)  # fmt: skip
"""C4's phrases, and what Turkish pages say instead."""


@filters.register("c4_quality.v1")
class C4Quality(TextFilter):
    """Drop pages with too few sentences in good lines, with filler text, or with a curly bracket.

    Source: C4 (arXiv:1910.10683 §2.2), with the decisions of datatrove's C4QualityFilter. That one takes out bad lines
    as well: here the cleaner `c4_lines.v1` does it, with the same rules. Most lines of Turkish law are no sentences to
    C4 (they end in colons, commas and semicolons, or nowhere), so official kinds are spared.
    """

    filter: Literal["c4_quality.v1"] = "c4_quality.v1"
    spared_kinds: tuple[str, ...] = ("decision", "statute", "article", "regulation", "dictionary", "question")
    """Kinds (mecelle.base.document.KINDS) that are not judged."""
    least_sentences: int = Field(default=5, ge=0)
    """Sentences in good lines."""
    least_words_a_line: int = Field(default=3, ge=0)
    """Words of a good line."""
    most_word_characters: int = Field(default=1_000, ge=1)
    """Longest word of a good line."""
    line_ends: str = ".?!\"'"
    """Marks at the end of a good line; an ellipsis is none."""
    policy_phrases: tuple[str, ...] = POLICY_PHRASES
    """Phrases of lines about cookies and terms; case and Turkish letters do not matter."""

    def measure(self, text: str) -> Verdict:
        """Counts sentences."""
        lines = self.good_lines(text)
        if isinstance(lines, str):
            return drop(lines)
        # A line has at least one sentence: where there are lines enough, none is cut into sentences.
        found = len(lines) if len(lines) >= self.least_sentences else sum(len(sentences(line)) for line in lines)
        return keep() if found >= self.least_sentences else drop("few_sentences", sentences=found)

    def good_lines(self, text: str) -> list[str] | str:
        """Lines that are sentences, without citation marks; or the reason why the whole page goes."""
        plain, hints = _plain(text), _spellings(self.policy_phrases)
        phrases = [phrase for phrase in hints if phrase in plain]
        filler, bracket = _FILLER in plain, "{" in text
        good = []
        for line in map(self._whole, text.splitlines()):
            if not line:
                continue
            if filler and _FILLER in _plain(line):
                return "filler_text"
            spoken = _plain(line) if phrases else ""
            if _SCRIPT in spoken:
                continue
            if bracket and "{" in line:
                return "curly_bracket"
            if not any(phrase in spoken for phrase in phrases):
                good.append(line)
        return good

    def _whole(self, line: str) -> str:
        """The line without citation marks if it reads like a sentence, else nothing."""
        line = line.strip()
        if len(line) > self.most_word_characters and max(map(len, line.split())) > self.most_word_characters:
            return ""
        said = _CITATION.sub("", line) if "[" in line else line
        if not said.endswith(tuple(self.line_ends)) or said.endswith(_ELLIPSIS):
            return ""
        return said if len(line.split(None, self.least_words_a_line)) >= self.least_words_a_line else ""


def _plain(text: str) -> str:
    # One i: English phrases stand in capitals on Turkish pages with I and with İ.
    return lower(text).replace("ı", "i")


@cache
def _spellings(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """What bad lines say, with and without Turkish letters."""
    plain = [_SCRIPT, *map(_plain, phrases)]
    return tuple(dict.fromkeys([*plain, *map(ascii_fold, plain)]))
