"""Which terms become seeds; no row is lost."""

import pytest

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import InputError
from mecelle.tokenizer.seeding import choose

OCCURRENCES = {
    "ibra": 2, "İBRA": 3, "istinaf": 9, "acir": 1, "hâkim": 4, "Hakim": 5, "ihzar": 6, "islah": 1, "ıslah": 8,
    "Gune": 7,
}  # fmt: skip


def reasons(seeds):
    return {one.row: one.reason for one in seeds.dropped}


def test_each_row_is_kept_or_dropped_with_its_reason():
    rows = ["İbra", "İSTİNAF", "acele itiraz", "acir", "müsadere", "ibra", "def'i", "IV", "49", "(—)", "I\u0307bra"]
    seeds = choose(rows, OCCURRENCES, least_occurrences=2, room=100)
    assert [(one.term, one.occurrences) for one in seeds.kept] == [("ibra", 5), ("istinaf", 9)]
    assert seeds.tokens == sorted(["ibra", "İbra", "İBRA", "istinaf", "İstinaf", "İSTİNAF"])
    assert reasons(seeds) == {
        "acele itiraz": "several_words",
        "acir": "too_rare",
        "müsadere": "not_in_corpus",
        "ibra": "duplicate",
        "I\u0307bra": "duplicate",
        "def'i": "mark_inside",
        "IV": "numeral",
        "49": "numeral",
        "(—)": "empty",
    }
    assert seeds.rows_kept == 2
    assert seeds.rows_kept + len(seeds.dropped) == seeds.rows == len(rows)
    assert seeds.reasons["duplicate"] == 2


def test_room_goes_to_the_frequent():
    seeds = choose(["ibra", "istinaf", "acir"], OCCURRENCES, room=7)
    assert [one.term for one in seeds.kept] == ["ibra", "istinaf"]
    assert reasons(seeds) == {"acir": "no_room"}


def test_both_spellings_of_the_circumflex_if_the_corpus_has_both():
    seeds = choose(["Hâkim", "Gûne (gûna)"], OCCURRENCES, room=100)
    assert [one.term for one in seeds.kept] == ["gune", "hakim", "hâkim"]
    assert not seeds.dropped
    assert [one.term for one in choose(["Hâkim"], {"hakim": 1}, room=100).kept] == ["hakim"]


def test_initial_i_without_its_dot_is_mended_only_where_nothing_else_stands():
    seeds = choose(["Ihzâr", "Islah"], OCCURRENCES, room=100)
    assert [(one.term, one.rows) for one in seeds.kept] == [("ihzar", ("Ihzâr",)), ("ıslah", ("Islah",))]


def test_a_row_of_several_terms_is_kept_for_one_of_them():
    seeds = choose(["İbra (müsadere)", "acele itiraz, nizam"], OCCURRENCES, room=100)
    assert [one.term for one in seeds.kept] == ["ibra"]
    assert reasons(seeds) == {"acele itiraz, nizam": "not_in_corpus"}


def test_a_list_that_cannot_be_used_at_all():
    with pytest.raises(InputError, match=r"none of the 2 seed terms can be a token \('acele itiraz' several_words"):
        choose(["acele itiraz", "49"], OCCURRENCES, room=100)
    assert choose([], OCCURRENCES, room=100).kept == ()
    assert choose(["müsadere"], OCCURRENCES, room=100).reasons == {"not_in_corpus": 1}


def test_dictionaries_of_the_corpus_need_not_have_a_usable_term():
    assert choose([], OCCURRENCES, explained=["acele itiraz"], room=100).reasons == {"several_words": 1}
    with pytest.raises(InputError, match=r"none of the 1 seed terms can be a token \('49' numeral, \.\.\.\)"):
        choose(["49"], OCCURRENCES, explained=["acele itiraz"], room=100)
    assert [one.term for one in choose(["49"], OCCURRENCES, explained=["ibra"], room=100).kept] == ["ibra"]


def test_same_choice_whatever_the_order_of_counts():
    rows = ["acir", "Hâkim", "istinaf", "ibra"]
    assert choose(rows, OCCURRENCES, room=9) == choose(rows, dict(reversed(OCCURRENCES.items())), room=9)


def test_real_lists_add_up(real_data):
    rows = [row["term"] for name in ("dictionary", "legal_terms") for row in _rows(real_data, name)]
    every = {form: 1 for row in rows for form in row.split()}
    seeds = choose(rows, every, room=100_000)
    listed = [row for one in seeds.kept for row in one.rows] + [one.row for one in seeds.dropped]
    assert set(listed) == set(rows)
    assert seeds.rows == len(rows) == seeds.rows_kept + sum(seeds.reasons.values())
    assert len(seeds.kept) > 1_500


def _rows(real_data, name):
    return read_jsonl(real_data / "legal" / f"{name}.jsonl.gz")
