"""Texts that say the same lines, paragraphs or phrases again and again."""

import re
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mecelle.corpus.filters import TextFilter, filters
from mecelle.corpus.filters.tokens import TokenTable, token_table
from mecelle.corpus.verdict import Verdict, drop, keep

_PARAGRAPH_END = re.compile(r"\n{2,}")
_LINE_END = re.compile(r"\n+")
Rule = tuple[int, float]


@filters.register("gopher_repetition.v1")
class GopherRepetition(TextFilter):
    """The repetition rules of Gopher (arXiv:2112.11446 app. A.1.1, Table A1).

    Decisions are those of datatrove's GopherRepetitionFilter for the same words (here: between white space); phrases
    are compared word by word, where datatrove compares them with the spaces left out.
    """

    filter: Literal["gopher_repetition.v1"] = "gopher_repetition.v1"
    most_line_share: float = Field(default=0.30, ge=0.0, le=1.0)
    """Lines that were said before, 0..1."""
    most_paragraph_share: float = Field(default=0.30, ge=0.0, le=1.0)
    """Paragraphs that were said before, 0..1."""
    most_line_character_share: float = Field(default=0.20, ge=0.0, le=1.0)
    """Characters of such lines, 0..1."""
    most_paragraph_character_share: float = Field(default=0.20, ge=0.0, le=1.0)
    """Characters of such paragraphs, 0..1."""
    top_phrases: tuple[Rule, ...] = ((2, 0.20), (3, 0.18), (4, 0.16))
    """Words of a phrase, and the most characters that the commonest one may take, 0..1."""
    repeated_phrases: tuple[Rule, ...] = ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10))
    """Words of a phrase, and the most characters in phrases that were said before, 0..1."""

    def measure(self, text: str) -> Verdict:
        """Names the rule that is broken, and the share that breaks it."""
        if not text:
            return drop("empty_text")
        table = token_table(text)
        for reason, share in (
            self._repeated_parts(text)
            or self._top_phrases(table, len(text))
            or self._repeated_phrases(table, len(text))
        ):
            return drop(reason, share=round(share, 4))
        return keep()

    def _repeated_parts(self, text: str) -> list[tuple[str, float]]:
        paragraphs, paragraph_characters = _repeats(_PARAGRAPH_END.split(text.strip()), text)
        lines, line_characters = _repeats(_LINE_END.split(text), text)
        shares = (
            ("repeated_paragraphs", paragraphs, self.most_paragraph_share),
            ("repeated_paragraph_characters", paragraph_characters, self.most_paragraph_character_share),
            ("repeated_lines", lines, self.most_line_share),
            ("repeated_line_characters", line_characters, self.most_line_character_share),
        )
        return [(reason, share) for reason, share, most in shares if share > most]

    def _top_phrases(self, table: TokenTable, characters: int) -> list[tuple[str, float]]:
        if not len(table.ids):
            return []
        # No phrase stands more often than its rarest word, so n times what the heaviest word takes bounds all phrases
        # of n words: on real texts this settles nearly every one without looking at phrases.
        heaviest = int((table.counts * (table.lengths + 1)).max())
        return [
            (f"top_{words}_words", share)
            for words, most in self.top_phrases
            if words * heaviest / characters > most and (share := _top_characters(table, words) / characters) > most
        ]

    def _repeated_phrases(self, table: TokenTable, characters: int) -> list[tuple[str, float]]:
        rules = sorted(self.repeated_phrases)
        for place, (words, most) in enumerate(rules):
            codes = table.sequences(words)
            # Every longer repeated phrase lies within repeated shorter ones: if these are few, all rules hold.
            within = _covered_characters(table, codes, words) / characters
            if within <= min(limit for _, limit in rules[place:]):
                return []
            if within > most and (share := _repeated_at_once(table, codes, words) / characters) > most:
                return [(f"repeated_{words}_words", share)]
        return []


def _repeats(parts: list[str], text: str) -> tuple[float, float]:
    """Share of parts that were said before, and of their characters."""
    different = set(parts)
    characters = sum(map(len, parts)) - sum(map(len, different))
    return (len(parts) - len(different)) / len(parts), characters / len(text)


def _top_characters(table: TokenTable, words: int) -> int:
    """Characters, spaces between words included, in all places of the commonest phrase; the first one of equals."""
    codes = table.sequences(words)
    if not len(codes):
        return 0
    _, first, counts = np.unique(codes, return_index=True, return_counts=True)
    start = int(first[counts == counts.max()].min())
    return int(counts.max()) * (int(table.lengths[table.ids[start : start + words]].sum()) + words - 1)


def _covered_characters(table: TokenTable, codes: NDArray[np.uint64], words: int) -> int:
    """Characters of words that lie in any phrase that was said before: no rule can find more."""
    order = np.argsort(codes, kind="stable")
    ranked = codes[order]
    again = order[1:][ranked[1:] == ranked[:-1]]
    if not len(again):
        return 0
    edges = np.zeros(len(table.ids) + 1, dtype=np.int64)
    np.add.at(edges, again, 1)
    np.add.at(edges, again + words, -1)
    return int(table.lengths[table.ids[np.cumsum(edges[:-1]) > 0]].sum())


def _repeated_at_once(table: TokenTable, codes: NDArray[np.uint64], words: int) -> int:
    """Characters of phrases that were said before, read from the beginning, each followed by the next word after it."""
    ends = np.concatenate(([0], np.cumsum(table.lengths[table.ids])))
    seen: set[int] = set()
    characters, place, listed = 0, 0, codes.tolist()
    while place < len(listed):
        if listed[place] in seen:
            characters += int(ends[place + words] - ends[place])
            place += words
        else:
            seen.add(listed[place])
            place += 1
    return characters
