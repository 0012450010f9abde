import time
from pathlib import Path

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.text.repair import repair, repair_pages
from mecelle.text.repair.error_rate import character_error_rate, character_errors
from mecelle.text.repair.line_hyphens import join_line_hyphens

SIZE = SampleSize(
    num_decisions=120, num_acts=4, num_contracts=0, num_questions=0, num_terms=0, num_foreign=0, num_junk=0,
    num_exact_groups=0, num_near_groups=0, num_twins=0, num_damaged=60, num_single_files=0, num_scanned=0,
)  # fmt: skip


def test_planted_damage() -> None:
    sample = generate(seed=5, size=SIZE)
    texts = {decision.id: decision.text for decision in sample.decisions}
    before, after, length = 0, 0, 0
    for damage in sample.damaged:
        edits, characters = character_errors(texts[damage.id], damage.clean)
        before, length = before + edits, length + characters
        after += character_errors(repair(texts[damage.id]), damage.clean)[0]
    assert before / length > 0.02
    assert after / length < 0.004
    for damage in sample.damaged:  # of a clean text, nothing but headings that courts spread on purpose
        assert repair(damage.clean).replace(" ", "") == damage.clean.replace(" ", "")


def test_pages() -> None:
    pages = [
        "ANKARA BAROSU DERGİSİ 2020/1\nK A R A R\nmahke-\nmenin kararı kesin olup bu konuda itiraz olanağı bulun-\n12",
        "ANKARA BAROSU DERGİSİ 2020/1\nmamaktadır ve hüküm kesinleşmiştir.\nTaraflar bilgilendirildi.\n13",
    ]
    assert repair_pages(pages) == [
        "ANKARA BAROSU DERGİSİ 2020/1\nKARAR\nmahkemenin kararı kesin olup bu konuda itiraz olanağı bulunmamaktadır",
        "ve hüküm kesinleşmiştir.\nTaraflar bilgilendirildi.",
    ]
    assert repair("\f".join(pages)) == "\n".join(repair_pages(pages))
    assert repair_pages([]) == []


def test_line_hyphens() -> None:
    assert join_line_hyphens("mahke-\nmesinin 2010/68-\n70 Ankara-\nİstanbul a-\nbent kara- \n rın") == (
        "mahkemesinin 2010/68-\n70 Ankara-\nİstanbul a-\nbent kararın"
    )


def test_error_rate() -> None:
    assert character_error_rate(" karar\n verildi ", "karar verildi") == 0.0
    assert character_error_rate("kara verildı", "karar verildi") == 2 / 13
    assert character_error_rate("abc", "") == 3.0
    assert character_errors("", "dört") == (4, 4)


@settings(max_examples=60)
@given(
    st.text()
    | st.text(alphabet=st.characters(categories=["Cs", "Cc", "Lu", "Ll", "Nd", "Zs"]))
    | st.lists(
        st.sampled_from(["K A R A R", "- 3 -", "4", "ş ", "Ã§", "þ", "~|_", "a-", "karar", ".....5", "\x00", "\ud800"])
    ).map("\n".join)
)
def test_total_and_idempotent(text: str) -> None:
    once = repair(text)
    assert repair(once) == once
    assert len(repair_pages(text.split("\n\n"))) == len(text.split("\n\n"))


def test_huge_lines_in_linear_time() -> None:
    for line in ("ı ş ü ", "a. ", "1 ", "- ", "....", "|~", "Ã", "ý", "\x9b", "a-", "Daire E. 2020/1 ", "  ", "\ud800"):
        seconds = []
        for size in (40_000, 320_000):
            text = (line * size)[:size]
            began = time.perf_counter()
            repair(text)
            seconds.append(time.perf_counter() - began)
        assert seconds[1] < max(1.0, 25 * seconds[0]), f"{line!r}: {seconds}"


def test_fuzz_real_scan_truth(real_data: Path) -> None:
    """The damage of `data/general/ocr`, undone by pages, loses no body text."""
    truth = (real_data / "general" / "ocr" / "yonerge-0012.truth.txt").read_text(encoding="utf-8")
    body = [line for line in truth.splitlines() if line.startswith("MADDE")]
    mended = repair(truth)
    assert all(line.split()[1] in mended for line in body)
    assert orjson.dumps(mended)
