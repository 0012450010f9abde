"""One form for characters that look alike, before words are cut: the normalizer of `tokenizers` and its Python twin."""

import re

from tokenizers import Regex, normalizers

from mecelle.text import unicode

_APOSTROPHES = "’‘‚‛`´ʼ′＇"
_QUOTES = "“”„‟«»″＂"

CHANGED = re.compile(f"[{unicode.UNSEEN}{_APOSTROPHES}{_QUOTES}]|''|i\u0307")
"""What `normalizer` changes in a text that is in NFC."""


def normalizer() -> normalizers.Normalizer:
    """NFC with one kind of apostrophe and double quote, without what cannot be seen.

    Queries come as they are typed: they must meet the tokens of the corpus, which `mecelle.text.unicode.clean` cleaned.
    Offsets still point into the text as it was given; of a letter that came in two characters (s, U+0327) they point to
    the first. A dotted i of two characters (i, U+0307) becomes i.
    """
    return normalizers.Sequence(
        [
            normalizers.NFC(),
            # The dot goes and the i stays, so that the offset of the i is its own.
            normalizers.Replace(Regex(f"(?<=i)\u0307|[{unicode.UNSEEN}]"), ""),
            normalizers.Replace(Regex(f"[{_APOSTROPHES}]"), "'"),
            normalizers.Replace(Regex(f"[{_QUOTES}]"), '"'),
            normalizers.Replace("''", '"'),
        ]
    )


def clean(text: str) -> str:
    """What `normalizer` makes of a text, in Python: for counting and training, which need no offsets."""
    return unicode.clean(text).replace("i\u0307", "i")
