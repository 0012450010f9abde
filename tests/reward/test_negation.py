"""The opposite of a sentence is whole, correct Turkish."""

import pytest

from mecelle.reward.pairs.negation import opposite


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("verilir", "verilmez"),
        ("yapar", "yapmaz"),
        ("alır", "almaz"),
        ("eder", "etmez"),
        ("reddeder", "reddetmez"),
        ("öder", "ödemez"),
        ("öğretir", "öğretmez"),
        ("taşır", "taşımaz"),
        ("okur", "okumaz"),
        ("açabilir", "açamaz"),
        ("edebilirsiniz", "edemezsiniz"),
        ("okuyabilir", "okuyamaz"),
        ("başvururlar", "başvurmazlar"),
        ("yapılmaktadır", "yapılmamaktadır"),
        ("olmuştur", "olmamıştır"),
        ("verilmiştir", "verilmemiştir"),
        ("uygulanmalıdır", "uygulanmamalıdır"),
        ("edecektir", "etmeyecektir"),
        ("başlayacaktır", "başlamayacaktır"),
        ("etti", "etmedi"),
        ("vardır", "yoktur"),
        ("zorunludur", "zorunlu değildir"),
        ("mümkündür", "mümkün değildir"),
        ("suçtur", "suç değildir"),
    ],
)
def test_both_ways(one: str, other: str) -> None:
    assert opposite(f"Bu hâlde işlem {one}.") == f"Bu hâlde işlem {other}."
    assert opposite(f"Bu hâlde işlem {other}.") == f"Bu hâlde işlem {one}."


@pytest.mark.parametrize(
    "sentence", ["Mahkeme kararı", "KARAR VERİLDİ.", "Bu bir karar.", "Süresi 30 gün.", "Böyle değildi.", "", "."]
)
def test_gives_up(sentence: str) -> None:
    assert opposite(sentence) is None


def test_sources_behind_the_predicate_stay() -> None:
    assert opposite("Dava açılır. [HMK m.124]") == "Dava açılmaz. [HMK m.124]"
    assert opposite("Dava açılır (HMK m. 124).") == "Dava açılmaz (HMK m. 124)."
