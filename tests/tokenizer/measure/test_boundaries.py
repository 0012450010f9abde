import gzip
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import orjson
import pytest

from mecelle.base.errors import InputError
from mecelle.text.morphology import split
from mecelle.tokenizer.measure.boundaries import GoldWord, read_derivations, read_gold, score_boundaries

WORDS = [GoldWord("kararlar", (5,)), GoldWord("evlerde", (2, 5)), GoldWord("dava", ())]


def test_scores_are_what_a_person_counts() -> None:
    cut: dict[str, Sequence[int]] = {"kararlar": [4, 5], "evlerde": [1, 2], "dava": [2]}
    found = score_boundaries(WORDS, cut.__getitem__, seed=1)
    assert (found.precision.value, found.recall.value, found.f1.value) == (2 / 4, 2 / 3, 4 / 7)
    assert (found.exact.count, found.over.count, found.under.count, found.exact.n) == (0, 2, 1, 2)
    assert (found.pieces, found.gold_pieces) == (3, 2.5)
    assert found.bare_cut
    assert found.bare_cut.share == 1


def test_trivial_tokenizers() -> None:
    nothing = score_boundaries(WORDS, lambda _: (), seed=1)
    assert (nothing.precision.value, nothing.recall.value, nothing.f1.value) == (0, 0, 0)
    everything = score_boundaries(WORDS, lambda word: range(1, len(word)), seed=1)
    assert everything.recall.value == 1
    assert everything.precision.value == 3 / 13
    gold = dict(WORDS)
    perfect = score_boundaries(WORDS, gold.__getitem__, seed=1)
    assert perfect.f1.value == perfect.f1.low == perfect.f1.high == 1
    assert perfect.exact.share == 1


def test_intervals_depend_on_the_seed_alone_and_hold_the_value() -> None:
    words = [GoldWord(f"{'a' * number}lerde", (number, number + 3)) for number in range(2, 99)]

    def cut(word: str) -> list[int]:
        return [len(word) - 5, len(word) - 2, 1][: len(word) % 4]

    first, again, other = (score_boundaries(words, cut, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.f1 != other.f1
    assert first.f1.low is not None
    assert first.f1.high is not None
    assert first.f1.low < first.f1.value < first.f1.high


def test_without_inflected_words_there_is_nothing_to_score() -> None:
    with pytest.raises(InputError, match="no gold word"):
        score_boundaries(WORDS[2:], lambda _: (), seed=1)


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_bytes(gzip.compress(b"".join(orjson.dumps(row) + b"\n" for row in rows)))
    return path


def _row(form: str, lemma: str, feats: str, **more: str) -> dict[str, str]:
    return {"form": form, "lemma": lemma, "upos": "NOUN", "feats": feats, "split": "dev", "tb": "X", **more}


def test_gold_is_read_once_a_form_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "gold.jsonl.gz",
        [
            _row("davalar", "dava", "Number=Plur"),
            _row("davalar", "dava", "Number=Plur"),
            _row("dava", "dava", "_"),
            _row("davacı", "dava", "_"),
            _row("sorunun", "soru", "Case=Gen"),
            _row("sorunun", "sorun", "Case=Gen"),
            _row("Ankara'da", "Ankara", "Case=Loc"),
            _row("evdeydi", "_", "_", upos="MWT", id="3-4", sent="s"),
            _row("evde", "ev", "Case=Loc", id="3", sent="s"),
            _row("evde", "ev", "Case=Loc", id="3", sent="t", split="test"),
        ],
    )
    gold = read_gold(path)
    assert gold.words == [GoldWord("dava", ()), GoldWord("davalar", (4,)), GoldWord("evde", (2,))]
    gold.accounts.check()
    assert gold.accounts.kept == 4
    assert gold.accounts.dropped == {
        "no_single_split": 1, "two_splits": 2, "not_letters_alone": 1, "multiword": 1, "part_of_multiword": 1,
    }  # fmt: skip
    assert [word.form for word in read_gold(path, splits=["test"]).words] == ["evde"]


def test_a_file_that_is_no_treebank_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "gold.jsonl.gz", [{"text": "dava"}])
    with pytest.raises(InputError, match="row 1 has not all of form, lemma"):
        read_gold(path)
    with pytest.raises(InputError, match="row 1 has not all of base"):
        read_derivations(path)


def test_derivations(tmp_path: Path) -> None:
    rows = [
        {"base": "ekmek", "derived": "ekmeklik", "features": "N:N\t-lik"},
        {"base": "kitap", "derived": "kitapçı", "features": "N:N\t-çı"},
        {"base": "Osman", "derived": "Osmanlı", "features": "N:N\t-li"},
    ]
    gold = read_derivations(_write(tmp_path / "derivations.jsonl.gz", rows))
    assert gold.words == [GoldWord("ekmeklik", (5,)), GoldWord("kitapçı", (5,))]
    assert gold.accounts.dropped == {"no_single_split": 1}


def test_the_analyser_agrees_with_gold_of_real_treebanks(real_data: Path) -> None:
    gold = read_gold(real_data / "general" / "morphology.jsonl.gz", splits=["dev"])
    words = gold.words[::10]
    found = score_boundaries(words, lambda word: list(accumulate(map(len, split(word))))[:-1], seed=1)
    assert found.words > 400
    assert found.f1.value > 0.94
    assert found.bare_cut
    assert found.bare_cut.share < 0.2
