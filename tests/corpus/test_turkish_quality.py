import pytest

from mecelle.base.errors import ConfigError
from mecelle.corpus.filters.turkish_quality import TurkishQuality

RICH = (
    "Davacının vekili, müvekkilinin evinden çıkarılmasına karşı mahkemeye başvurarak komşusunun sözleriyle uğradığı "
    "zararı bildirmiş; bilirkişinin raporunda ise yapının temelinde çatlağa rastlanmadığı açıklanmıştır."
)
POOR_CASES = "Adres telefon mahalle sokak kapı şehir ülke posta kutu ilan ürün fiyat stok sepet ödeme kargo iade"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (RICH, None),
        (POOR_CASES, "low_suffix_entropy"),
        (f"{RICH}\n" * 4, "low_lemma_diversity"),
        ("", "low_suffix_entropy"),
    ],
)
def test_turkish_quality(text: str, reason: str | None) -> None:
    verdict = TurkishQuality().measure(text)
    assert verdict.reason == reason
    assert verdict.measured.keys() == {"suffix_entropy", "lemma_diversity", "words"}


def test_thresholds_are_reached_by_equal_values() -> None:
    text = f"{RICH} Davacının evi"
    measured = TurkishQuality().measure(text).measured
    entropy, diversity = measured["suffix_entropy"], measured["lemma_diversity"]
    assert diversity < 1
    assert TurkishQuality(least_suffix_entropy=entropy, least_lemma_diversity=diversity).measure(text).kept
    assert not TurkishQuality(least_suffix_entropy=entropy + 0.0001).measure(text).kept
    assert not TurkishQuality(least_lemma_diversity=diversity + 0.0001).measure(text).kept


def test_minimum_length() -> None:
    words = TurkishQuality().measure(RICH).measured["words"]
    assert TurkishQuality(least_words=words).measure(RICH).kept
    assert TurkishQuality(least_words=words + 1).measure(RICH).reason == "few_analysed_words"


def test_a_window_spares_long_texts() -> None:
    text = f"{RICH}\n" * 4
    words = TurkishQuality().measure(RICH).measured["words"]
    verdict = TurkishQuality(lemma_window=words).measure(text)
    assert verdict.kept
    assert verdict.measured["lemma_diversity"] == TurkishQuality().measure(RICH).measured["lemma_diversity"]


def test_an_unknown_analyser_is_named() -> None:
    with pytest.raises(ConfigError, match="not registered"):
        TurkishQuality(analyser="zemberek").measure(RICH)
