import math
import subprocess
import sys

import numpy as np
import pytest

from mecelle.base.errors import ArtifactError, InputError
from mecelle.retrieval.bm25 import Bm25, Bm25Config, rank_bm25

DOCUMENTS = [
    ("m315", "Kiracı kira bedelini ödemezse kiraya veren sözleşmeyi fesheder."),
    ("m316", "Kiracı kiralananı özenle kullanır."),
    ("m1", "İşçinin kıdem tazminatı."),
]


def test_scores_are_those_of_the_formula():
    """Lucene's BM25 (Kamphuis et al. 2020, table 1), by hand: terms a, b in documents of 2, 1 and 3 terms."""
    documents = [("x", ["a", "b"]), ("y", ["b"]), ("z", ["c", "c", "a"])]
    index = Bm25.from_terms(documents, Bm25Config(k1=1.5, b=0.75))
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    length = lambda words: 1.5 * (1 - 0.75 + 0.75 * words / 2)  # noqa: E731
    wanted = [idf / (1 + length(2)), 0.0, idf / (1 + length(3))]
    assert np.allclose(index.scores("a"), wanted, rtol=1e-6)


def test_turkish_forms_of_a_word_meet():
    [ranking] = rank_bm25(["KİRACININ TAZMİNATI"], DOCUMENTS, 10)
    assert {identifier for identifier, _ in ranking} == {"m315", "m316", "m1"}


@pytest.mark.parametrize("query", ["", "ve ile bu", "zzzz", "\ud800", "?!"])
def test_a_query_without_known_terms_finds_nothing(query):
    assert rank_bm25([query], DOCUMENTS, 10) == [[]]


def test_collections_without_documents_or_terms():
    assert rank_bm25(["kira"], [], 10) == [[]]
    assert rank_bm25(["kira"], [("a", "ve"), ("b", "")], 10) == [[]]


def test_an_id_that_stands_twice_is_refused():
    with pytest.raises(InputError, match="twice"):
        rank_bm25(["kira"], [("a", "kira"), ("a", "kira")], 10)


def test_saved_and_loaded_scores_are_equal(tmp_path):
    index = Bm25.build(DOCUMENTS, Bm25Config(terms="first5", k1=0.9))
    index.save(tmp_path / "counts")
    loaded = Bm25.load(tmp_path / "counts")
    assert loaded.config == index.config
    assert loaded.rank("kiracı öderse", 5) == index.rank("kiracı öderse", 5) != []
    with pytest.raises(ArtifactError, match="build the index again"):
        Bm25.load(tmp_path / "nothing")


def test_saved_bytes_do_not_depend_on_the_hash_seed(tmp_path):
    program = (
        "import sys, pathlib; from mecelle.retrieval.bm25 import Bm25;"
        "Bm25.build([('a', 'kiracı kira bedeli öder'), ('b', 'işçi kıdem ister')]).save(pathlib.Path(sys.argv[1]))"
    )
    contents = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        subprocess.run([sys.executable, "-c", program, folder], check=True, env={"PYTHONHASHSEED": seed})
        contents.append({path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.*"))})
    assert contents[0] == contents[1]
    assert len(contents[0]) > 3


def test_bm25_needs_no_torch():
    program = "import sys, mecelle.retrieval.bm25, mecelle.retrieval.search; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "False"
