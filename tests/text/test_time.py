"""What anybody may send: time grows with the length of a text, whatever it is made of."""

from collections.abc import Callable
from time import process_time

import pytest

from mecelle.text.acts import split_articles
from mecelle.text.chambers import chamber_in
from mecelle.text.headers import decision_metadata
from mecelle.text.repair.noise import remove_noise
from mecelle.text.sentences import sentences
from mecelle.text.stemming import content_words


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (content_words, "x'a" + 100 * "\u0323" + "'b"),
        (content_words, "x" + 100_000 * "'" + "a"),
        (sentences, "a" + 50_000 * "." + "x"),
        (sentences, "a" + 2_000 * "." + 2_000 * ")" + "x"),
        (decision_metadata, "T.C.\nYARGITAY\n" + 50_000 * "\n"),
        (decision_metadata, "T.C.\nYARGITAY\n" + 50_000 * " \n" + "(x)" + 50_000 * "\n"),
        (split_articles, "MADDE 1 - Bu Kanun." + 20_000 * "\n"),
        (split_articles, "MADDE 1 - Bu Kanun." + 20_000 * " \n"),
        (chamber_in, 20_000 * "a"),
        (remove_noise, 50_000 * "a" + " |"),
    ],
    ids=lambda value: "" if isinstance(value, str) else value.__name__,
)
def test_time_grows_with_the_length_alone(function: Callable[[str], object], text: str) -> None:
    began = process_time()
    function(text)
    assert process_time() - began < 5  # measured: a tenth of a second; a quadratic rule takes half a minute and more


def test_what_ends_a_ruling_is_found_behind_blank_lines() -> None:
    text = "T.C. YARGITAY\n{}\n05.03.2020 gününde karar verildi.{}KARŞI OY\n06.04.2021 gününde karar verildi."
    for gap in ("\n", "\n\n \n", "\n---\n\n", "\n(x)\n", "\n\n(XX) "):
        assert decision_metadata(text.format("a" * 200, gap)).date == "2020-03-05"
