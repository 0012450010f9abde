"""Balanced mixes: how much of each category, which documents, in which order."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mecelle.base import artifacts
from mecelle.base.collection import JsonlWriter, read_documents, read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import ArtifactError
from mecelle.base.seeds import derive
from mecelle.corpus.mixing import shuffle
from mecelle.corpus.mixing import size as size_module
from mecelle.corpus.mixing.balance import balance
from mecelle.corpus.mixing.draw import draw
from mecelle.corpus.mixing.index import Index
from mecelle.corpus.mixing.size import Ruler, Size
from mecelle.corpus.mixing.targets import Balance, Target, hukukbert_targets, resolve


def decisions(count: int, *, prefix: str = "y") -> list[Document]:
    return [
        Document(
            text="karar " * (5 + place % 40), id=f"{prefix}{place}", metadata={"kind": "decision", "court": "Yargıtay"}
        )
        for place in range(count)
    ]


def theses(count: int) -> list[Document]:
    return [Document(text="tez " * (50 + place), id=f"t{place}", metadata={"kind": "thesis"}) for place in range(count)]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    return written(tmp_path / "in", [*decisions(400), *theses(10)])


def written(folder: Path, documents: list[Document]) -> Path:
    half = len(documents) // 2
    for shard, part in enumerate((documents[:half], documents[half:])):
        with JsonlWriter(folder / f"{shard:05d}.jsonl.zst") as writer:
            for one in part:
                writer.write({"id": one.id, "text": one.text, "metadata": one.metadata})
    return folder


def mixed(collection: Path, out: Path, *, seed: int = 7, **values: Any) -> list[Document]:
    balance(collection, out, Balance(table=None, **values), seed=seed)
    return list(read_documents(out))


def keys_of(ids: list[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([Index.key(7, one) for one in ids], dtype=np.int64)


@pytest.mark.parametrize("target", [0, 1, 499, 500, 1000, 1001, 2750])
def test_draw_comes_to_its_target_exactly_in_documents(target: int) -> None:
    sizes, keys = np.ones(1000, dtype=np.int64), keys_of([str(place) for place in range(1000)])
    copies = draw(sizes, keys, target, most_copies=30)
    assert int(copies.sum()) == target
    assert copies.max() - copies.min() <= 1  # whole copies of all, and a rest once more


def test_draw_is_within_half_a_document_of_a_target_in_characters() -> None:
    sizes = np.array([100, 7, 55, 300, 20], dtype=np.int64)
    keys = keys_of(list("abcde"))
    for target in range(0, 1500, 13):
        copies = draw(sizes, keys, target, most_copies=30)
        assert abs(int(sizes @ copies) - target) <= int(sizes.max()) / 2


def test_draw_passes_over_documents_that_are_long_beside_the_target() -> None:
    sizes, keys = np.array([30_000] + [100] * 1_000, dtype=np.int64), np.arange(1_001, dtype=np.int64)
    copies = draw(sizes, keys, 11_796, most_copies=1)
    assert copies[0] == 0
    assert int(sizes @ copies) == 11_800
    far = draw(sizes, keys, 60_000, most_copies=1)  # here it is not
    assert far[0] == 1
    assert int(sizes @ far) == 60_000


def test_draw_takes_long_documents_as_often_as_others_where_there_is_room() -> None:
    rng = np.random.default_rng(5)
    sizes = rng.choice([100, 10_000], 20_000)
    copies = draw(sizes, rng.permutation(20_000), int(sizes.sum()) // 4, most_copies=1)
    assert copies[sizes == 10_000].mean() == pytest.approx(0.25, abs=0.01)
    assert int(sizes @ copies) == pytest.approx(sizes.sum() / 4, rel=0.01)


def test_draw_stops_at_most_copies_and_takes_used_documents_last() -> None:
    sizes, keys = np.ones(10, dtype=np.int64), keys_of([str(place) for place in range(10)])
    assert int(draw(sizes, keys, 10_000, most_copies=3).sum()) == 30
    used = np.arange(10) < 6
    assert draw(sizes, keys, 4, most_copies=1, used=used).tolist() == [0] * 6 + [1] * 4
    assert int(draw(sizes, keys, 5, most_copies=1, used=used)[:6].sum()) == 1


def test_with_more_documents_at_least_nine_in_ten_of_the_choice_stay() -> None:
    old, new = [f"d{place}" for place in range(5_000)], [f"n{place}" for place in range(500)]
    rng = np.random.default_rng(3)
    sizes = rng.integers(100, 5_000, 5_500)
    target = int(sizes[:5_000].sum()) // 4
    before = draw(sizes[:5_000], keys_of(old), target, most_copies=1) > 0
    after = draw(sizes, keys_of(old + new), target, most_copies=1)[:5_000] > 0
    assert (before & after).sum() / before.sum() >= 0.90
    share = draw(sizes, keys_of(old + new), int(sizes.sum()) // 4, most_copies=1)[:5_000] > 0
    assert (before & share).sum() / before.sum() >= 0.97


def test_cut_and_repeat(collection: Path, tmp_path: Path) -> None:
    targets = {"İÇTİHAT": Target(factor=0.25), "HUKUK Tez": Target(factor=2.5)}
    found = mixed(collection, tmp_path / "out", size=Size(by="documents"), targets=targets)
    counts = Counter(one.id for one in found)
    assert sum(count for name, count in counts.items() if name.startswith("y")) == 100
    assert {count for name, count in counts.items() if name.startswith("y")} == {1}
    assert sorted(count for name, count in counts.items() if name.startswith("t")) == [2] * 5 + [3] * 5
    for name, count in counts.items():
        assert sorted(one.metadata["copy"] for one in found if one.id == name) == list(range(1, count + 1))


def test_accounts_count_documents_once_and_repeats_apart(collection: Path, tmp_path: Path) -> None:
    mixed(
        collection, tmp_path / "out", size=Size(by="documents"),
        targets={"İÇTİHAT": Target(factor=0.25), "HUKUK Tez": Target(amount=35)},
    )  # fmt: skip
    record = artifacts.read_record(tmp_path / "out")
    assert record
    assert record.accounts
    assert (record.accounts.seen, record.accounts.kept, record.accounts.dropped) == (410, 110, {"not_sampled": 300})
    assert record.figures["copies"] == {"documents": 110, "written": 135, "repeats": 25}
    after = record.figures["steps"][0]["categories"]
    assert {name: amount["documents"] for name, amount in after.items()} == {"HUKUK Tez": 35, "İÇTİHAT Yargıtay": 100}
    assert record.figures["read"]["İÇTİHAT Yargıtay"]["characters"] == sum(len(one.text) for one in decisions(400))
    dropped = [row["id"] for row in read_jsonl(tmp_path / "out" / "dropped.jsonl.zst")]
    assert len(dropped) == 300
    assert not set(dropped) & {one.id for one in read_documents(tmp_path / "out")}


def test_same_seed_same_bytes_other_seed_another_choice_and_order(collection: Path, tmp_path: Path) -> None:
    half = {"İÇTİHAT": Target(factor=0.5)}
    first = mixed(collection, tmp_path / "a", targets=half)
    mixed(collection, tmp_path / "b", targets=half)
    other = mixed(collection, tmp_path / "c", seed=8, targets=half)
    hashes = [artifacts.read_marker(tmp_path / name).hash for name in "abc"]
    assert hashes[0] == hashes[1] != hashes[2]
    assert {one.id for one in first} != {one.id for one in other}
    both = {one.id for one in first} & {one.id for one in other}
    assert [one.id for one in first if one.id in both] != [one.id for one in other if one.id in both]


def test_the_order_is_shuffled(collection: Path, tmp_path: Path) -> None:
    places = [int(one.id[1:]) for one in mixed(collection, tmp_path / "out") if one.id.startswith("y")]
    assert len(places) == 400
    assert abs(np.corrcoef(places, range(400))[0, 1]) < 0.2


def test_copies_of_a_document_do_not_stand_together(collection: Path, tmp_path: Path) -> None:
    found = mixed(
        collection, tmp_path / "out", targets={"İÇTİHAT": Target(factor=0.0), "HUKUK Tez": Target(factor=20.0)}
    )
    assert len(found) == 200
    assert sum(one.id == next_one.id for one, next_one in pairwise(found)) < 50  # 10 documents: about one in ten


def test_the_order_does_not_depend_on_the_number_of_buckets(
    collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed(collection, tmp_path / "one")
    monkeypatch.setattr(shuffle, "BUCKET_CHARACTERS", 2_000)
    mixed(collection, tmp_path / "many")
    assert artifacts.read_marker(tmp_path / "one").hash == artifacts.read_marker(tmp_path / "many").hash
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == [".locks"]


def test_shuffle_holds_one_bucket_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shuffle, "BUCKET_CHARACTERS", 1_000)
    documents = decisions(500)
    characters = sum(len(one.text) for one in documents)
    with shuffle.Shuffle(tmp_path, characters=characters, seed=7) as buckets:
        for one in documents:
            buckets.add(one)
        files = sorted(tmp_path.iterdir())
        assert len(files) == -(-characters // 1_000)
        order = buckets.documents()
        next(order)
        assert max(len(path.read_bytes()) for path in tmp_path.iterdir()) < 8_000
        assert len(list(tmp_path.iterdir())) == len(files) - 1
        assert len(list(order)) == 499


def test_index_holds_numbers_only() -> None:
    index = Index(decisions(1_000), Ruler(Size()), seed=7)
    arrays = [value for value in vars(index).values() if isinstance(value, np.ndarray)]
    assert sum(array.nbytes for array in arrays) == 24 * 1_000
    assert index.keys[3] == derive(7, "draw", "y3")


def test_size_in_tokens_by_words() -> None:
    ruler = Ruler(Size(by="tokens", tokens_per_word=1.5))
    assert ruler(Document(text="bir iki üç dört", id="1")) == 6
    assert ruler.unit == "tokens (words x 1.5)"


def test_a_text_is_tokenised_once_for_all_phases_and_mixes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Counter:
        name = "counted"

        def __init__(self, tokenizer: str, **_: object) -> None:
            self.fingerprint = f"{tmp_path} {tokenizer}"

        def count(self, text: str) -> int:
            asked.append(text)
            return 10 * len(text)

    monkeypatch.setattr(size_module, "TokenCounter", Counter)
    monkeypatch.setattr(size_module, "MOST_KNOWN", 2)
    size = Size(by="tokens", tokenizer="one")
    texts = [Document(text=text, id=text) for text in ("bir", "iki", "bir", "üç", "üç")]
    assert [Ruler(size)(one) for one in texts] == [30, 30, 30, 20, 20]
    assert asked == ["bir", "iki", "üç", "üç"]  # the third is beyond what is remembered
    assert Ruler(Size(by="tokens", tokenizer="another"))(texts[0]) == 30
    assert asked[4:] == ["bir"]


def test_hukukbert_factors_are_table_3_over_table_2() -> None:
    factors = {name: target.factor or 0.0 for name, target in hukukbert_targets("factors").items()}
    assert factors["İÇTİHAT Yargıtay"] == pytest.approx(3.51 / 14.48)
    assert factors["HUKUK Tez"] == pytest.approx(0.54 / 0.02)
    assert factors["MEVZUAT"] == pytest.approx(4.66 / 0.31)
    assert factors["İÇTİHAT KYB"] == pytest.approx(3925 / 161)  # Table 2 prints "<0.01 GB"
    assert factors["HUKUK Sözlük"] == 0.0
    shares = {name: target.share or 0.0 for name, target in hukukbert_targets("shares").items()}
    assert sum(shares.values()) == pytest.approx(1.0, abs=0.002)
    assert shares["MEVZUAT Kanun"] == pytest.approx(2.58 / 18.93)


def test_targets_of_the_user_come_before_the_table_and_the_longest_name_counts() -> None:
    found = {"MEVZUAT Kanun": 100, "MEVZUAT Tebliğ": 50, "İÇTİHAT Yargıtay": 1_000, "HUKUK Sözleşme": 10}
    plan = Balance(use="shares", targets={"MEVZUAT": Target(factor=2.0), "MEVZUAT Tebliğ": Target(amount=7)}, total=500)
    assert resolve(plan, found) == {
        "HUKUK Sözleşme": (["HUKUK Sözleşme"], 10),  # without a target, as it is
        "MEVZUAT": (["MEVZUAT Kanun"], 200),
        "MEVZUAT Tebliğ": (["MEVZUAT Tebliğ"], 7),
        "İÇTİHAT Yargıtay": (["İÇTİHAT Yargıtay"], 500),  # the one share that is there
    }


def test_a_target_says_one_thing() -> None:
    with pytest.raises(ValueError, match="one of factor, share, amount"):
        Target(factor=1.0, amount=3)


def test_half_written_input_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in" / "documents").mkdir(parents=True)
    with pytest.raises(ArtifactError, match="half-written"):
        mixed(tmp_path / "in", tmp_path / "out")


def test_unknown_tokenizer(collection: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"tokenizer.json"):
        mixed(collection, tmp_path / "out", size=Size(by="tokens", tokenizer=str(tmp_path / "empty")))
