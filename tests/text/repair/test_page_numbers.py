import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.repair.page_numbers import page_number, remove_page_numbers

PARAGRAPH = "Mahkemece davanın reddine karar verilmiş, hüküm davacı tarafından temyiz edilmiştir. " * 20


@pytest.mark.parametrize("number", ["- 3 -", "Sayfa 3", "Sayfa 3/12", "SAYFA 3", "– 3 –"])
def test_forms_that_mean_nothing_else(number: str) -> None:
    assert remove_page_numbers(f"Karar verildi.\n{number}\nHüküm onandı.") == "Karar verildi.\nHüküm onandı."


LINE = "Davacı vekili tarafından süresinde temyiz edilen"


@pytest.mark.parametrize("number", ["3", "3/12", "-3-", "312"])
def test_numbers_that_cut_a_sentence(number: str) -> None:
    assert remove_page_numbers(f"{LINE}\n{number}\nhükmün bozulmasına") == f"{LINE}\nhükmün bozulmasına"
    for kept in (f"Karar verildi.\n{number}\nHüküm onandı.", f"toplam\n{number}\nhisse"):
        assert remove_page_numbers(kept) == kept


@pytest.mark.parametrize(
    "number", ["5237\nsayılı Kanun", "2019/123\nnolu dosya", "49\nuncu maddesi", "49/2\nve devamı"]
)
def test_numbers_of_the_sentence_stay(number: str) -> None:
    assert remove_page_numbers(f"{LINE}\n{number}") == f"{LINE}\n{number}"


def test_numbers_that_count_pages() -> None:
    text = "\n\n".join(f"{page}\n\n{PARAGRAPH}" for page in (1153, 1154, 1156, 1157))
    assert remove_page_numbers(text) == "\n\n".join(["\n" + PARAGRAPH] * 4)


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(f"{article}\n\n{PARAGRAPH}" for article in range(1, 20)),  # articles
        "\n".join(map(str, range(100, 140))),  # a table
        "\n\n".join(f"{number}\n\n{PARAGRAPH}" for number in (5237, 6098, 4721)),
        "Cilt: 7\nSayfa: 649\nMadde 1",
        "Esas No\n2019/123\nKarar No",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert remove_page_numbers(text) == text


def test_page_number() -> None:
    assert [page_number(line) for line in ("- 12 -", "Sayfa 7 / 9", "3/12", "44", "44. madde", "")] == [
        12, 7, 3, 44, None, None,
    ]  # fmt: skip


@given(
    st.text()
    | st.lists(st.sampled_from(["- 1 -", "2", "3/4", "101", "karar", "verildi.", "", PARAGRAPH]), max_size=30).map(
        "\n".join
    )
)
def test_any_text_loses_whole_lines_only(text: str) -> None:
    once = remove_page_numbers(text)
    assert remove_page_numbers(once) == once
    left = iter(text.split("\n"))
    assert all(line in left for line in once.split("\n")) or not once
