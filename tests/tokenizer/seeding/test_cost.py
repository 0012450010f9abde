"""What seeds take and give."""

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from mecelle.tokenizer.patterns import BOUNDARY
from mecelle.tokenizer.seeding import choose, cost

OCCURRENCES = {"acir": 10, "ACİR": 2, "kira": 7}
WORDS = {"acir": 12, "acir" + BOUNDARY + "in": 3, "kira": 7, "karar": 5}


def wordpiece(*pieces):
    letters = [*"acirknACİRK", *("##" + letter for letter in "acirknACİR")]
    vocabulary = {piece: number for number, piece in enumerate(("[UNK]", *letters, *pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


@pytest.fixture
def found():
    seeds = choose(["acir", "kira"], OCCURRENCES, room=100)
    without = wordpiece("kira", "karar", "##ir", "##in", "##ar")
    seeded = wordpiece("acir", "Acir", "ACİR", "kira", "Kira", "KİRA", "##ir", "##in")
    return cost(seeds, without=without, seeded=seeded, words=WORDS, occurrences=OCCURRENCES)


def test_each_form_is_priced(found):
    acir, kira = found.terms
    assert [(one.form, one.occurrences, one.pieces_without, one.free, one.saved) for one in acir.forms] == [
        ("acir", 10, 3, False, 20),
        ("Acir", 0, 3, False, 0),
        ("ACİR", 2, 4, False, 6),
    ]
    assert (acir.saved, kira.saved) == (26, 0)
    assert [one.free for one in kira.forms] == [True, False, False]


def test_totals(found):
    assert (found.tokens, found.free, found.slots) == (6, 1, 5)
    assert found.displaced == ("##ar", "karar")
    # Without: acir 3, acirin 4, kira 1, karar 1. With: 1, 2, 1, 5.
    assert found.subwords_without == 12 * 3 + 3 * 4 + 7 + 5
    assert found.subwords_with == 12 * 1 + 3 * 2 + 7 + 25
    assert (found.saved, found.lost) == (12 * 2 + 3 * 2, 20)
    assert found.subwords_without - found.saved + found.lost == found.subwords_with
    assert found.change == pytest.approx(50 / 60 - 1)


def test_forms_are_cut_as_they_stand_behind_a_space():
    """Byte-level vocabularies have another token there than at the start of a text."""
    model = models.BPE({"Ġ": 0, "k": 1, "ı": 2, "Ġk": 3, "Ġkı": 4}, [("Ġ", "k"), ("Ġk", "ı")])
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="Ġ", prepend_scheme="never")
    seeds = choose(["kı"], {"kı": 4}, room=100)
    found = cost(seeds, without=tokenizer, seeded=tokenizer, words={" kı": 4}, occurrences={"kı": 4})
    assert found.terms[0].forms[0].free
    assert found.terms[0].saved == 0
