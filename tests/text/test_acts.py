from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.acts import article_key, article_keys, split_articles

ACT = """ÖRNEK KANUNU

Kanun Numarası : 9999

Kabul Tarihi : 11/1/2011

BİRİNCİ KISIM

Genel Hükümler

A. Sözleşmenin kurulması

I. İrade açıklaması

1. Genel olarak

MADDE 1- Sözleşme kurulur.

İrade açıklaması, açık veya örtülü olabilir:

a) Açık olarak,

b) Örtülü olarak.

2. İkinci derecedeki noktalar

MADDE 2 – (Değişik: 1/1/2020-7000/1 md.) Bu Kanunun 1 inci
maddesi saklıdır. Madde 5 uygulanmaz.

B. Hüküm

Madde 10/A – Hüküm doğar.

MÜKERRER MADDE 20- Yeniden düzenlenmiştir.

Yürürlük

Ek Madde 3 - Ek hüküm.

GEÇİCİ MADDE 1- Geçiş hükmü.

Ek Geçici Madde 2 – İkinci geçiş hükmü.

GEÇİCİ MADDE 1- Değiştiren kanunun geçiş hükmü.

[1] Bir dipnot.
"""


def test_numbers_kinds_and_keys() -> None:
    articles = split_articles(ACT)
    assert [(a.kind, a.number) for a in articles] == [
        ("madde", "1"),
        ("madde", "2"),
        ("madde", "10/A"),
        ("mükerrer madde", "20"),
        ("ek madde", "3"),
        ("geçici madde", "1"),
        ("ek geçici madde", "2"),
        ("geçici madde", "1"),
    ]
    keys = ["m1", "m2", "m10/A", "mMÜKERRER_20", "mEk_3", "mGEÇİCİ_1", "mEk_Geçici_2", "mGEÇİCİ_1#2"]
    assert article_keys(articles) == keys
    assert article_key(articles[-1]) == "mGEÇİCİ_1"


def test_headings_and_path() -> None:
    first, second, third, fourth, fifth, *_ = split_articles(ACT)
    part = "BİRİNCİ KISIM Genel Hükümler"
    assert first.path == (part, "A. Sözleşmenin kurulması", "I. İrade açıklaması")
    assert first.heading == "1. Genel olarak"
    assert second.path == first.path
    assert second.heading == "2. İkinci derecedeki noktalar"
    assert (third.path, third.heading) == ((part,), "B. Hüküm")
    assert (fourth.path, fourth.heading) == ((part, "B. Hüküm"), None)
    assert (fifth.path, fifth.heading) == ((part,), "Yürürlük")


def test_text_ends_before_the_next_heading_and_before_footnotes() -> None:
    articles = split_articles(ACT)
    assert articles[0].text.startswith("MADDE 1- Sözleşme kurulur.")
    assert articles[0].text.endswith("b) Örtülü olarak.")
    assert articles[1].text.endswith("Madde 5 uygulanmaz.")
    assert articles[-1].text == "GEÇİCİ MADDE 1- Değiştiren kanunun geçiş hükmü."


def test_quoted_articles_of_another_act_are_text() -> None:
    act = "MADDE 1- Kanuna şu madde eklenmiştir.\n\n“Ek Madde 4- Yeni hüküm.”\n\nMADDE 2- Yürürlük."
    assert [a.number for a in split_articles(act)] == ["1", "2"]


def test_no_articles() -> None:
    assert split_articles("") == split_articles("Madde yok, 5 inci madde de yok.") == []


LINES = st.lists(
    st.sampled_from(
        ["MADDE 1- Metin.", "Başlık", "İKİNCİ BÖLÜM", "A) Harf", "a) Bent,", "Son.", "", " ", "[1] Not", "5"]
    ),
    max_size=14,
).map("\n".join)


@given(LINES)
def test_offsets_hold_and_articles_do_not_overlap(act: str) -> None:
    articles = split_articles(act)
    assert len(articles) == act.count("MADDE 1-")
    assert all(act[a.start : a.end] == a.text and a.text.startswith("MADDE") for a in articles)
    assert all(a.end <= b.start for a, b in pairwise(articles))
