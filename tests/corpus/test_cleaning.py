from typing import Any

import pytest

from mecelle.base.config import parse
from mecelle.corpus.cleaning import cleaners


@pytest.mark.parametrize(
    ("name", "damaged", "mended"),
    [
        ("mojibake.v1", "Karþý davanýn reddi", "Karşı davanın reddi"),
        ("spread_letters.v1", "T Ü R K M İ L L E T İ A D I N A", "TÜRK MİLLETİ ADINA"),
        ("spread_letters.v1", "y ö netim s ü re ç leri ve i ş lemler", "yönetim süreçleri ve işlemler"),
        (
            "running_headers.v1",
            "E. 2024/1\nb\nc\nd\ne\nYargıtay 4. Hukuk Dairesi  E. 2024/1\nf",
            "E. 2024/1\nb\nc\nd\ne\nf",
        ),
        ("page_numbers.v1", "hükmün\n- 3 -\nonanması", "hükmün\nonanması"),
        ("contents_table.v1", "Giriş ..... 1\nSonuç ..... 9\nEkler ..... 12\nMetin", "Metin"),
        ("noise.v1", "Karar\n~| ¬ '_\nHüküm", "Karar\nHüküm"),
        ("line_hyphens.v1", "mahke-\nmesi", "mahkemesi"),
    ],
)
def test_each_cleaner_takes_its_dirt(name: str, damaged: str, mended: str) -> None:
    cleaner: Any = parse(cleaners.get(name), {"cleaner": name}, where="test")
    assert cleaner.clean(damaged) == mended
    assert cleaner.clean(mended) == mended
