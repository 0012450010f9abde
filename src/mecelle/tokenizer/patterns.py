"""How a text becomes words before subwords are sought: patterns of pre-tokenisation, by their registered names.

Case, diacritics and the circumflex stay. What each does on purpose (a space that belongs to a word is shown as _):

| text | digits.v1 | bert.v1 | whitespace.v1 | llama.v1 | gpt2.v1 | legal.v1 |
|---|---|---|---|---|---|---|
| E. 2019/12 | E . 2·0·1·9 / 1·2 | E . 2019 / 12 | E. 2019/12 | E . _ 201 9 / 12 | E . _2019 / 12 | E . _2 0 1 9 / 1 2 |
| md. 49/2 | md . 4·9 / 2 | md . 49 / 2 | md. 49/2 | md . _ 49 / 2 | md . _49 / 2 | md . _4 9 / 2 |
| %1,8 | % 1 , 8 | % 1 , 8 | %1,8 | % 1 , 8 | % 1 , 8 | % 1 , 8 |
| 01.2019 | 0·1 . 2·0·1·9 | 01 . 2019 | 01.2019 | 01 . 201 9 | 01 . 2019 | 0 1 . 2 0 1 9 |
| Ankara'nın | Ankara ' nın | Ankara ' nın | Ankara'nın | Ankara 'nın | Ankara ' nın | Ankara 'nın |
| Ankara'da | Ankara ' da | Ankara ' da | Ankara'da | Ankara 'd a | Ankara 'd a | Ankara 'da |
| (davacı | ( davacı | ( davacı | (davacı | (davacı | ( davacı | ( davacı |

Digits one by one, because case numbers, dates and amounts are almost all rare: whole (BERT, GPT-2) they fill the
vocabulary with the years and articles of the training corpus and break all others at places that mean nothing; by
threes from the left (Llama) 2019 is "201 9" and 12019 "120 19". One by one, a number's tokens depend on the number
alone, and none is ever unknown. In digits.v1 a number is one word of single digits (2·0: the second is a piece inside a
word), so that "12" and "1 2" stay two texts though spaces go. The price is length: docs/results/tokenizers.md has it
measured.
The apostrophe parts a name from its suffix, so that the name keeps its token in every case (hâl). Llama and GPT-2 take
the beginning of 'da, 'ta, 'sı, 'mi for the English 'd, 't, 's, 'm, and cut there.
A mark before a word does not join it, or "(davacı" would need a token beside "davacı".
"""

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import regex
from tokenizers import Regex, normalizers, pre_tokenizers

from mecelle.base.config import nearest
from mecelle.base.errors import ConfigError
from mecelle.text import unicode
from mecelle.tokenizer import normalization

BOUNDARY = "\ue001"
"""Between the morphemes of a counted word: no learned piece crosses it. A private-use character that counting takes
for a space, so that it is in no token."""


@dataclass(frozen=True)
class Pattern:
    """One way to cut a text into words."""

    name: str
    words: str
    """Regular expression that finds one word; it means the same to Oniguruma (`tokenizers`) and to `regex`."""
    cells: str
    """Regular expression that finds stretches which no word crosses, so that each is cut once, however often it comes.
    A cell alone is cut as it is cut inside its text."""
    keeps_spaces: bool
    """Whether words hold their spaces, so that they join to the whole text (byte-level algorithms); else spaces go."""
    joins_digits: bool = True
    """Whether pieces of several digits are learned; else the digits of a number stay single pieces."""

    def normalizer(self) -> normalizers.Normalizer:
        """What comes before cutting: NFC alone where every character is kept, else one kind of quote and space, too."""
        return normalizers.NFC() if self.keeps_spaces else normalization.normalizer()

    def clean(self, text: str) -> str:
        """What `normalizer` makes of a text, in Python: for counting and training, which need no offsets."""
        return unicode.nfc(text) if self.keeps_spaces else normalization.clean(text)

    def normalize(self, text: str) -> str:
        """What `normalizer` makes of a text, to the letter; fast for the texts that it leaves as they are."""
        if unicodedata.is_normalized("NFC", text) and (self.keeps_spaces or not normalization.CHANGED.search(text)):
            return text
        return self.normalizer().normalize_str(text)

    def pre_tokenizer(self) -> pre_tokenizers.PreTokenizer:
        """The cutter of `tokenizers`; for patterns that keep spaces it ends in bytes (`ByteLevel`)."""
        if not self.keeps_spaces:
            return pre_tokenizers.Split(Regex(self.words), "removed", invert=True)
        return pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(self.words), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )

    def find(self, text: str) -> list[str]:
        """The words of a text that `clean` made, as the pre-tokenizer finds them, before bytes.

        >>> get_pattern("legal.v1").find("E. 2019 (davacı")
        ['E', '.', ' 2', '0', '1', '9', ' (', 'davacı']
        """
        return cast("list[str]", self._word.findall(text))

    def find_cells(self, text: str) -> list[str]:
        """The cells of a text that `clean` made: `find` of each, one after another, is `find` of the text."""
        return cast("list[str]", self._cell.findall(text))

    def teaches(self, word: str) -> bool:
        """Whether pieces are learned from a word: from numbers only if their digits join."""
        return self.joins_digits or not word[:1].isnumeric()

    @cached_property
    def _word(self) -> "regex.Pattern[str]":
        return regex.compile(self.words)

    @cached_property
    def _cell(self) -> "regex.Pattern[str]":
        return regex.compile(self.cells)


_DIGITS = Pattern(
    name="digits.v1",
    # BERT's, but numbers and symbols stand alone, too; what cannot be seen is no word.
    words=r"[\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}\p{Cc}\p{Cf}]",
    cells=r"\S+",
    keeps_spaces=False,
    joins_digits=False,
)

_BERT = Pattern(
    name="bert.v1",
    # Devlin et al. 2019, code: punctuation stands alone, and so does every ASCII symbol; all else runs on.
    words=r"[^\s\p{P}$+<=>^`|~]+|[\p{P}$+<=>^`|~]",
    cells=r"\S+",
    keeps_spaces=False,
)

_WHITESPACE = Pattern(name="whitespace.v1", words=r"\S+", cells=r"\S+", keeps_spaces=False)

_GPT2 = Pattern(
    name="gpt2.v1",
    # Radford et al. 2019, code.
    words=r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    cells=r" ?\S+|\s+(?!\S)|\s",
    keeps_spaces=True,
)

_LLAMA = Pattern(
    name="llama.v1",
    # Llama 3 (arXiv 2407.21783, code). Llama 1 and 2 cut by SentencePiece and have no pattern, so that Mecellem §3.3.3
    # ("the Llama pre-tokenization pattern") can only mean this one.
    words=r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+",
    cells=r"[^\S\r\n]?\S+(?:\s*[\r\n]+)?|\s*[\r\n]+|\s+(?!\S)|\s",
    keeps_spaces=True,
)

_LEGAL = Pattern(
    name="legal.v1",
    # Llama's, but: a suffix stays whole with its apostrophe, no other mark joins a word, digits stand one by one, the
    # first with its space, and combining marks belong to their letter.
    words=r"(?<=[\p{L}\p{M}\p{N}])['’][\p{L}\p{M}]+| ?[\p{L}\p{M}]+| ?\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+",
    cells=_LLAMA.cells,
    keeps_spaces=True,
)

PATTERNS = {one.name: one for one in (_BERT, _DIGITS, _GPT2, _LEGAL, _LLAMA, _WHITESPACE)}
"""All patterns by name."""


def get_pattern(name: str) -> Pattern:
    """The pattern called `name`. Raises ConfigError that offers the nearest name."""
    if name not in PATTERNS:
        raise ConfigError(f"pattern '{name}' is not registered{nearest(name, list(PATTERNS))}")
    return PATTERNS[name]
