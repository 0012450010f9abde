"""Lines of the paper become lines of the text."""

from time import process_time

import pytest

from mecelle.documents.ocr.lines import join_wrapped_lines

PAGE = """T.C.
YARGITAY
4. Hukuk Dairesi

Mahkemece davanın reddine karar verilmiş, hüküm davacı vekili tarafın-
dan süresi içinde temyiz edilmekle dosyadaki bütün kâğıtlar incelenerek
gereği düşünüldü.

MADDE 1 - Bu Kanunun amacı, kiralama işlerini bütün yönleri ile uygulama;
MADDE 2 - Bu Kanun bütün taşınmazlara uygulanır ve burada satır sonu dolu
olduğu için cümle sürer."""


def test_full_lines_go_on_and_short_ones_end():
    assert join_wrapped_lines(PAGE).split("\n") == [
        "T.C.",
        "YARGITAY",
        "4. Hukuk Dairesi",
        "",
        "Mahkemece davanın reddine karar verilmiş, hüküm davacı vekili tarafından süresi içinde temyiz edilmekle "
        "dosyadaki bütün kâğıtlar incelenerek gereği düşünüldü.",
        "",
        "MADDE 1 - Bu Kanunun amacı, kiralama işlerini bütün yönleri ile uygulama;",
        "MADDE 2 - Bu Kanun bütün taşınmazlara uygulanır ve burada satır sonu dolu olduğu için cümle sürer.",
    ]


@pytest.mark.parametrize("text", ["", "Tek satır", "iki\nsatır", "\n\n"])
def test_a_page_that_tells_nothing_of_its_width_stays(text):
    assert join_wrapped_lines(text) == text


def test_time_grows_with_the_length_alone():
    began = process_time()
    join_wrapped_lines("\n".join(["satır sonu dolu olan bir satır"] * 5_000))
    assert process_time() - began < 5  # measured: a fifth of a second; looked at from its beginning, 20 s
