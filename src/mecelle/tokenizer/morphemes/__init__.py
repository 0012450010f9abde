"""Words cut into morphemes before subwords are learned: HukukBERT §3.3, the pipelines with Zemberek ("zem").

The trained tokenizer runs without an analyser: its pieces never span two morphemes of the training words, but where it
cuts a word is its own choice. `segment_text` is for the other way, in which an analyser cuts what is encoded, too.
"""

import re
from collections import defaultdict
from collections.abc import Mapping

from mecelle.base.progress import track
from mecelle.text.morphology import DEFAULT, split
from mecelle.tokenizer.patterns import BOUNDARY

_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def segment_words(words: Mapping[str, int], *, analyser: str = DEFAULT) -> dict[str, int]:
    """The counted words with BOUNDARY between their morphemes, sorted by code point.

    words: what a pattern finds, spaces and marks included, with its count. A word that the analyser does not know stays
    as it is. Raises ConfigError for an unknown analyser.
    """
    segmented: dict[str, int] = defaultdict(int)
    for word, count in track(words.items(), "segment words", total=len(words), unit="words"):
        segmented[segment_text(word, between=BOUNDARY, analyser=analyser)] += count
    return dict(sorted(segmented.items()))


def segment_text(text: str, *, between: str, analyser: str = DEFAULT) -> str:
    """The text with `between` at every place where a suffix begins.

    >>> segment_text(" Mahkemenin kararı", between="·")
    ' Mahkeme·nin karar·ı'
    """
    return _LETTERS.sub(lambda found: between.join(split(found.group(), analyser=analyser)), text)
