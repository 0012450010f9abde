from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mecelle.base.errors import ConfigError
from mecelle.corpus.dedup.clusters import Order, UnionFind
from mecelle.corpus.dedup.decisive import decisive_key, decisive_tokens, official_key
from mecelle.corpus.dedup.exact import exact_clusters
from mecelle.corpus.dedup.minhash import MinHash, NearDuplicates
from mecelle.corpus.dedup.shingles import folded_words, gram_hashes, jaccard, shingles, word_hashes
from mecelle.corpus.dedup.signatures import Signatures, SignatureWriter, band_keys


@pytest.fixture
def text(make: Any) -> str:
    return str(make.prose(1, words=400))


def signed(folder: Path, texts: list[str], *, officials: list[int] | None = None, bands: int = 16) -> Signatures:
    writer = SignatureWriter(folder)
    for text, official in zip(texts, officials or [0] * len(texts), strict=True):
        folded = folded_words(text)
        found = shingles(folded, 5)
        keys = band_keys(found, permutations=256, bands=bands, seed=7)
        writer.add(bands=keys, decisive=decisive_key(folded), official=official, shingles=found)
    writer.close(bands=bands)
    return Signatures([folder])


def groups(signatures: Signatures, *, settled: tuple[int, ...] = (), **parameters: bool) -> list[list[int]]:
    search = NearDuplicates(signatures, MinHash(**parameters), Order(settled))
    found = search.clusters(range(len(signatures)))
    return [[cluster.representative, *(member.row for member in cluster.members)] for cluster in found]


def test_jaccard_is_that_of_word_sets() -> None:
    left = ["bir", "iki", "üç", "dört", "beş", "altı", "yedi"]
    right = [*left[:-1], "sekiz"]
    grams = [{tuple(words[i : i + 5]) for i in range(len(words) - 4)} for words in (left, right)]
    expected = len(grams[0] & grams[1]) / len(grams[0] | grams[1])
    assert jaccard(shingles(left, 5), shingles(right, 5)) == pytest.approx(expected)
    assert jaccard(shingles([], 5), shingles([], 5)) == 0.0


def test_shingles_keep_digits_diacritics_and_order() -> None:
    def hashes(text: str) -> list[int]:
        return shingles(folded_words(text), 5).tolist()

    assert hashes("esas 2019/1234 ölüm kararı IŞIK") == hashes("ESAS 2019/1234 ÖLÜM KARARI ışık")
    assert hashes("esas 2019/1234 ölüm kararı ışık") != hashes("esas 2019/1235 ölüm kararı ışık")
    assert hashes("esas 2019/1234 ölüm kararı ışık") != hashes("esas 2019/1234 olum kararı ışık")
    assert hashes("bir iki üç dört beş") != hashes("beş dört üç iki bir")
    assert len(hashes("iki kelime")) == 1


def test_word_hashes_are_the_same_everywhere() -> None:
    # Pinned: stored signatures must fit those of another machine or version.
    assert gram_hashes(word_hashes(["karar", "onandı"]), 2).tolist() == [576233362291363088]


def test_pieces_give_the_signature_of_the_whole() -> None:
    hashes = np.unique(np.random.default_rng(3).integers(0, 2**63, 20_000, dtype=np.uint64))
    from mecelle.corpus.dedup import signatures

    whole = signatures._sign(hashes, 64, 7)
    pieces = [signatures._sign(part, 64, 7) for part in np.array_split(hashes, 3)]
    assert np.minimum.reduce(pieces).tolist() == whole.tolist()


def test_near_copies_are_found_and_others_are_not(tmp_path: Path, make: Any, text: str) -> None:
    near = text.replace("davacı", "davaci", 1)
    assert groups(signed(tmp_path, [text, make.prose(2, words=400), near, make.prose(3)])) == [[0, 2]]


def test_candidates_are_proved(tmp_path: Path, make: Any, text: str) -> None:
    # One value a band makes candidates of all that share anything: only the exact similarity tells them apart.
    signatures = signed(tmp_path, [text, text + make.prose(9)], bands=256)
    search = NearDuplicates(signatures, MinHash(bands=256), Order())
    assert search.clusters(range(2)) == []
    assert search.candidates_below == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2019/1001", "2019/1010"),  # another case number
        ("2019/1001", "2019/1001-2"),  # one number more
        ("reddine", "kabulüne"),
        ("reddine", "kısmen reddine"),
    ],
)
def test_decisive_tokens_keep_two_decisions_apart(tmp_path: Path, old: str, new: str, make: Any) -> None:
    text = make.decision(1)
    signatures = signed(tmp_path, [text, text.replace(old, new)])
    assert jaccard(signatures.shingles(0), signatures.shingles(1)) >= 0.9
    assert groups(signatures) == []
    assert groups(signatures, decisive_tokens=False) == [[0, 1]]


def test_official_numbers_keep_two_decisions_apart(tmp_path: Path, text: str) -> None:
    near = text.replace("davacı", "davaci", 1)
    first, second = official_key({"case_number": "2013/1"}), official_key({"case_number": "2013/2"})
    assert groups(signed(tmp_path / "two", [text, near], officials=[first, second])) == []
    assert groups(signed(tmp_path / "one", [text, near], officials=[first, 0])) == [[0, 1]]
    # A document without a number must not bridge two decisions that have different ones.
    other = text.replace("davalı", "davali", 1)
    assert groups(signed(tmp_path / "bridge", [near, text, other], officials=[first, 0, second])) == [[0, 1]]


def test_decisive_tokens() -> None:
    folded = folded_words("10.02.2019 tarihli 2019/1234 sayılı kararın ONANMASINA, iki ay içinde 1.250,75 TL'nin")
    assert decisive_tokens(folded) == sorted(
        ["10", "02", "2019", "2019", "1234", "onanmasına", "iki", "1", "250", "75"]
    )
    # "l" read as "1" by a scan changes no number; "5inci", "m5" and "10/A" are numbers.
    assert decisive_tokens(folded_words("davac1n1n karar1 o1arak")) == []
    assert decisive_tokens(folded_words("5inci m5 10/A ek2 TR33")) == ["10", "2", "33", "5", "5"]
    assert official_key({}) == 0
    assert official_key({"case_number": "1/2"}) != official_key({"decision_number": "1/2"})


def test_representative_is_the_first_or_the_settled(tmp_path: Path, text: str) -> None:
    copies = [text, text.replace("davacı", "davaci", 1), text.replace("davalı", "davali", 1)]
    signatures = signed(tmp_path, copies)
    assert groups(signatures) == [[0, 1, 2]]
    assert groups(signatures, settled=(1,)) == [[1, 0, 2]]
    assert sorted(groups(signatures, settled=(1, 2))) == [[1, 0]]  # neither of two settled documents leaves


def test_texts_without_words_are_no_duplicates(tmp_path: Path) -> None:
    assert groups(signed(tmp_path, ["...", "---"])) == []


def test_equal_texts_with_different_numbers_are_different_decisions() -> None:
    found = exact_clusters(["a"] * 5, Order(), officials=[11, 22, 0, 22, 11])
    assert [(one.representative, [member.row for member in one.members]) for one in found] == [(0, [2, 4]), (1, [3])]


def test_exact_clusters() -> None:
    found = exact_clusters(["a", "b", "a", "c", "b", "a"], Order())
    assert [(one.representative, [m.row for m in one.members]) for one in found] == [(0, [2, 5]), (1, [4])]
    found = exact_clusters(["a", "b", "a"], Order(settled=[2]))
    assert [(one.representative, [m.row for m in one.members]) for one in found] == [(2, [0])]


def test_union_find_joins_chains() -> None:
    sets = UnionFind(Order(), [0] * 6)
    for left, right in ((4, 5), (2, 4), (1, 2)):
        assert sets.union(left, right)
    assert sets.groups() == [(1, [2, 4, 5])]


def test_bands_must_divide_permutations() -> None:
    with pytest.raises(ValueError, match="15 bands do not divide 256"):
        MinHash(bands=15)
    assert issubclass(ConfigError, ValueError)
