"""One pass over the corpus before training: its characters, how often each seed form stands in it, a sample."""

import re
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

import numpy as np

from mecelle.base.accounts import Accounts
from mecelle.base.document import Document
from mecelle.tokenizer.splitting import clean

_WORD = re.compile(r"[^\W\d_]+")


@dataclass
class Survey:
    """What the corpus holds."""

    characters: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    """Occurrences as a word, outside dictionaries: a headword does not show that anybody writes the term."""
    words: int = 0
    sample: list[str] = field(default_factory=list)
    """Texts drawn evenly from the whole corpus, to measure the tokenizer on."""


def survey(
    documents: Iterable[Document], wanted: Set[str], *, sample: int, rng: np.random.Generator, accounts: Accounts
) -> Survey:
    """Read the corpus once. wanted: forms to count; sample: how many texts to draw (algorithm R of Vitter 1985).

    Documents without a word are counted as dropped ("no_words"); the training leaves them out too.
    """
    result = Survey()
    for document in documents:
        text = clean(document.text)
        words = _WORD.findall(text)
        if not words:
            accounts.drop("no_words")
            continue
        accounts.keep()
        result.characters.update(text)
        result.words += len(words)
        if document.metadata.get("kind") != "dictionary":
            result.forms.update(word for word in words if word in wanted)
        if len(result.sample) < sample:
            result.sample.append(document.text)
        elif (place := int(rng.integers(accounts.kept))) < sample:
            result.sample[place] = document.text
    return result
