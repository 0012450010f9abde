"""A small corpus of Turkish sentences, on disk and in memory."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.tokenizer.patterns import get_pattern

SENTENCES = [
    "Kiracı, kira bedelini sözleşmede kararlaştırılan günde ödemekle yükümlüdür.",
    "Kiracının temerrüdü hâlinde kiraya veren sözleşmeyi feshedebilir.",
    "Mahkemece davanın kabulüne karar verilmiş, hüküm davalı vekilince temyiz edilmiştir.",
    "İSTİNAF BAŞVURUSUNUN ESASTAN REDDİNE, kesin olmak üzere karar verildi.",
    "TBK'nın 344. maddesi uyarınca kira bedelinin belirlenmesi istenmiştir. E. 2019/1234, K. 2020/56",
    "Iğdır Asliye Hukuk Mahkemesinin 10.02.2019 tarihli kararı bozulmuştur; oran %1,8 olarak alınmıştır.",
    "Tanık [TCKN] numaralı kişi dinlenmiştir. Müteselsil kefil borçtan sorumludur.",
    "Davacı vekili istinaf dilekçesinde ibranın geçersiz olduğunu ileri sürmüştür.",
]


def count(texts: Iterable[str], pattern: str = "digits.v1") -> dict[str, int]:
    """The counted words of some texts, as an algorithm takes them."""
    one = get_pattern(pattern)
    return dict(sorted(Counter(word for text in texts for word in one.find(one.clean(text))).items()))


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """Each sentence several times: pairs must stand together twice to be joined."""
    return SENTENCES * 5


@pytest.fixture
def corpus(tmp_path) -> Path:
    """Five decisions a sentence, and two dictionary entries; the second term stands nowhere else."""
    documents = [
        make_document(sentence, kind="decision", source=f"{number}:{copy}")
        for copy in range(5)
        for number, sentence in enumerate(SENTENCES)
    ]
    documents += [
        make_document("İstinaf: bir kanun yolu.", kind="dictionary", source="d:1", title="İstinaf"),
        make_document("Müsadere: mala el koyma. Müsadere", kind="dictionary", source="d:2", title="Müsadere"),
    ]
    write_documents(documents, tmp_path / "corpus" / "documents")
    return tmp_path / "corpus"
