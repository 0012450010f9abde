"""Which characters get a token of their own. A word with any other character is unknown as a whole."""

from collections.abc import Mapping, Sequence

from tokenizers.pre_tokenizers import PreTokenizer

ALWAYS = frozenset(
    "abcçdefgğhıijklmnoöpqrsştuüvwxyzâîû"
    "ABCÇDEFGĞHIİJKLMNOÖPQRSŞTUÜVWXYZÂÎÛ"
    "0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~§°–—…•₺€"
)
"""In every tokenizer, also if the corpus is too small to show them."""


def choose_alphabet(characters: Mapping[str, int], *, coverage: float) -> list[str]:
    """ALWAYS and the most frequent characters that together make up `coverage` of the corpus, sorted.

    characters: how often each character stands in the normalized corpus; white space is left out.
    coverage: share of running characters, 0..1. Source: the `character_coverage` of Kudo and Richardson 2018.
    """
    counted = sorted(((count, c) for c, count in characters.items() if not c.isspace()), key=lambda x: (-x[0], x[1]))
    needed = coverage * sum(count for count, _ in counted)
    chosen, covered = set(ALWAYS), 0
    for count, character in counted:
        if covered >= needed:
            break
        covered += count
        chosen.add(character)
    return sorted(chosen)


def inner_characters(alphabet: Sequence[str], pre_tokenizer: PreTokenizer) -> list[str]:
    """The characters that can stand inside a word: letters, but no digit and no punctuation mark."""
    return [c for c in alphabet if len(pre_tokenizer.pre_tokenize_str("a" + c)) == 1]
