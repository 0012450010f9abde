"""Documents to numbers, with the vectors of a frozen encoder where there is one, and numbers to sections."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mecelle.base.protocols import TextEncoder
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sentences.features import Units, units
from mecelle.segmentation.sentences.model import SentenceTagger
from mecelle.segmentation.units import sections_of
from mecelle.segmentation.viterbi import best_path


def read_units(texts: Sequence[str], *, buckets: int, encoder: TextEncoder | None) -> list[Units]:
    """The units of each text. The encoder sees each sentence alone, the sentences of all texts at once."""
    found = [units(text, buckets=buckets) for text in texts]
    if encoder is None:
        return found
    sentences = [text[start:end] for text, one in zip(texts, found, strict=True) for start, end in one.spans]
    # A sentence stands in many decisions word for word: each is encoded once.
    places = {sentence: place for place, sentence in enumerate(dict.fromkeys(sentences))}
    vectors = encoder.encode(list(places))
    rows = iter(sentences)
    return [replace(one, vectors=vectors[[places[next(rows)] for _ in one.spans]]) for one in found]


def read_sections(members: Sequence[SentenceTagger], decision: Segmented, seen: Units) -> Segmented:
    """The decision with the sections that the members read in it together.

    The path is taken whose score, averaged over the members, is highest; a label is as probable as the members hold it
    on average. A text without a sentence has no section.
    """
    labels: list[int] = []
    shares: list[float] = []
    if seen.spans:
        emissions = [member.emissions(seen) for member in members]
        potentials = [member.crf.potentials(scores) for member, scores in zip(members, emissions, strict=True)]
        labels = best_path(*(np.mean(parts, axis=0) for parts in zip(*potentials, strict=True)))
        chances = [
            member.crf.marginals(scores).cpu().numpy() for member, scores in zip(members, emissions, strict=True)
        ]
        shares = np.mean(chances, axis=0)[np.arange(len(labels)), labels].tolist()
    return decision.model_copy(update={"sections": tuple(sections_of(decision.text, seen.spans, labels, shares))})
