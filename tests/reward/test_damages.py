"""Each damage does what it says, touches nothing else, and gives up where it cannot."""

import pytest

from mecelle.reward.objectives import OBJECTIVES
from mecelle.reward.pairs.damages import DAMAGES
from mecelle.reward.pairs.labels import dominates, labels_of
from mecelle.reward.tables import table
from mecelle.text.citations import find_citations
from mecelle.text.sentences import sentences
from mecelle.text.words import words

ANSWER = (
    "6098 sayılı Türk Borçlar Kanunu m. 49: Kusurlu bir fiille başkasına zarar veren bu zararı gidermekle yükümlüdür. "
    "Zararın miktarı mahkemece belirlenir. Davacının kusuru varsa tazminatın miktarı azaltılabilir. "
    "Yargıtay 4. Hukuk Dairesi, E. 2020/1234, K. 2021/5678 sayılı kararında bu görüşü benimsemiştir. "
    "Tarafların yazılı olarak anlaşması hâlinde bu ödeme borçlunun malî durumu gözetilerek en çok iki yıl ertelenir."
)
BARE = "Süre bir ay."


def keys(text: str, kind: str) -> list[str]:
    return [key for one in find_citations(text) if one.kind == kind for key in one.normalised]


def damaged(name: str, answer: str = ANSWER, seed: int = 7) -> str:
    changed = DAMAGES.get(name).change(answer, seed=seed)
    assert changed is not None
    assert changed != answer
    return changed


@pytest.mark.parametrize("name", DAMAGES.names())
def test_same_seed_same_damage_and_another_text_somewhere(name: str) -> None:
    answer = sentences(ANSWER)[-1] if name == "broken_off.v1" else ANSWER  # it spares what is cited later
    assert damaged(name, answer) == damaged(name, answer)
    if name != "cut_short.v1":  # which draws nothing
        assert len({damaged(name, answer, seed) for seed in range(8)}) > 1


@pytest.mark.parametrize("name", DAMAGES.names())
def test_lowers_one_known_objective(name: str) -> None:
    assert set(DAMAGES.get(name).lowers) <= set(OBJECTIVES)
    assert len(DAMAGES.get(name).lowers) == (2 if name == "broken_off.v1" else 1)


@pytest.mark.parametrize("name", [one for one in DAMAGES.names() if not one.startswith("padded")])
def test_gives_up_where_there_is_nothing_to_damage(name: str) -> None:
    assert DAMAGES.get(name).change(BARE, seed=7) is None
    assert DAMAGES.get(name).change("", seed=7) is None


@pytest.mark.parametrize("seed", range(5))
def test_wrong_article_number_changes_the_article_alone(seed: int) -> None:
    changed = damaged("wrong_article_number.v1", seed=seed)
    (wrong,) = keys(changed, "article")
    assert wrong.startswith("6098:m")
    assert 9 <= int(wrong.removeprefix("6098:m")) <= 89
    assert wrong != "6098:m49"
    assert changed == ANSWER.replace("m. 49", f"m. {wrong.removeprefix('6098:m')}")


def test_wrong_article_number_spares_the_number_of_the_act() -> None:
    changed = damaged(
        "wrong_article_number.v1", "Bu husus 49 sayılı Kanun değil, 2004 sayılı İİK m. 257 ile düzenlenir."
    )
    assert "2004 sayılı İİK m. " in changed
    assert "49 sayılı" in changed


@pytest.mark.parametrize("seed", range(5))
def test_wrong_law_name_keeps_the_article_and_mends_the_number(seed: int) -> None:
    changed = damaged("wrong_law_name.v1", seed=seed)
    (wrong,) = keys(changed, "article")
    act, _, article = wrong.partition(":")
    assert article == "m49"
    assert act not in ("6098", "?")
    assert changed.startswith(f"{act} sayılı ")
    assert changed.partition(":")[2] == ANSWER.partition(":")[2]


def test_wrong_law_name_keeps_suffixes_right() -> None:
    changed = damaged("wrong_law_name.v1", "Bu husus TBK'nın 49. maddesinde düzenlenmiştir.")
    assert changed.split()[2].endswith("K'nın")


@pytest.mark.parametrize("seed", range(5))
def test_invented_decision_number_keeps_court_years_and_digits(seed: int) -> None:
    changed = damaged("invented_decision_number.v1", seed=seed)
    (right,), (wrong,) = keys(ANSWER, "decision"), keys(changed, "decision")
    assert wrong.startswith("yargıtay:4hd:e2020/")
    assert ":k2021/" in wrong
    assert len(wrong) == len(right)
    assert "1234" not in wrong
    assert "5678" not in wrong
    assert keys(changed, "article") == keys(ANSWER, "article")


@pytest.mark.parametrize("seed", range(5))
def test_contradiction_turns_one_predicate(seed: int) -> None:
    before, after = sentences(ANSWER), sentences(damaged("contradiction.v1", seed=seed))
    assert len(before) == len(after)
    different = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert len(different) == 1
    one, other = different[0]
    assert one.split()[:-2] == other.split()[: len(one.split()) - 2]
    for kind in ("article", "decision"):
        assert keys(" ".join(after), kind) == keys(ANSWER, kind)


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_sentences_keeps_every_sentence(seed: int) -> None:
    after = sentences(damaged("shuffled_sentences.v1", seed=seed))
    assert sorted(after) == sorted(sentences(ANSWER))
    assert after != sentences(ANSWER)


def test_cut_short_keeps_citations_and_whole_sentences() -> None:
    after = sentences(damaged("cut_short.v1"))
    assert [one for one in sentences(ANSWER) if one in after] == after
    assert len(words(" ".join(after))) <= 0.6 * len(words(ANSWER))
    for kind in ("article", "decision"):
        assert keys(" ".join(after), kind) == keys(ANSWER, kind)


@pytest.mark.parametrize("name", ["padded.v1", "padded_otherwise.v1"])
def test_padded_only_adds_fillers(name: str) -> None:
    before, after = sentences(ANSWER), sentences(damaged(name))
    added = [one for one in after if one not in before]
    assert [one for one in after if one in before] == before
    assert len(added) >= 2
    assert set(added) <= set(table("fillers"))


def test_paddings_share_no_filler() -> None:
    one, other = (
        set(sentences(damaged(name))) - set(sentences(ANSWER)) for name in ("padded.v1", "padded_otherwise.v1")
    )
    assert not one & other


@pytest.mark.parametrize("seed", range(5))
def test_broken_grammar_only_takes_suffixes_and_spares_citations(seed: int) -> None:
    before, after = words(ANSWER), words(damaged("broken_grammar.v1", seed=seed))
    different = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert len(different) >= 2
    assert all(one.startswith(other) for one, other in different)
    assert find_citations(" ".join(after))[0].normalised == ("6098:m49",)


@pytest.mark.parametrize("seed", range(5))
def test_looping_only_adds_what_stands_before_it_and_no_citation(seed: int) -> None:
    before, after = words(ANSWER), words(damaged("looping.v1", seed=seed))
    start = next(at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    added = after[start : start + len(after) - len(before)]
    (length, *_) = [size for size in range(1, 5) if added == added[:size] * (len(added) // size)]
    assert len(added) >= 3 * length
    assert before[start - length : start] == added[:length]
    assert [*after[:start], *after[start + len(added) :]] == before
    for kind in ("article", "decision"):
        assert keys(damaged("looping.v1", seed=seed), kind) == keys(ANSWER, kind)


@pytest.mark.parametrize("seed", range(5))
def test_broken_off_keeps_the_first_words_of_the_first_sentence_and_all_citations(seed: int) -> None:
    answer = " ".join(sentences(ANSWER)[:3])  # which cites at its beginning alone
    kept = damaged("broken_off.v1", answer, seed)
    assert sentences(answer)[0].startswith(kept)
    assert len(words(kept)) <= 0.3 * len(words(answer))
    assert keys(kept, "article") == keys(answer, "article")
    assert DAMAGES.get("broken_off.v1").change(ANSWER, seed=seed) is None  # its decision would be lost


def test_labels_halve_with_each_damage() -> None:
    assert labels_of(ANSWER, ())["statute_reference"] == 1.0
    found = labels_of(ANSWER, ("wrong_article_number.v1", "wrong_law_name.v1", "cut_short.v1"))
    assert found == {
        "statute_reference": 0.25, "legal_accuracy": 1.0, "case_law_reference": 1.0, "linguistic_coherence": 1.0,
        "depth_coverage": 0.5,
    }  # fmt: skip


def test_references_that_are_not_there_are_not_judged() -> None:
    found = labels_of(BARE, ("padded.v1",))
    assert found["statute_reference"] is None
    assert found["case_law_reference"] is None
    assert found["depth_coverage"] == 0.5


def test_dominance() -> None:
    whole = labels_of(ANSWER, ())
    cut, shuffled = labels_of(ANSWER, ("cut_short.v1",)), labels_of(ANSWER, ("shuffled_sentences.v1",))
    assert dominates(whole, cut)
    assert not dominates(cut, whole)
    assert not dominates(cut, shuffled)
    assert not dominates(whole, whole)
