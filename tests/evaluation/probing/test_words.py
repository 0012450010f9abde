"""Words of a treebank: multiword tokens, labels, copies, and two sides that share no sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.probing.words import Sentence, Word, draw, read_sentences


def word(sentence: str, place: str, form: str, upos: str, feats: str = "_") -> dict[str, str]:
    return {"form": form, "upos": upos, "feats": feats, "id": place, "sent": sentence, "tb": "T"}


ROWS = [
    word("1", "1", "Davacının", "NOUN", "Case=Gen|Number=Sing|Person=3"),
    word("1", "2-3", "evindeydi", "MWT"),
    word("1", "2", "evinde", "NOUN", "Case=Loc|Number=Sing"),
    word("1", "3", "idi", "AUX", "Number=Sing"),
    word("1", "4", "güzel", "ADJ", "Case=Nom"),
    word("1", "5", ".", "PUNCT"),
    word("2", "1", "Kararlar", "NOUN", "Case=Nom|Number=Plur"),
    word("2", "2", "bozuldu", "VERB", "Number=Sing"),
]


def test_words_and_labels(write_rows: Callable[[str, Any], Path]) -> None:
    first, second = read_sentences(write_rows("treebank.jsonl", ROWS))
    assert [one.form for one in first.words] == ["Davacının", "evindeydi", "güzel", "."]
    assert first.words[0].labels == {"case": "Gen", "number": "Sing", "part_of_speech": "NOUN"}
    assert first.words[1].labels == {}, "a multiword token has no label of its own"
    assert first.words[2].labels == {"part_of_speech": "ADJ"}, "case is asked of nouns alone"
    assert first.words[3].labels == {}
    assert second.words[1].labels == {"part_of_speech": "VERB"}
    text, spans = first.text_and_spans()
    assert text == "Davacının evindeydi güzel ."
    assert [text[left:right] for left, right in spans] == [one.form for one in first.words]


def test_a_sentence_that_comes_twice_counts_once(write_rows: Callable[[str, Any], Path]) -> None:
    copy = [word("9", row["id"], row["form"], row["upos"], row["feats"]) for row in ROWS[:6]]
    assert len(read_sentences(write_rows("treebank.jsonl", ROWS + copy))) == 2


def test_sides_share_no_sentence_and_are_capped() -> None:
    labels = {"case": "Nom", "part_of_speech": "NOUN"}
    sentences = [Sentence(str(n), tuple(Word(f"w{n}{m}", labels) for m in range(3))) for n in range(40)]  # type: ignore[arg-type]
    train = draw(sentences, "case", most=50, part="train", seed=1)
    test = draw(sentences, "case", most=1_000, part="test", seed=1)
    assert not {number for number, _ in train.places} & {number for number, _ in test.places}
    assert len(train.labels) == 50
    assert len(test.labels) == 30
    assert test == draw(sentences, "case", most=1_000, part="test", seed=1)
    assert test != draw(sentences, "case", most=1_000, part="test", seed=2)
    with pytest.raises(InputError, match="has a word with number"):
        draw(sentences, "number", most=5, part="test", seed=1)


def test_what_is_no_treebank_is_refused(write_rows: Callable[[str, Any], Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_sentences(tmp_path / "absent.jsonl")
    with pytest.raises(InputError, match=r":1: no upos, feats, id, sent, tb"):
        read_sentences(write_rows("rows.jsonl", [{"form": "a"}]))
    with pytest.raises(InputError, match="1 sentences"):
        read_sentences(write_rows("one.jsonl", ROWS[:2]))


def test_real_treebanks(real_data: Path) -> None:
    sentences = read_sentences(real_data / "general" / "morphology.jsonl.gz")
    assert 9_000 < len(sentences) < 10_882
    cases = {label for one in sentences for word in one.words if (label := word.labels.get("case"))}
    assert {"Nom", "Acc", "Dat", "Gen", "Loc", "Abl", "Ins"} <= cases
