"""Exact and near duplicates: scanning, signatures, buckets, comparison, clusters."""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mecelle.base.collection import read_jsonl
from mecelle.base.document import content_hash
from mecelle.corpus.dedup import near
from mecelle.corpus.dedup.clusters import clusters_of, write_clusters
from mecelle.corpus.dedup.decisive import official_key
from mecelle.corpus.dedup.duplicates import Duplicates
from mecelle.corpus.dedup.exact import exact_duplicates
from mecelle.corpus.dedup.groups import groups
from mecelle.corpus.dedup.minhash import MinHash, Signer, shingle_set
from mecelle.corpus.dedup.near import near_duplicates
from mecelle.corpus.dedup.scanning import code_points, scan, tables
from mecelle.corpus.dedup.sets import COMPARED, Candidates, Sets, flatten, join, similarity, unite
from mecelle.corpus.dedup.shingles import folded_words, gram_hashes, word_hashes
from mecelle.corpus.dedup.signatures import Signatures, SignatureWriter
from mecelle.text.casing import fold

DEFAULT = MinHash()


@pytest.fixture
def text(make: Any) -> str:
    return str(make.prose(1, words=400))


def signed(
    folder: Path,
    texts: Sequence[str],
    *,
    officials: Sequence[int] | None = None,
    config: MinHash = DEFAULT,
    shards: int = 1,
) -> Signatures:
    signer = Signer(config, seed=7)
    rows = list(zip(range(len(texts)), texts, officials or [0] * len(texts), strict=True))
    size = -(-len(rows) // shards)
    for shard in range(shards):
        with SignatureWriter(folder / f"{shard:05d}") as writer:
            for number, text, official in rows[shard * size : (shard + 1) * size]:
                names = {"id": f"d{number}", "source_id": None}
                found = signer.sign(text)
                writer.add(names, content_hash=content_hash(text), official=official, signature=found)
    return Signatures([folder / f"{shard:05d}" for shard in range(shards)])


def search(
    signatures: Signatures,
    work: Path,
    *,
    settled: Sequence[int] = (),
    config: MinHash = DEFAULT,
    **memory: int,
) -> tuple[Duplicates, dict[str, int]]:
    found = Duplicates(len(signatures), work=work, settled=[row in settled for row in range(len(signatures))])
    return found, near_duplicates(signatures, config, found, work=work, **memory)


def listed(found: Duplicates) -> list[list[int]]:
    return [[cluster.representative, *cluster.members.tolist()] for cluster in found.clusters()]


def near_groups(
    folder: Path,
    texts: Sequence[str],
    *,
    officials: Sequence[int] | None = None,
    settled: Sequence[int] = (),
    **parameters: Any,
) -> list[list[int]]:
    config = MinHash(**parameters)
    return listed(search(signed(folder, texts, officials=officials), folder, settled=settled, config=config)[0])


def scanned(text: str) -> list[int]:
    return list(scan(code_points(text), tables())[0].tolist())


def decisive(text: str) -> int:
    return int(scan(code_points(text), tables())[1])


def jaccard(left: Sequence[str], right: Sequence[str], length: int = 5) -> float:
    one, other = ({tuple(w[i : i + length]) for i in range(len(w) - length + 1)} for w in (left, right))
    return len(one & other) / len(one | other)


def plain_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", fold(text))


# Scanning


def test_a_word_has_one_number_in_whatever_case() -> None:
    assert scanned("IŞIK İLE ışık ile") == scanned("ışık ile IŞIK İLE")
    assert len(set(scanned("IŞIK ışık Işık"))) == 1
    assert len(set(scanned("işik ışık isik ölüm olum hala hâlâ 2019 2018 \u0663 \u0664"))) == 11
    assert scanned("TBK'nın 49/2. maddesi_a") == scanned("tbk nın 49 2 maddesi a")
    assert scanned("i\u0307cra") == scanned("icra") == scanned("İCRA") == scanned("I\u0307cra")
    assert scanned("") == scanned(" ... ") == []


def test_words_are_those_of_a_plain_expression(make: Any) -> None:
    # The compiled pass against another way to the same words: equal words have equal numbers, others other ones.
    text = make.decision(3) + " Ğüşçö ÎÛÂ 10/A 1.250,75 x\u0301 \U0001d7cf ﬁ\n\ttek_satır İ'nin II. №5 ½"
    expected = [word for word in plain_words(text) if word != "\u0301"]
    found = scanned(text)
    assert len(found) == len(expected)
    assert len(set(zip(found, expected, strict=True))) == len(set(found)) == len(set(expected))


def test_word_numbers_are_the_same_everywhere() -> None:
    # Pinned: stored signatures must fit those of another machine or version, or MinHash.signing_version be another one.
    assert scanned("karar onandı") == [14340629799256941629, 11882297036731126686]
    assert decisive("5 yıl, karar kusursuz") == 13782942141457525921
    assert gram_hashes(word_hashes(folded_words("Karar ONANDI")), 2).tolist() == [576233362291363088]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("10.02.2019 tarihli", "10.02.2018 tarihli"),
        ("1.250,75 TL", "1.250,57 TL"),
        ("davanın reddine", "davanın kabulüne"),
        ("ONANMASINA", "BOZULMASINA"),
        ("iki yıl", "üç yıl"),
        ("5 gün", "5 gün 5 gün"),
        ("m5", "m6"),
        ("10/A", "11/A"),
        ("5inci madde", "6inci madde"),
        ("ek2", "ek3"),
        ("TR33", "TR34"),
        ("2 yıl", "02 yıl"),
        ("EDİLMİŞTİR", "EDİLMEMİŞTİR"),
        ("gerekir", "gerekmez"),
        ("bulunduğu", "bulunmadığı"),
        ("borç vardır", "borç yoktur"),
        ("davacıdan tahsili", "davalıdan tahsili"),
        ("10.02.2019", "02.10.2019"),
        ("5.000 TL maddi, 3.000 TL manevi", "3.000 TL maddi, 5.000 TL manevi"),
        ("asıl davanın reddine, karşı davanın kabulüne", "asıl davanın kabulüne, karşı davanın reddine"),
        *(
            (f"bul{v}yor", f"bul{m}yor")
            for v, m in (("unu", "unmu"), ("ını", "ınmı"), ("ini", "inmi"), ("ünü", "ünmü"))
        ),
        ("kusurlu", "kusursuz"),
        ("KUSURLUDUR", "KUSURSUZDUR"),
        ("gerekli", "gereksiz"),
        ("haklı", "haksız"),
        ("geçerliliğine", "geçersizliğine"),
        ("usulüne", "usulsüzlüğüne"),
        ("hukuka uygun", "hukuka aykırı"),
        ("uygunluğuna", "aykırılığına"),
        ("davacı lehine", "davacı aleyhine"),
    ],
)
def test_decisive_differs(left: str, right: str) -> None:
    assert decisive(left) != decisive(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("10.02.2019 ve 7", "10/02/2019, 7"),  # the same numbers
        ("davac1n1n karar1 o1arak", "davacının kararı olarak"),  # slips of a scan
        ("ONANMASINA", "onanmasına"),
        ("bir davacı", "her davacı"),
        ("mahkemesi maddesi", "kararı hükmü"),
    ],
)
def test_decisive_is_equal(left: str, right: str) -> None:
    assert decisive(left) == decisive(right)


def test_official_key() -> None:
    assert official_key({}) == 0
    assert official_key({"case_number": "1/2"}) != official_key({"decision_number": "1/2"})


# Signatures


def test_similarity_is_that_of_word_sets(make: Any) -> None:
    left = make.prose(1, words=300)
    right = left.replace("davacı", "davaci")
    sets = [Signer(MinHash(), seed=7).sign(text).shingles for text in (left, right)]
    found = similarity(np.concatenate(sets), 0, len(sets[0]), len(sets[0]), len(sets[0]) + len(sets[1]))
    assert found == pytest.approx(jaccard(plain_words(left), plain_words(right)))
    assert len(sets[0]) == len({tuple(plain_words(left)[i : i + 5]) for i in range(len(plain_words(left)) - 4)})
    assert similarity(sets[0], 0, 0, 0, 0) == 0.0


def test_order_of_words_counts_and_short_texts_have_one_shingle() -> None:
    def shingles(text: str) -> list[int]:
        return list(shingle_set(scan(code_points(text), tables())[0], 5).tolist())

    assert shingles("bir iki üç dört beş") != shingles("beş dört üç iki bir")
    assert len(shingles("iki kelime")) == 1
    assert shingles("") == []


def test_equal_values_of_a_signature_estimate_the_similarity(make: Any) -> None:
    # Of 256 values, as many agree as the Jaccard similarity says: standard deviation .03 at .5.
    signer = Signer(MinHash(permutations=256, bands=256), seed=7)
    for seed, share in ((1, 0.02), (2, 0.1), (3, 0.3)):
        words = make.prose(seed, words=600).split()
        other = [f"x{number}" if number % round(1 / share) == 0 else word for number, word in enumerate(words)]
        left, right = " ".join(words), " ".join(other)
        agree = (signer.sign(left).bands == signer.sign(right).bands).mean()
        assert agree == pytest.approx(jaccard(plain_words(left), plain_words(right)), abs=0.1)


def test_stored_columns_come_back(tmp_path: Path, make: Any) -> None:
    texts = [make.prose(seed) for seed in range(5)] + ["..."]
    stored = signed(tmp_path, texts, officials=[0, 1, 2, 3, 4, 5], shards=4)  # the last shards hold few or no rows
    signer = Signer(MinHash(), seed=7)
    rows = np.array([1, 3, 5])
    values, edges = stored.take_shingles(rows)
    assert [values[a:b].tolist() for a, b in itertools.pairwise(edges)] == [
        signer.sign(texts[row]).shingles.tolist() for row in rows
    ]
    assert stored.take("official", rows).tolist() == [1, 3, 5]
    assert [one["id"] for one in stored.take_names(rows)] == ["d1", "d3", "d5"]
    assert [one["id"] for one in stored.names()] == [f"d{row}" for row in range(6)]
    assert np.concatenate(list(stored.bands(20))).tolist() == [int(signer.sign(one).bands[20]) for one in texts]
    assert np.concatenate(list(stored.sizes())).tolist() == [len(signer.sign(one).shingles) for one in texts]


def test_bands_fit_permutations() -> None:
    with pytest.raises(ValueError, match="300 bands of 256 permutations"):
        MinHash(bands=300)
    assert (MinHash().bands, MinHash().rows) == (21, 12)


# Groups


@pytest.mark.parametrize("rows_at_once", [1, 3, 100])
def test_groups_are_the_same_in_little_memory(rows_at_once: int) -> None:
    keys = [2**63, 5, 2**63, 7, 5, 2**64 - 1, 5, 0, 2**64 - 1]

    def column() -> Any:
        for start in range(0, len(keys), 4):
            part = np.array(keys[start : start + 4], dtype=np.uint64)
            yield np.arange(start, start + len(part)), part

    found = [rows.tolist() for some in groups(column, count=len(keys), rows_at_once=rows_at_once) for rows in some]
    assert found == [[1, 4, 6], [0, 2], [5, 8]]


# Near-duplicates


def test_near_copies_are_found_and_others_are_not(tmp_path: Path, make: Any, text: str) -> None:
    near_copy = text.replace("davacı", "davaci", 1)
    assert near_groups(tmp_path, [text, make.prose(2, words=400), near_copy, make.prose(3)]) == [[0, 2]]


def test_candidates_are_proved(tmp_path: Path, make: Any, text: str) -> None:
    # One value a band makes candidates of all that share anything: only the exact similarity tells them apart.
    config, half = MinHash(bands=256, decisive_tokens=False), len(text) // 2
    texts = [text, text[:half] + make.prose(9, words=400)[:half]]
    found, counts = search(signed(tmp_path, texts, config=config), tmp_path, config=config)
    assert listed(found) == []
    assert counts["pairs_below"] >= 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2019/1001", "2019/1010"),  # another case number
        ("2019/1001", "2019/1001-2"),  # one number more
        ("reddine", "kabulüne"),
        ("reddine", "kısmen reddine"),
        ("2019/1001", "1001/2019"),  # the same numbers, in another order
    ],
)
def test_decisive_tokens_keep_two_decisions_apart(tmp_path: Path, old: str, new: str, make: Any) -> None:
    texts = [make.decision(1), make.decision(1).replace(old, new)]
    assert near_groups(tmp_path / "apart", texts) == []
    assert near_groups(tmp_path / "merged", texts, decisive_tokens=False) == [[0, 1]]


def test_official_numbers_keep_two_decisions_apart(tmp_path: Path, text: str) -> None:
    near_copy = text.replace("davacı", "davaci", 1)
    first, second = official_key({"case_number": "2013/1"}), official_key({"case_number": "2013/2"})
    assert near_groups(tmp_path / "two", [text, near_copy], officials=[first, second]) == []
    assert near_groups(tmp_path / "one", [text, near_copy], officials=[first, 0]) == [[0, 1]]
    # A document without a number must not bridge two decisions that have different ones.
    other = text.replace("davalı", "davali", 1)
    bridged = near_groups(tmp_path / "bridge", [near_copy, text, other], officials=[first, 0, second])
    assert bridged in ([[0, 1]], [[1, 2]])


def test_representative_is_the_first_or_the_settled(tmp_path: Path, text: str) -> None:
    copies = [text, text.replace("davacı", "davaci", 1), text.replace("davalı", "davali", 1)]
    assert near_groups(tmp_path / "first", copies) == [[0, 1, 2]]
    assert near_groups(tmp_path / "one", copies, settled=(1,)) == [[1, 0, 2]]
    # Neither of two settled documents leaves.
    assert near_groups(tmp_path / "two", copies, settled=(1, 2)) in ([[1, 0]], [[2, 0]])


def test_texts_without_words_are_no_duplicates(tmp_path: Path) -> None:
    assert near_groups(tmp_path, ["...", "---"]) == []


def variants(make: Any, *, texts: int, each: int) -> list[str]:
    """Texts with copies in which 1, 2, ... words are new: similarities from 1 down to about .7, and chains."""
    made = []
    for seed in range(texts):
        words = make.prose(seed, words=300).split()
        for copy in range(each):
            words = list(words)
            words[(37 * copy + seed) % 300] = f"yeni{'abcdefghijklmnopqrstuvwxyz'[copy % 26]}"
            made.append(" ".join(words))
    return made


def brute_force(texts: Sequence[str], least: float) -> list[list[int]]:
    """Single-link groups by comparing every pair of texts."""
    sets = [{tuple(w[i : i + 5]) for i in range(len(w) - 4)} for w in map(plain_words, texts)]
    label = list(range(len(texts)))
    for left, right in itertools.combinations(range(len(texts)), 2):
        shared = len(sets[left] & sets[right])
        if shared / (len(sets[left]) + len(sets[right]) - shared) >= least:
            old, new = max(label[left], label[right]), min(label[left], label[right])
            label = [new if one == old else one for one in label]
    found = [[row for row in range(len(texts)) if label[row] == root] for root in sorted(set(label))]
    return [group for group in found if len(group) > 1]


@pytest.mark.parametrize("memory", [{}, {"rows_at_once": 7}, {"shingles_at_once": 1_500}])
def test_groups_are_those_of_brute_force(tmp_path: Path, make: Any, memory: dict[str, int]) -> None:
    texts = variants(make, texts=6, each=12)
    expected = brute_force(texts, 0.9)
    assert 0 < len(expected) < len(texts) // 2
    found, counts = search(signed(tmp_path, texts, shards=5), tmp_path, **memory)
    assert listed(found) == expected
    assert counts["rows_limited"] == 0


def test_a_bucket_of_copies_is_not_compared_pair_by_pair(tmp_path: Path, make: Any) -> None:
    words = make.prose(1, words=300).split()
    texts = [" ".join([*words[:150], f"yeni{'a' * number}", *words[150:]]) for number in range(400)]
    found, counts = search(signed(tmp_path, texts), tmp_path)
    assert [len(group) for group in listed(found)] == [400]
    assert counts["pairs_compared"] <= 3 * 400  # of 79,800 pairs


def joined(*shingles: range, least: float = 0.9) -> tuple[list[int], int]:
    """Representative of each of some sets after comparing them as one group, and how many pairs were compared."""
    ends = np.cumsum([len(one) for one in shingles])
    rows, starts = np.arange(len(shingles)), ends - [len(one) for one in shingles]
    sets = Sets(rows.copy(), np.zeros(len(rows), dtype=np.uint64), np.zeros(len(rows), dtype=bool))
    values = np.concatenate([np.array(one, dtype=np.uint32) for one in shingles])
    counts = np.zeros(4, dtype=np.int64)
    candidates = Candidates(rows, np.array([0, len(rows)]), values, starts, ends)
    join(sets, candidates, least, 1_000, counts)
    flatten(sets.parent)
    return sets.parent.tolist(), int(counts[COMPARED])


def test_a_row_joins_by_way_of_one_that_hangs_on_a_head() -> None:
    # Windows of 100 numbers: .923 alike when 4 apart, .852 when 8 apart, .786 when 12 apart.
    assert joined(range(100), range(4, 104), range(8, 108), range(12, 112)) == ([0, 0, 0, 0], 5)


def test_rows_that_the_triangle_excludes_are_not_compared() -> None:
    # Five copies hang on the first set at distance 0 and one set at .077. The last set, .165 from the head, may be
    # similar to the one alone, and is not.
    copies = [range(100, 200)] * 6
    assert joined(*copies, range(96, 196), range(109, 209)) == ([0] * 7 + [7], 8)


def test_a_bucket_that_does_not_fit_is_compared_in_parts(tmp_path: Path, text: str) -> None:
    texts = [text + "." * number for number in range(12)]  # the same shingles: the same parts in every band
    found, _ = search(signed(tmp_path, texts), tmp_path, shingles_at_once=1_000)
    assert listed(found) == [list(range(12))]


def test_comparisons_of_one_row_are_limited_and_counted(tmp_path: Path, make: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(near, "COMPARISONS", 3)
    texts = [make.prose(1, words=300) + " " + make.prose(seed, words=100) for seed in range(10, 30)]
    _, counts = search(signed(tmp_path, texts, config=MinHash(bands=256)), tmp_path, config=MinHash(bands=256))
    assert counts["rows_limited"] > 0


def test_similarity_of_a_member_is_that_to_its_representative(tmp_path: Path, make: Any) -> None:
    texts = variants(make, texts=1, each=4)
    found, _ = search(signed(tmp_path, texts, shards=2), tmp_path)
    (cluster,) = found.clusters()
    words = [plain_words(one) for one in texts]
    expected = [jaccard(words[cluster.representative], words[member]) for member in cluster.members.tolist()]
    assert cluster.similarities.tolist() == pytest.approx(expected)


def test_new_shards_behind_old_ones_give_what_a_build_from_scratch_gives(tmp_path: Path, make: Any) -> None:
    texts = variants(make, texts=4, each=10)
    folders = [tmp_path / "old" / "00000", tmp_path / "new" / "00000"]
    signed(tmp_path / "old", texts[:25])
    signed(tmp_path / "new", texts[25:])
    grown, _ = search(Signatures(folders), tmp_path / "grown")
    whole, _ = search(signed(tmp_path / "whole", texts), tmp_path / "whole")
    assert listed(grown) == listed(whole) != []


def test_joined_sets_keep_their_label_and_settled_rows() -> None:
    sets = Sets(np.arange(6), np.array([0, 1, 0, 2, 0, 0], dtype=np.uint64), np.array([False] * 5 + [True]))
    assert unite(sets, 0, 1)
    assert unite(sets, 2, 1)
    assert not unite(sets, 2, 3)  # the set has label 1 by now
    assert unite(sets, 4, 5)
    assert sets.parent[4] == 5
    assert unite(sets, 3, 4)
    assert not unite(sets, 4, 1)


# Exact duplicates


def exact_groups(
    folder: Path, texts: Sequence[str], *, officials: Sequence[int] | None = None, settled: Sequence[int] = ()
) -> list[list[int]]:
    stored = signed(folder, texts, officials=officials, shards=2)
    found = Duplicates(len(stored), work=folder, settled=[row in settled for row in range(len(stored))])
    exact_duplicates(stored, found, rows_at_once=2)
    return listed(found)


def test_exact_copies(tmp_path: Path) -> None:
    assert exact_groups(tmp_path / "plain", ["a", "b", "a", "c", "b", "a"]) == [[0, 2, 5], [1, 4]]
    assert exact_groups(tmp_path / "settled", ["a", "b", "a"], settled=[2]) == [[2, 0]]


def test_equal_texts_with_different_numbers_are_different_decisions(tmp_path: Path) -> None:
    assert exact_groups(tmp_path, ["a"] * 5, officials=[11, 22, 0, 22, 11]) == [[0, 2, 4], [1, 3]]


# Clusters


def test_clusters_answer_for_one_document(tmp_path: Path, make: Any, text: str) -> None:
    texts = [text, make.prose(5), text.replace("davacı", "davaci", 1), text, make.prose(5)]
    stored = signed(tmp_path, texts)
    found = Duplicates(len(stored), work=tmp_path)
    exact_duplicates(stored, found)
    near_duplicates(stored, MinHash(), found, work=tmp_path)
    (tmp_path / "out").mkdir()
    write_clusters(found.clusters(), stored, tmp_path / "out")

    lines = list(read_jsonl(tmp_path / "out" / "clusters.jsonl"))
    assert [(one["cluster"], [member["id"] for member in one["members"]]) for one in lines] == [
        ("exact-d0", ["d0", "d3"]), ("exact-d1", ["d1", "d4"]), ("minhash-d0", ["d0", "d2"]),
    ]  # fmt: skip
    assert lines[0]["members"][1] == {"id": "d3", "source_id": None, "similarity": 1.0}
    assert clusters_of(tmp_path / "out", "d4") == [lines[1]]
    assert clusters_of(tmp_path / "out", "d3") == [lines[0], lines[2]]  # by way of the representative of both
    assert clusters_of(tmp_path / "out", "nobody") == []


def test_files_are_the_same_bytes_each_time(tmp_path: Path, make: Any) -> None:
    texts = variants(make, texts=3, each=5)
    contents = []
    for run in ("one", "two"):
        stored = signed(tmp_path / run, texts, shards=3)
        found, _ = search(stored, tmp_path / run)
        (tmp_path / run / "out").mkdir()
        write_clusters(found.clusters(), stored, tmp_path / run / "out")
        contents.append({path.name: path.read_bytes() for path in (tmp_path / run / "out").iterdir()})
    assert contents[0] == contents[1]
