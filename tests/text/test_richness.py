from math import log

import pytest

from mecelle.text.morphology import Reading, Readings
from mecelle.text.richness import lemma_diversity, richness, segmental_lemma_diversity, suffix_entropy


class Coded:
    """Reads "dava.Gen" as lemma dava, case Gen; "dava." has no case; "?" no reading."""

    def read(self, form: str) -> Reading | None:
        lemma, _, case = form.partition(".")
        return None if form == "?" else Reading(lemma, case or None)


READINGS = Readings(Coded())


@pytest.mark.parametrize(
    ("cases", "entropy", "normalised"),
    [
        ({}, 0.0, 0.0),
        ({"Nom": 9}, 0.0, 0.0),  # eq. 2 would be 0/0
        ({"Nom": 9, "Gen": 0}, 0.0, 0.0),  # a tag that was not observed is none
        ({"Nom": 5, "Gen": 5}, log(2), 1.0),
        ({"Nom": 3, "Gen": 1}, 0.5623, 0.8113),
        ({"Nom": 2, "Gen": 1, "Dat": 1}, 1.0397, 0.9464),
    ],
)
def test_suffix_entropy(cases: dict[str, int], entropy: float, normalised: float) -> None:
    assert suffix_entropy(cases) == (pytest.approx(entropy, abs=1e-4), pytest.approx(normalised, abs=1e-4))


def test_normalised_entropy_never_passes_one() -> None:
    assert all(suffix_entropy(dict.fromkeys("abcdefgh"[:n], 7))[1] <= 1.0 for n in range(9))


def test_lemma_diversity() -> None:
    assert lemma_diversity(3, 4) == 0.75
    assert lemma_diversity(0, 0) == 0.0


def test_richness_counts_words_and_not_forms() -> None:
    found = richness({"dava.Nom": 3, "dava.Gen": 1, "ver.": 4, "?": 10}, READINGS)
    assert found.analysed_words == 8
    assert found.lemma_diversity == 2 / 8
    assert found.suffix_entropy == pytest.approx(0.8113, abs=1e-4)


def test_segments_do_not_fall_with_length() -> None:
    stretch = ["a.", "b.", "c.", "a."]
    for copies in (1, 5):
        assert segmental_lemma_diversity(stretch * copies, READINGS, words=4) == 0.75
    assert segmental_lemma_diversity([*stretch, "?", "a.", "a."], READINGS, words=4) == 0.75  # the rest is left out
    assert segmental_lemma_diversity(stretch, READINGS, words=500) == 0.75  # the only stretch, although short
    assert segmental_lemma_diversity(["?"], READINGS, words=4) == 0.0
