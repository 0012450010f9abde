import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from mecelle.base.errors import ArtifactError, ConfigError, InputError, MismatchError
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.fusion import min_max, rrf
from mecelle.retrieval.hits import citation, matched_spans
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Filters, Searcher, search


@pytest.fixture
def searcher(index, encoder):
    with Searcher(index, encoder=encoder) as opened:
        yield opened


def test_an_article_is_a_hit_with_its_citation_and_place(searcher, collection):
    hit = searcher.search("kiracı kira bedelini ödemezse kiraya veren ne yapar", k=1)[0]
    assert hit.citation == "6098 sayılı Kanun m. 315"
    assert (hit.article, hit.law_number, hit.kind, hit.title) == ("6098:m315", "6098", "statute", "TÜRK BORÇLAR KANUNU")
    assert hit.passage.startswith("MADDE 315")
    assert hit.source == "kanun.jsonl#1"
    assert set(hit.ranks) == {"bm25", "dense"}
    marked = {hit.passage[start:end] for start, end in hit.spans}
    assert {"Kiracı", "kira", "ödemezse"} <= marked
    assert "yazılı" not in marked


def test_a_decision_is_one_hit_whatever_its_passages(collection, tmp_path):
    build(collection, tmp_path / "index", IndexConfig(passage_words=10, overlap_words=0), workers=1)
    found = search(tmp_path / "index", "davacı maddi tazminat trafik kazası kıdem")
    decisions = [hit.document_id for hit in found if hit.kind == "decision"]
    assert len(decisions) == len(set(decisions)) >= 2


def test_a_number_puts_its_decisions_first_and_the_named_chamber_before_the_other(searcher):
    found = searcher.search("2024/3494")
    assert [hit.decision_number for hit in found[:2]] == ["2024/5460", "2024/7001"] or [
        hit.decision_number for hit in found[:2]
    ] == ["2024/7001", "2024/5460"]
    assert found[0].ranks["exact"] == 1
    for chamber, number in (("4. HD", "2024/5460"), ("9. hukuk dairesi", "2024/7001")):
        best = searcher.search(f"Yargıtay {chamber} 2024/3494 kira")[0]
        assert best.decision_number == number
    assert searcher.search("K. 2023/200")[0].citation == "Yargıtay 3. HD, E. 2023/100, K. 2023/200, 29.05.2024"


SAME_NUMBERS = [
    ("Yargıtay", "4. Hukuk Dairesi", "2024/5460", "2024/3494"),
    ("Yargıtay", "14. Hukuk Dairesi", "2024/3494", "2023/9"),
    ("Yargıtay", "4. Hukuk Dairesi", "2024/3494", "2024/5460"),
    ("Yargıtay", "Hukuk Genel Kurulu", "2024/3494", "2024/8"),
    ("Yargıtay", "4. Ceza Dairesi", "2024/3494", "2024/7"),
    ("Danıştay", "4. Daire", "2024/3494", "1990/1"),
]


@pytest.fixture(scope="module")
def same_numbers(tmp_path_factory):
    folder, fields = tmp_path_factory.mktemp("numbers"), ("court", "chamber", "case_number", "decision_number")
    rows = [{"kind": "decision", "text": "Metin.", **dict(zip(fields, one, strict=True))} for one in SAME_NUMBERS]
    path = folder / "kararlar.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    build(path, folder / "index", workers=1)
    with Searcher(folder / "index") as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Yargıtay 4. HD 2024/3494 2024/5460", {"2024/3494", "2024/5460"}),
        ("Yargıtay 14. HD 2024/3494", {"2023/9"}),
        ("4 cd 2024/3494 kararı", {"2024/7"}),
        ("HGK'nın 2024/3494 kararı", {"2024/8"}),
        ("Danıştay 4. D 2024/3494", {"1990/1"}),
        ("E. 2024/3494, K. 2024/5460", {"2024/5460"}),
        ("K. 2024/3494", {"2024/3494"}),
        ("Yargıtay 4. HD, E. 2024/5460", {"2024/3494"}),
        ("Yargıtay 4. HD, E. 2024/3494", {"2024/5460"}),
    ],
)
def test_a_named_decision_comes_before_those_that_share_a_number(same_numbers, question, first):
    found = same_numbers.search(question)
    assert {hit.decision_number for hit in found[: len(first)]} == first
    assert len(found) > len(first), "the others follow"


def write_decisions(path, texts):
    rows = [{"kind": "decision", "id": f"karar-{place}", "text": text} for place, text in enumerate(texts)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_of_few_decisions_with_many_passages_the_last_is_not_taken_for_the_last_candidate(tmp_path, encoder):
    rest = "Bundan başka dosyada gösterilen bilirkişi raporunun içeriği ile tanık anlatımları da değerlendirilmiştir. "
    texts = [f"Kiracının kira bedelini ödememesi üzerine tahliye {end}. {rest * 4}" for end in ("davası", "kararı")]
    settings = IndexConfig(passage_words=10, overlap_words=0)
    build(write_decisions(tmp_path / "a.jsonl", texts), tmp_path / "index", settings, model=encoder, workers=1)
    with Searcher(tmp_path / "index", encoder=encoder) as opened:
        first, second = opened.search("kira bedeli tahliye davası")
    assert (first.source_id, second.ranks) == ("karar-0", {"bm25": 2, "dense": 2})
    assert second.score > 0.6 * first.score  # as a passage it is far above those that follow


def test_words_reach_down_to_their_last_candidate_or_to_0_if_none_was_cut_off(tmp_path, encoder):
    texts = [f"Kira{' bedeli' * place}." for place in range(12)]
    settings = IndexConfig(candidates=1, dense_weight=0.0)
    build(write_decisions(tmp_path / "a.jsonl", texts), tmp_path / "index", settings, model=encoder, workers=1)
    with Searcher(tmp_path / "index", encoder=encoder) as opened:
        scores = {k: [opened.search("kira", k=k, skip=skip)[0].score for skip in (0, 9)] for k in (1, 2)}
    assert scores[1] == [1.0, 0.0]  # of ten candidates the last
    assert scores[2][0] == 1.0
    assert 0.0 < scores[2][1] < 1.0  # of twelve, and no more passages have the word


@pytest.mark.parametrize("fusion", ["scores", "ranks"])
def test_without_weight_vectors_find_nothing_for_words_that_are_not_known(tmp_path, encoder, fusion):
    settings = IndexConfig(fusion=fusion, dense_weight=0.0)
    texts = ["Kira bedeli.", "Kıdem tazminatı."]
    build(write_decisions(tmp_path / "a.jsonl", texts), tmp_path / "index", settings, model=encoder, workers=1)
    with Searcher(tmp_path / "index", encoder=encoder) as opened:
        assert opened.search("zeytin", mode="dense")
        assert [len(opened.search(question)) for question in ("zeytin", "kira")] == [0, 1]


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
def test_a_named_article_comes_first_in_every_mode(searcher, mode):
    found = searcher.search("TBK 316 tazminat", mode=mode)
    assert found[0].article == "6098:m316"
    assert found[0].ranks["exact"] == 1
    assert searcher.search("6098 geçici madde 2", mode=mode)[0].citation == "6098 sayılı Kanun geçici m. 2"


def key_of(hit):
    return f"{hit.document_id} {hit.article}"


def both_rankings(searcher, question):
    return [
        [(key_of(hit), hit.score) for hit in searcher.search(question, k=50, mode=mode)] for mode in ("bm25", "dense")
    ]


def test_hybrid_fuses_the_scores_of_both_rankings(searcher):
    question = "kira bedeli ödenmezse sözleşme"
    both = both_rankings(searcher, question)
    places = [{key: place for place, (key, _) in enumerate(ranking, 1)} for ranking in both]
    wanted = dict(min_max(both, floors=[0.0, None]))
    hits = searcher.search(question, k=50, mode="hybrid")
    assert len(hits) == len(wanted)
    for hit in hits:
        key = key_of(hit)
        assert hit.score == pytest.approx(wanted[key])
        assert hit.ranks == {
            kind: found[key] for kind, found in zip(("bm25", "dense"), places, strict=True) if key in found
        }


def test_hybrid_fuses_ranks_where_the_index_says_so(searcher, monkeypatch):
    question = "kira bedeli ödenmezse sözleşme"
    wanted = dict(rrf(both_rankings(searcher, question)))
    monkeypatch.setattr(searcher, "config", searcher.config.model_copy(update={"fusion": "ranks"}))
    for hit in searcher.search(question, k=50, mode="hybrid"):
        assert hit.score == pytest.approx(wanted[key_of(hit)])


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
def test_filters(searcher, mode):
    question = "kiracı kira bedeli tazminat 2024/3494"
    for filters, wanted in (
        (Filters(kind="statute"), {"law-6098"}),
        (Filters(court="YARGITAY"), {"karar-2024/5460", "karar-2024/7001", "karar-2023/200"}),
        (Filters(law_number="6098"), {"law-6098"}),
        (Filters(kind="decision", law_number="6098"), set()),
    ):
        found = {hit.source_id for hit in searcher.search(question, mode=mode, filters=filters)}
        assert found == wanted or (mode == "bm25" and found < wanted and found)
    with pytest.raises(ConfigError, match="did you mean 'decision'"):
        searcher.search(question, filters=Filters(kind="decisions"))


@pytest.mark.parametrize("question", ["", "  \n", "\u200b"])
def test_an_empty_question_is_refused(searcher, question):
    with pytest.raises(InputError, match="empty"):
        searcher.search(question)


@pytest.mark.parametrize(
    "question",
    ["ve ile bu", "\ud800 kira \udfff", "?!", "kira " * 20_000, "9" * 100_000, "'" * 1_000, "\x00kira", "😀"],
)
def test_odd_questions_are_answered(searcher, question):
    for mode in ("bm25", "dense", "hybrid"):
        found = searcher.search(question, mode=mode)
        assert bool(found) == (mode != "bm25" or "kira" in question)


def test_bad_k_and_mode(searcher):
    with pytest.raises(ConfigError, match="k is 0"):
        searcher.search("kira", k=0)
    with pytest.raises(ConfigError, match="mode 'fast' is unknown"):
        searcher.search("kira", mode="fast")
    assert len(searcher.search("kira", k=1)) == 1
    assert len(searcher.search("kira", k=10_000)) >= 5


def test_pages_of_one_question_lose_and_repeat_no_hit(tmp_path, encoder):
    rng, words = random.Random(7), ["kira", "bedel", "dosya", "tazminat", "iş", "kaza", "tapu", "miras", "faiz"]
    rows = [{"kind": "decision", "id": f"k{n}", "text": " ".join(rng.choices(words, k=12))} for n in range(60)]
    path = tmp_path / "belgeler.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    build(path, tmp_path / "index", IndexConfig(candidates=1), model=encoder, workers=1)
    with Searcher(tmp_path / "index", encoder=encoder) as searcher:
        pages = [searcher.search("kira bedel dosya", k=2, skip=skip) for skip in range(0, 20, 2)]
        shown = [hit.source_id for page in pages for hit in page]
        assert len(set(shown)) == len(shown) == 20
        assert pages[0] == searcher.search("kira bedel dosya", k=2)
        three = searcher.search("kira bedel dosya", k=2, beyond=1)
        assert [hit.source_id for hit in three] == shown[:3], "one hit beyond the page makes no other order"
        deeper = [hit.source_id for hit in searcher.search("kira bedel dosya", k=len(shown))]
        assert deeper != shown, "a longer list is another order; pages cut out of longer and longer lists do not fit"
        with pytest.raises(ConfigError, match="skip is -1"):
            searcher.search("kira", skip=-1)


def test_an_index_that_does_not_fit_the_model_is_refused(index, tmp_path, counting_encoder):
    with pytest.raises(MismatchError, match="build the index again"):
        Searcher(index, encoder=counting_encoder(fingerprint="c" * 32))
    wrong = counting_encoder()
    wrong.dimension = 8
    with pytest.raises(MismatchError, match="8 dimensions"):
        Searcher(index, encoder=wrong)


def test_an_index_without_vectors_says_so(collection, tmp_path):
    build(collection, tmp_path / "words", workers=1)
    with pytest.raises(ConfigError, match="has no vectors"):
        search(tmp_path / "words", "kira", mode="dense")


def test_no_index(tmp_path):
    with pytest.raises(ArtifactError, match="mecelle index build"):
        search(tmp_path / "nothing", "kira")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "index.json").write_text("{}")
    with pytest.raises(ArtifactError, match="not the marker of an index"):
        search(tmp_path / "broken", "kira")


def test_the_index_remembers_its_model(index, encoder, monkeypatch):
    asked = []

    def load(name, **_):
        asked.append(name)
        return encoder

    monkeypatch.setattr("mecelle.retrieval.meaning.load_encoder", load)
    with Searcher(index) as searcher:
        searcher.search("kira", mode="bm25")
        assert asked == []  # nothing that needs it was asked
        searcher.search("kira")
        searcher.search("iş")
    assert asked == ["counting"]


def test_many_threads_get_the_answers_of_one(searcher):
    questions = ["kira bedeli", "kıdem tazminatı", "2024/3494", "trafik kazası"] * 10
    alone = [searcher.search(question) for question in questions]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(searcher.search, questions)) == alone


@pytest.mark.parametrize(
    ("metadata", "article", "wanted"),
    [
        ({"kind": "statute", "law_number": "6098"}, "6098:m264", "6098 sayılı Kanun m. 264"),
        ({"kind": "statute", "law_number": "213"}, "213:mMükerrer_257/A", "213 sayılı Kanun mükerrer m. 257/A"),
        ({"kind": "statute", "law_number": "1"}, "1:mEK_GEÇİCİ_3#2", "1 sayılı Kanun ek geçici m. 3"),
        ({"kind": "statute", "law_number": "667", "said_kind": "KHK", "title": "X KANUN HÜKMÜNDE KARARNAME"}, "667:m2",
         "667 sayılı KHK m. 2"),
        ({"kind": "regulation", "title": "Tapu Yönetmeliği"}, "m5", "Tapu Yönetmeliği m. 5"),
        ({"kind": "regulation", "title": "Otopark Yönetmeliği", "law_number": "12345"}, "12345:m1",
         "Otopark Yönetmeliği m. 1"),
        ({"kind": "other", "source": "a.txt"}, None, "a.txt"),
        ({"kind": "decision", "source": "b.pdf"}, None, "b.pdf"),
    ],
)  # fmt: skip
def test_citation(metadata, article, wanted):
    assert citation(metadata, article) == wanted


def test_matched_spans_keep_suffixes_and_skip_stop_words():
    text = "TBK'nın 49. maddesi ve kiracının hakkı"
    spans = matched_spans(text, {"tbk", "ve", "kiraç"}, "snowball")
    assert next(text[start:end] for start, end in spans) == "TBK'nın"
    assert "ve" not in [text[start:end] for start, end in spans]
