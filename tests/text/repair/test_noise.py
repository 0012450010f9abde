import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.repair.noise import remove_noise


@pytest.mark.parametrize("noise", ["~ | . _ '", "| ¬ ■ i", "«~ ^ ¦ »", "*' ~| _ ; ı"])
def test_lines_of_noise(noise: str) -> None:
    assert remove_noise(f"Karar\n{noise}\nHüküm") == "Karar\nHüküm"


@pytest.mark.parametrize(
    "text",
    [
        "-----",
        "* * *",
        "(...)",
        "....",
        "_______",
        "| 12 | 13 |",
        "|A.|B.|",
        "# Başlık",
        "C++",
        "a_b@c.com",
        "=====",
        "",
    ],
)
def test_lines_that_stay(text: str) -> None:
    assert remove_noise(f"Karar\n{text}\nHüküm") == f"Karar\n{text}\nHüküm"


def test_signs_inside_words() -> None:
    assert remove_noise("dava|cı ve mah~keme, A|B, git|hub") == "davacı ve mahkeme, A|B, git|hub"


@given(st.text() | st.text(alphabet="~|¬■_*#ab1 \n.davcı"))
def test_any_text_keeps_its_digits(text: str) -> None:
    once = remove_noise(text)
    assert remove_noise(once) == once
    assert [c for c in once if c.isdigit()] == [c for c in text if c.isdigit()]
