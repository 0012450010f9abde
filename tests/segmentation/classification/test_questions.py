"""Labels that decisions give of themselves, and texts that do not give them away."""

import pytest

from mecelle.base.collection import read_jsonl
from mecelle.segmentation.classification.kind import stated_kind
from mecelle.segmentation.classification.outcome import read_outcome
from mecelle.segmentation.classification.questions import QUESTIONS, without
from mecelle.segmentation.record import Segmented
from mecelle.text.citations import find_citations
from mecelle.text.citations.mentions import plain

TEXT = (
    "Tebliğname No : 6 - 2011/326729\nSUÇ : Yağma, tehdit\nYağma suçundan mahkumiyete dair hüküm temyiz edildi. "
    "Dairemizce 5237 sayılı TCK'nın 148. maddesi ile CMK'nın 223. maddesi tartışıldı. Delil yeterlidir. "
    "Temyiz itirazları yerinde görülmemiştir. Hükmün ONANMASINA, harcın iadesine karar verildi."
)
DECISION = Segmented(text=TEXT, metadata={"court": "Yargıtay", "chamber": "6. Ceza Dairesi"})


@pytest.mark.parametrize(
    ("question", "labels", "hidden", "kept"),
    [
        ("outcome", {"onama"}, ["onan", "yerinde", "iadesine"], "Delil yeterlidir"),
        ("chamber", {"Yargıtay 6. Ceza Dairesi"}, ["dairemiz", "no : 6"], "148. maddesi"),
        ("kind", {"robbery"}, ["yağma", "tehdit"], "Delil yeterlidir"),
        ("statutes", {"5237", "5271"}, ["tck", "cmk", "5237", "madde"], "Yağma suçundan"),
    ],
)
def test_the_label_is_told_and_its_words_are_hidden(question, labels, hidden, kept):
    item = QUESTIONS[question](DECISION)
    assert item is not None
    assert item.labels == labels
    assert not [word for word in hidden if word in plain(item.text)]
    assert kept in item.text


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_text_that_does_not_say_gives_no_item(question):
    assert QUESTIONS[question](Segmented(text="Yarın yağmur yağacak.")) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Dava, haksız fiil nedeniyle maddi tazminat istemine ilişkindir.", "damages"),
        ("DAVA TÜRÜ : Boşanma", "family"),
        ("Taraflar arasındaki itirazın iptali davasından dolayı", "objection to enforcement"),
        ("Sanık yağma suçundan yargılandı.", None),
    ],
)
def test_only_a_statement_tells_the_kind(text, kind):
    found = stated_kind(text)
    assert (found and found.kind) == kind


def test_overlapping_spans_leave_one_blank():
    assert without("abcdefgh", [(4, 6), (1, 5), (2, 3)]) == "a gh"


@pytest.mark.real_data
def test_real_decisions_keep_no_label_word(real_data):
    rows = [row for row, _ in zip(read_jsonl(real_data / "legal" / "decisions.jsonl.gz"), range(60), strict=False)]
    made = 0
    for row in rows:
        decision = Segmented(text=row["text"], metadata={"court": row["court"], "chamber": row["chamber"]})
        for name, question in QUESTIONS.items():
            item = question(decision)
            if item is None:
                continue
            made += 1
            if name == "outcome":
                assert read_outcome(Segmented(text=item.text)) is None
            elif name == "kind":
                assert stated_kind(item.text) is None
            elif name == "statutes":
                assert not [one for one in find_citations(item.text) if "5237" in one.normalised[0]]
            else:
                assert "yargıtay" not in plain(item.text)
    assert made > 150
