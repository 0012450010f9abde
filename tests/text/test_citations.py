"""The grammar of citations, form by form."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.retrieval.references import find_references
from mecelle.sample import SampleSize, generate
from mecelle.text.acts import article_keys, split_articles
from mecelle.text.casing import fold
from mecelle.text.citations import Citation, article_of, find_citations


def keys(text: str, **known: str) -> list[str]:
    return [key for citation in find_citations(text, **known) for key in citation.normalised]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6098 sayılı TBK'nın 49/2. maddesi", ["6098:m49/2"]),
        ("6098 SAYILI TÜRK BORÇLAR KANUNU’NUN 49. MADDESİ", ["6098:m49"]),
        ("HMK m. 353/1-b-2", ["6100:m353/1-b-2"]),
        ("(HMK m. 353/1-b-1, m. 355)", ["6100:m353/1-b-1", "6100:m355"]),
        ("HMK 353/(1)-b.2", ["6100:m353/1-b-2"]),
        ("HMK’nın 353/1.b.2 maddesi gereğince", ["6100:m353/1-b-2"]),
        ("6100 sayılı HMK'nun 353/1-b.1 bendi", ["6100:m353/1-b-1"]),
        ("HMK 353/1, b. 2019/4", ["6100:m353/1"]),
        ("B.K.m.41", ["6098:m41"]),
        ("B. K. m. 41", ["6098:m41"]),
        ("B. K.’nun 41. maddesi", ["6098:m41"]),
        ("T. C. K.nun 141. maddesi", ["5237:m141"]),
        ("BK.m.41", ["6098:m41"]),
        ("M.K. md. 2 ve B.K.’nun 106. maddesi", ["4721:m2", "6098:m106"]),
        ("818 sayılı B.K.nun 41. maddesi", ["818:m41"]),
        ("davacı B.K. 41 yaşında, A.Y. 2/5 hisse, B.K.'nın beyanı, S.B.K. m. 3", []),
        ("hükümlü B. K. ve katılan, C. M. K. adına, S. B. K. m. 3", []),
        ("Sanık M.K.'nın 5. maddesinde", []),
        ("Sanıklar E.K., A.Y. ve M. K.'nın 5. maddesinde", []),
        ("davacı vekili Av. B.K.'nın 41. maddede", []),
        ("ŞÜPHELİ: T.C.K.'nın ifadesi, tanık S.M.K., C.M.K. isimli kişi", []),
        ("sanığın T.C.K.nun 141. maddesi, davalı H.U.M.K.'nun 428. maddesi", ["5237:m141", "1086:m428"]),
        ("davalının B.K.'nun 41. maddesi, davalı B.K. m. 42 uyarınca", ["6098:m41", "6098:m42"]),
        ("tbk m.49", ["6098:m49"]),
        ("TBK.m.49 ve HMK.md.107", ["6098:m49", "6100:m107"]),
        ("TMK.166, TCK.53/1 ve HUMK.428. maddeleri", ["4721:m166", "5237:m53/1", "1086:m428"]),
        ("TCK.nun 150.maddesinin 2.fıkrasındaki", ["5237:m150/2"]),
        ("T.C.K. 141. maddesi", ["5237:m141"]),
        ("Davacı T.B.K.'nun 49. maddesi, sanık T.C.K.'nun 141/1. maddesi", ["6098:m49", "5237:m141/1"]),
        ("davalı İ.İ.K.nun 67. maddesi, Sanık T.C.K. 142 nci maddesi", ["2004:m67", "5237:m142"]),
        ("TBK 49", ["6098:m49"]),
        ("TCK 5237 madde 86", ["5237:m86"]),
        ("Türk Ceza Kanunu (5237) m. 86/2", ["5237:m86/2"]),
        ("İş Kanunu 4857 18", ["4857:m18"]),
        ("TCK 5237.", ["5237"]),
        ("TCK 5237'nin 86. maddesi", ["5237", "5237:m86"]),
        ("VUK 213 m. 359", ["213:m359"]),
        ("VUK'un 213. maddesi", ["213:m213"]),
        ("VUK'un 213 ve 359. maddeleri", ["213:m213", "213:m359"]),
        ("6098 m. 49", ["6098:m49"]),
        ("TBK 30 gün", ["6098"]),
        ("KVKK'nın 2016 yılında yürürlüğe girmesi", ["6698"]),
        ("İş Kanunu 30 günden fazla", ["4857"]),
        ("TBK 49 aynen", ["6098:m49"]),
        ("TBK'nın 49, 50 ve 51. maddeleri", ["6098:m49", "6098:m50", "6098:m51"]),
        ("TMK'nın 5 ila 8 inci maddeleri", ["4721:m5", "4721:m6", "4721:m7", "4721:m8"]),
        ("TMK'nın 1 ila 900 üncü maddeleri", ["4721:m1", "4721:m900"]),
        ("TMK'nın 7 ve devamı maddeleri", ["4721:m7"]),
        ("1086 sayılı HUMK'un 427 vd. maddeleri", ["1086:m427"]),
        ("TCK'nın 157/1,62,52/2,53. maddeleri", ["5237:m157/1", "5237:m62", "5237:m52/2", "5237:m53"]),
        ("HMK'nın 24/3-33 maddelerine", ["6100:m24/3", "6100:m33"]),
        ("CMK'nın 231/5-6-14. maddesi", ["5271:m231/5", "5271:m231/6", "5271:m231/14"]),
        ("TCK'nın 149/1-a-c maddesi", ["5237:m149/1-a", "5237:m149/1-c"]),
        ("TCK'nın 53/1-c bendi", ["5237:m53/1-c"]),
        ("1412 sayılı CMUK'nun 326/son maddesi", ["1412:m326/son"]),
        ("İİK'nın 72/III. maddesi", ["2004:m72/3"]),
        ("5510 sayılı Kanun'un ek madde 1", ["5510:mek_1"]),
        ("657 sayılı Kanun'un Ek 4/A maddesi", ["657:mek_4/a"]),
        ("6100 sayılı Kanun'un Geçici 3. maddesi", ["6100:mgeçici_3"]),
        ("926 sayılı Kanun'un ek geçici 98. maddesi", ["926:mek_geçici_98"]),
        ("VUK'un mükerrer 257 nci maddesi", ["213:mmükerrer_257"]),
        ("TBK'nın 49. maddesinin ikinci fıkrasının (b) bendi", ["6098:m49/2-b"]),
        ("TCK'nın 53. maddesinin son fıkrası", ["5237:m53/son"]),
        ("TCK'nın 53. maddesinin birinci ve ikinci fıkraları", ["5237:m53/1", "5237:m53/2"]),
        ("213 sayılı Kanun'un 353. maddesinin 1. bendi", ["213:m353-1"]),
        ("Anayasa'nın 148. ve 153. maddeleri", ["2709:m148", "2709:m153"]),
        ("AİHS'in 6/3-c maddesi", ["aihs:m6/3-c"]),
        ("659 sayılı Kanun Hükmünde Kararname'nin 14. maddesi", ["659:m14"]),
        ("5271 sayılı CMK’nın “Kanun yollarına başvurma” başlıklı 260/1. maddesi", ["5271:m260/1"]),
        ("4721 sayılı Türk Medeni Kanunu'nun (4721 sayılı Kanun) 162 nci maddesi", ["4721:m162"]),
        ("6356 sayılı Sendikalar ve Toplu İş Sözleşmesi Kanunu'nun 5. maddesi", ["6356:m5"]),
        (
            "6545 sayılı Türk Ceza Kanunu ile Bazı Kanunlarda Değişiklik Yapılmasına Dair Kanun'un 9. maddesi",
            ["6545:m9"],
        ),
        ("(Değişik: 2/7/2018-KHK-703/152 md.)", ["703:m152"]),
    ],
)
def test_articles(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TBK'nın 49. maddesi ve aynı Kanun'un 50 nci maddesi", ["6098:m49", "6098:m50"]),
        ("TCK'nın 86. maddesinin 2. fıkrası ile 62. maddesi", ["5237:m86/2", "5237:m62"]),
        ("mezkûr Kanun'un 12. maddesi", ["?:m12"]),
        ("Karayolları Hız Kanunu'nun 3. maddesi", ["?:m3"]),
        (
            "2577 sayılı Kanun'un 6545 sayılı Kanun'un 19. maddesiyle değişik 45. maddesi",
            ["2577", "6545:m19", "2577:m45"],
        ),
        ("7242 sayılı Kanunla 5607 sayılı Yasaya eklenen geçici 12. madde", ["7242", "5607", "5607:mgeçici_12"]),
    ],
)
def test_the_act_an_article_belongs_to(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


def test_inside_an_act_articles_are_its_own() -> None:
    text = "Bu Kanunun 5 inci maddesi, 4721 sayılı Kanunun 3 üncü maddesi, 15 inci madde, aynı Kanunun 4 üncü maddesi"
    assert keys(text, law="6098") == ["6098:m5", "4721:m3", "6098:m15", "4721:m4"]


@pytest.mark.parametrize(
    ("date", "law"),
    [("1999-05-01", "765"), ("2005-05-31", "765"), ("2005-06-01", "5237"), ("2004", "765"), (None, "5237")],
)
def test_an_abbreviation_of_two_acts_is_told_apart_by_date(date: str | None, law: str) -> None:
    assert find_citations("TCK'nın 53. maddesi", date=date)[0].normalised == (f"{law}:m53",)
    assert find_citations("Türk Ceza Kanunu", date=date)[0].normalised == (law,)
    assert keys("765 sayılı TCK'nın 53. maddesi") == ["765:m53"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yargıtay 4. HD'nin 2021/100 E., 2022/7 K. sayılı kararı", "yargıtay:4hd:e2021/100:k2022/7"),
        (
            "Yargıtay (Kapatılan) 17. Hukuk Dairesi'nin 29.04.2019 tarih ve 2016/1-2019/5",
            "yargıtay:17hd:e2016/1:k2019/5",
        ),
        ("20. Hukuk Dairesinin 07.06.2010 gün ve 2010/4430 - 7931", "yargıtay:20hd:e2010/4430:k2010/7931"),
        ("Yargıtay 10.Hukuk Dairesinin 14.11.2006 gün ve 11081-14427 sayılı", "yargıtay:10hd:e?/11081:k2006/14427"),
        ("HGK'nın 12.05.2010 tarihli, 2010/4-200 E., 2010/250 K.", "yargıtay:hgk:e2010/4-200:k2010/250"),
        ("Ceza Genel Kurulu'nun 2007/6-13- 2007/54 sayı", "yargıtay:cgk:e2007/6-13:k2007/54"),
        ("04.02.1959 tarih ve 13/5 sayılı İçtihadı Birleştirme Kararı", "yargıtay:ibk:e?/13:k1959/5"),
        ("Danıştay 3. D, E. 2019/4896", "danıştay:3d:e2019/4896"),
        ("Danıştay İkinci Dairesinin 12/03/2020 günlü, E:2020/46, K:2020/1502", "danıştay:2d:e2020/46:k2020/1502"),
        ("ÜÇÜNCÜ DAİRE\nEsas No : 2018/1802\nKarar No : 2021/4543", "danıştay:3d:e2018/1802:k2021/4543"),
        ("İDDK'nın E:2019/10, K:2020/11", "danıştay:iddk:e2019/10:k2020/11"),
        ("Danıştay Vergi Dava Daireleri Kurulunun K:2020/366, E:2020/107", "danıştay:vddk:e2020/107:k2020/366"),
        ("AYM, E. 2010/1, K. 2011/2", "aym:e2010/1:k2011/2"),
        ("Anayasa Mahkemesi'nin 08.10.2015 gün, 2014/140-2015/85 Esas ve Karar", "aym:e2014/140:k2015/85"),
        ("Aydın Yavuz [GK], B. No: 2016/22169, 20/6/2017", "aym:b2016/22169"),
        ("2020/27351 numaralı başvuru yönünden", "aym:b2020/27351"),
        ("Aksoy/Türkiye, B. No: 21987/93, § 34", "aihm:b21987/93"),
        ("Uyuşmazlık Mahkemesinin 1995/1 Esas 1996/1 Karar", "uyuşmazlık:e1995/1:k1996/1"),
        ("İzmir BAM 14. HD'nin 2018/1698 E., 2020/92 K. sayılı", "?:e2018/1698:k2020/92"),
        ("NUMARASI : 2014/126 (E) ve 2014/222 (K)", "?:e2014/126:k2014/222"),
        ("Asliye Hukuk Mahkemesinin 2011/343 E. sayılı dosyası", "?:e2011/343"),
    ],
)
def test_decisions(text: str, expected: str) -> None:
    assert keys(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "sözleşmenin 5. maddesi",
        "Protokol'ün 5.1. maddesinde",
        "Yönetmeliğin 5. maddesi, yine 6. maddesi",
        "7/11/1996 tarihli ve 22810 sayılı Resmî Gazete'de yayımlanan",
        "2012/3305 sayılı Bakanlar Kurulu Kararı",
        "2. İcra Müdürlüğünün 2012/144 E. sayılı takip dosyası",
        "2016/24939, 2015/45186 ve 2013/71313 sayı ile tescilli markalar",
        "106 ada 40 parsel sayılı taşınmaz",
        "usul ve kanuna aykırı, yasa yolu açık, Anayasa Mahkemesi, anayasal",
        "Madde 12 - Bu madde kendisidir.",
        "iş sözleşmesinin feshi",
        "1.250,75 TL 30 gün, 10 m. uzunluğunda",
    ],
)
def test_what_is_no_citation(text: str) -> None:
    assert find_citations(text) == []


def test_offsets_span_the_whole_citation() -> None:
    text = "I. Olayda TBK’nın 49. maddesinin 2. fıkrasına, (B. No: 2013/817) göre."
    assert [(c.kind, text[c.start : c.end]) for c in find_citations(text)] == [
        ("article", "TBK’nın 49. maddesinin 2. fıkrasına"),
        ("decision", "B. No: 2013/817"),
    ]


def test_keys_of_articles_are_those_of_acts_and_of_questions() -> None:
    act = "MADDE 1 - a\n\nMADDE 10/A - b\n\nEK MADDE 4 - c\n\nGeçici Madde 2 - d"
    ids = [fold(f"5510:{key}") for key in article_keys(split_articles(act))]
    text = "5510 sayılı Kanunun 1/2. maddesi, 10/A maddesi, ek 4. maddesi, geçici 2. maddesi"
    assert [article_of(key) for key in keys(text)] == ids
    for question in ("TBK'nın 49. maddesi", "TCK m. 10/A", "TMK geçici madde 2", "VUK mükerrer 257"):
        assert tuple(keys(question)) == find_references(question).articles


def test_all_planted_citations_of_the_sample() -> None:
    num_planted = 0
    for decision in generate(seed=7, size=SampleSize.tiny()).decisions:
        if not decision.sections:
            continue
        found = [citation for citation in find_citations(decision.text) if citation.kind == "article"]
        num_planted += len(decision.citations)
        assert len(found) == len(decision.citations)
        for planted, citation in zip(decision.citations, found, strict=True):
            # A planted span ends before the case suffix, ours behind it.
            rest = decision.text[planted.end : citation.end]
            assert (citation.start, rest) == (planted.start, "".join(re.findall(r"^\w*", rest)))
            assert article_of(citation.normalised[0]) == fold(planted.article)
    assert num_planted > 50


@given(st.text(alphabet=st.one_of(st.sampled_from("0123456789 .,/-()'’\nekmsEKİIıi"), st.characters()), max_size=200))
def test_any_text_gives_sorted_disjoint_spans(text: str) -> None:
    check(text, find_citations(text))


PIECES = [
    "6098 sayılı ", "TBK'nın ", "HMK ", "49", "/2", "-b", ". maddesi", " maddesi ", "m. ", "madde ", "geçici ", "ek ",
    " ve ", " ila ", ", ", "aynı ", "Kanunun ", "Türk Ceza Kanunu ", "fıkrası ", "(a) bendi ", "2021/100", " E. ",
    "K. ", "Esas No: ", "12.05.2010 gün ve ", "11-22 sayılı ", "4. HD ", "B. No: ", "\n", "ile değişik ", "“x” ",
    "sözleşmenin ", "başlıklı ",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_pieces_of_citations_in_any_order(text: str) -> None:
    check(text, find_citations(text))


def check(text: str, found: list[Citation]) -> None:
    at = 0
    for citation in found:
        assert at <= citation.start < citation.end <= len(text)
        assert citation.normalised
        at = citation.end


@pytest.mark.parametrize(
    "piece", ["1", "1,", "1, ", "1 ", " ", "1/2-a, ", "(", "01.01.2001 ", "B. No ", "geçici ", "a", "\n"]
)
def test_time_grows_with_the_length_alone(piece: str) -> None:
    # 0.01 to 0.25 s of processor time on the development machine, 0.7 s for a megabyte; what backtracks takes minutes.
    text = piece * (300_000 // len(piece))
    began = time.process_time()
    assert find_citations(text) == []
    assert time.process_time() - began < 1
