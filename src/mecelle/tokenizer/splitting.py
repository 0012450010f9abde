"""How a text becomes words before subwords are sought: the same for every algorithm.

Case, diacritics and the circumflex stay. Each digit and each punctuation mark is a word of its own:

    2019/1234    2 0 1 9 / 1 2 3 4        %1,8         % 1 , 8
    md. 49/2     md . 4 9 / 2             10.02.2019   1 0 . 0 2 . 2 0 1 9
    TBK'nın      TBK ' nın                344üncü      3 4 4 üncü

Digits, because case numbers, dates and amounts are almost all rare: whole, they would fill the vocabulary with the
years and articles of the training corpus and break all others at places that mean nothing; one by one, a number's
tokens depend on the number alone, and no digit is ever unknown. The price is length: measured on 300 acts and 150
decisions, 11% and 10% more tokens than if every number were one.
The apostrophe, because it parts a name from its suffix: the name keeps its token in every case (hâl).
"""

from tokenizers import Regex, normalizers, pre_tokenizers

from mecelle.text import unicode
from mecelle.text.identifiers import TAGS

UNKNOWN, START, END, PADDING, MASK = "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"

SPECIALS = (UNKNOWN, START, END, PADDING, MASK)
"""Special tokens in the order of their ids, from 0."""

TAG_TOKENS = tuple(sorted(TAGS.values()))
"""Tags that stand for masked identifiers (`[TCKN]`): one token each, ordinary tokens otherwise."""


def normalizer() -> normalizers.Normalizer:
    """NFC with one kind of space, apostrophe and double quote, as `mecelle.text.unicode.clean` gives the corpus.

    Queries come as they are typed: they must meet the tokens of the cleaned corpus. Offsets still point into the
    text as it was given; of a letter that came in two characters (s, U+0327) they point to the first. A dotted i of two
    characters (i, U+0307) becomes i.
    """
    return normalizers.Sequence(
        [
            normalizers.BertNormalizer(
                clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False
            ),
            normalizers.NFC(),
            # The dot goes and the i stays, so that the offset of the i is its own.
            normalizers.Replace(Regex("(?<=i)\u0307"), ""),
            normalizers.Replace(Regex("[’‘‚‛`´ʼ′＇]"), "'"),
            normalizers.Replace(Regex("[“”„‟«»″＂]|''"), '"'),
        ]
    )


def clean(text: str) -> str:
    """What `normalizer` makes of a text, in Python: for counting and training, which need no offsets."""
    return unicode.clean(text).replace("i\u0307", "i")


def pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    """Words at spaces; punctuation marks and digits one by one."""
    return pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Digits(individual_digits=True)])
