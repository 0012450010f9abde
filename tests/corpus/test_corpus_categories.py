from typing import Any

import pytest

from mecelle.base.document import Document
from mecelle.corpus.statistics.categories import category, closest, covers


def document(**metadata: Any) -> Document:
    return Document(text="metin", id="1", metadata=metadata)


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"kind": "decision", "court": "YARGITAY 4. Hukuk Dairesi"}, "İÇTİHAT Yargıtay"),
        ({"kind": "decision", "court": "Danıştay"}, "İÇTİHAT Danıştay"),
        ({"kind": "decision", "court": "Anayasa Mahkemesi"}, "İÇTİHAT AYM"),
        ({"kind": "decision", "court": "Ankara Bölge Adliye Mahkemesi"}, "İÇTİHAT İstinaf"),
        ({"kind": "decision", "court": "Rize 1. Asliye Ceza Mahkemesi"}, "İÇTİHAT Yerel"),
        ({"kind": "decision"}, "İÇTİHAT Diğer"),
        ({"kind": "statute", "said_kind": "KANUN", "title": "TÜRK BORÇLAR KANUNU"}, "MEVZUAT Kanun"),
        ({"kind": "statute", "title": "DENİZ TİCARETİ HAKKINDA KANUN HÜKMÜNDE KARARNAME"}, "MEVZUAT KHK"),
        ({"kind": "statute", "title": "KARARNAMENİN KABULÜNE DAİR KANUN"}, "MEVZUAT Kanun"),
        ({"kind": "statute", "said_kind": "MULGA", "title": "BORÇLAR KANUNU"}, "MEVZUAT Mülga"),
        ({"kind": "regulation", "said_kind": "tebliğ"}, "MEVZUAT Tebliğ"),
        ({"kind": "regulation", "title": "Tapu Sicili Tüzüğü"}, "MEVZUAT Tüzük"),
        ({"kind": "regulation", "title": "Usul ve Esaslar"}, "MEVZUAT Genel"),
        ({"kind": "article", "law_number": "6098"}, "MEVZUAT Kanun"),
        ({"kind": "thesis"}, "HUKUK Tez"),
        ({"kind": "thesis", "said_kind": "Makale"}, "HUKUK Makale"),
        ({"kind": "dictionary"}, "HUKUK Sözlük"),
        ({"kind": "web"}, "HUKUK DIŞI web"),
        # Minutes of parliament quote bills, which the reader takes for acts: where they come from says more.
        ({"kind": "statute", "domain": "parliament"}, "HUKUK DIŞI parliament"),
        ({"kind": "other", "domain": "math", "lang": "en"}, "HUKUK DIŞI en math"),
        ({"kind": "decision", "court": "Yargıtay", "category": "iş hukuku"}, "İÇTİHAT Yargıtay"),
        ({"kind": "decision", "court": "Yargıtay", "category": "İÇTİHAT KYB"}, "İÇTİHAT KYB"),
    ],
)
def test_category(metadata: dict[str, Any], name: str) -> None:
    assert category(document(**metadata)) == name


def test_a_selector_covers_its_field_by_whole_words() -> None:
    assert covers("İÇTİHAT", "İÇTİHAT Yargıtay")
    assert not covers("İÇTİHAT Yar", "İÇTİHAT Yargıtay")
    assert not covers("HUKUK", "HUKUK DIŞI news")
    assert closest(("HUKUK DIŞI", "HUKUK DIŞI en", "HUKUK"), "HUKUK DIŞI en math") == "HUKUK DIŞI en"
    assert closest(("MEVZUAT",), "HUKUK Tez") is None
