import pytest

from mecelle.retrieval.references import find_references


@pytest.mark.parametrize(
    ("question", "articles"),
    [
        ("TBK 49", ["6098:m49"]),
        ("tbk m.49", ["6098:m49"]),
        ("TBK md. 49/2", ["6098:m49"]),
        ("TBK’nın 49. maddesi", ["6098:m49"]),
        ("6098 m. 49", ["6098:m49"]),
        ("6098 sayılı Kanun m. 264", ["6098:m264"]),
        ("6098 sayılı Türk Borçlar Kanunu'nun 49. maddesi", ["6098:m49"]),
        ("İŞ KANUNU 25", ["4857:m25"]),
        ("türk ceza kanununun 86. maddesi", ["5237:m86"]),
        ("TCK m. 10/A", ["5237:m10/a"]),
        ("TMK geçici madde 2", ["4721:mgeçici_2"]),
        ("VUK mükerrer 257", ["213:mmükerrer_257"]),
        ("TBK 49 ve TMK 2, yine TBK 49", ["6098:m49", "4721:m2"]),
        ("4857 sayılı İş Kanunu uyarınca 30 gün", []),
        ("iş kanunu 30 gün ihbar", []),
        ("6098", []),
        ("KVKK nedir", []),
        ("3 ay 5 gün", []),
        ("5.000 TL kira", []),
        ("TCK 5237 madde 86", ["5237:m86"]),
        ("İş Kanunu 4857 18", ["4857:m18"]),
        ("TCK 5237", []),
        ("İcra ve İflas Kanunu 67", ["2004:m67"]),
        ("Türk Medenî Kanunu 166", ["4721:m166"]),
        ("TBK m. 49 ve 50", ["6098:m49", "6098:m50"]),
        ("TBK49, tmk166", ["6098:m49", "4721:m166"]),
        ("6098 m 49", ["6098:m49"]),
        ("6098 maddesi 49", ["6098:m49"]),
        ("5510 ek 4, 6098 geçici madde 2", ["5510:mek_4", "6098:mgeçici_2"]),
        ("ceza kanunu 86", ["5237:m86"]),
        ("aynı kanun 5, AİHS 6", []),
    ],
)
def test_articles(question, articles):
    assert list(find_references(question).articles) == articles


@pytest.mark.parametrize(
    ("question", "decisions"),
    [
        ("2024/3494", ["2024/3494"]),
        ("Yargıtay 4. HD, E. 2024/3494, K. 2024/5460", ["2024/3494", "2024/5460"]),
        ("2024 / 3494 esas", ["2024/3494"]),
        ("HGK 2017/4-123", ["2017/4-123"]),
        ("10/12/2024 tarihli", []),
        ("12/2024", []),
        ("3494", []),
    ],
)
def test_decisions(question, decisions):
    assert list(find_references(question).decisions) == decisions
