"""All probes of one model over one treebank."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mecelle.base.protocols import Span
from mecelle.base.seeds import derive
from mecelle.evaluation.probing.probe import ProbeConfig, ProbeScore, Side, probe
from mecelle.evaluation.probing.words import PROPERTIES, Drawn, Property, Sentence, draw


class WordEncoder(Protocol):
    """Gives vectors of the words of a text; see `mecelle.models.word_vectors`."""

    def encode(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[NDArray[np.float32]]:
        """For each text the vectors of its words, shape (words, components); NaN for a word that was not read."""


def probe_all(
    model: WordEncoder, sentences: Sequence[Sentence], config: ProbeConfig, *, seed: int
) -> dict[Property, ProbeScore]:
    """Each property of `words.PROPERTIES`, on the same words for every model, but for those that it does not read."""
    drawn = {
        prop: (
            draw(sentences, prop, most=config.train_words, part="train", seed=seed),
            draw(sentences, prop, most=config.test_words, part="test", seed=seed),
        )
        for prop in PROPERTIES
    }
    vectors = _vectors(model, sentences, drawn)
    return {
        prop: probe(_side(train, vectors), _side(test, vectors), config, seed=derive(seed, "probe", prop))
        for prop, (train, test) in drawn.items()
    }


def _vectors(
    model: WordEncoder, sentences: Sequence[Sentence], drawn: Mapping[Property, tuple[Drawn, Drawn]]
) -> dict[int, NDArray[np.float32]]:
    """Sentence -> vectors of its words, for the sentences of which some word was drawn."""
    wanted = sorted({number for sides in drawn.values() for side in sides for number, _ in side.places})
    texts = [sentences[number].text_and_spans() for number in wanted]
    return dict(zip(wanted, model.encode([text for text, _ in texts], [spans for _, spans in texts]), strict=True))


def _side(drawn: Drawn, vectors: Mapping[int, NDArray[np.float32]]) -> Side:
    found = np.stack([vectors[number][place] for number, place in drawn.places])
    read = np.flatnonzero(np.isfinite(found).all(axis=1)).tolist()
    return Side(
        vectors=found[read],
        labels=tuple(drawn.labels[at] for at in read),
        forms=tuple(drawn.forms[at] for at in read),
        sentences=tuple(drawn.places[at][0] for at in read),
    )
