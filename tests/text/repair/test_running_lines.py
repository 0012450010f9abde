from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.repair.running_lines import remove_counted_pages, remove_headers, remove_running_lines

BODIES = (
    "Çift ana dal programının amacı ikinci bir dalda öğrenim görmektir.\nBaşvuru Mart ayındadır.",
    "Kontenjanlar belirtilen tarihten önce ilan edilir.\nEk süre verilmez.\nNot ortalaması en az üçtür.",
    "Yan dal sertifikası diploma yerine geçmez.\nBu Yönerge yayımı tarihinde yürürlüğe girer.",
)


def printed(*, header: str, footer: str) -> list[str]:
    return [
        "\n".join([header.format(number), body, footer.format(number)]) for number, body in enumerate(BODIES, start=1)
    ]


def test_headers_keep_their_first_copy_and_footers_go() -> None:
    pages = printed(header="GEBZE TEKNİK ÜNİVERSİTESİ\nYANDAL YÖNERGESİ\nSayfa 3-{}", footer="Form No: FR-0356")
    header = "GEBZE TEKNİK ÜNİVERSİTESİ\nYANDAL YÖNERGESİ\nSayfa 3-1\n"
    assert remove_running_lines(pages) == [header + BODIES[0], BODIES[1], BODIES[2]]


def test_what_ocr_misread_is_still_alike() -> None:
    pages = printed(header="YANDAL PROGRAMI YÖNERGESİ {}", footer="")
    pages[1] = pages[1].replace("YÖNERGESİ", "YONERGESl")
    assert [page.split("\n")[0] for page in remove_running_lines(pages)[1:]] == [
        body.split("\n")[0] for body in BODIES[1:]
    ]


def test_every_page_keeps_its_own_numbers() -> None:
    def page(number: int, *, case: str, decision: str) -> str:
        head = f"YARGITAY 4. HUKUK DAİRESİ\nEsas No: {case}\nKarar No: {decision}\nTarih: {number + 1}.06.2020\n"
        return (
            f"{head}{BODIES[number % 3]}\nDavanın {number} sebeple reddine.\nDosya {7 + number}\nSayfa {number + 1}/6"
        )

    for years in ("2019/{}", "2019/{}18"):
        pages = [page(n, case=years.format(101 + n), decision=f"2020/{55 + 31 * n}") for n in range(6)]
        left = remove_running_lines(pages)
        assert [text.count("YARGITAY") for text in left] == [1, 0, 0, 0, 0, 0]
        assert all("Sayfa" not in text for text in left)
        own = [[line for line in text.split("\n") if ":" in line or "Dosya" in line] for text in pages]
        assert [[line for line in text.split("\n") if ":" in line or "Dosya" in line] for text in left] == own


def test_years_that_differ_are_no_count_of_pages() -> None:
    pages = printed(header="FAALİYET RAPORU {}", footer="")
    assert all("FAALİYET" not in page for page in remove_running_lines(pages)[1:])
    pages = [page.replace(f"RAPORU {number}", f"RAPORU {2019 + number}") for number, page in enumerate(pages, start=1)]
    assert [page.count("FAALİYET") for page in remove_running_lines(pages)] == [1, 1, 1]


def test_pages_that_share_nothing_stay() -> None:
    assert remove_running_lines(BODIES) == list(BODIES)
    assert remove_running_lines(["tek sayfa\nmetin"]) == ["tek sayfa\nmetin"]
    assert remove_running_lines([]) == []
    alike = ["1. maddede sayılan haller", "2. maddede sayılan haller", "3. maddede sayılan haller"]
    assert remove_running_lines(alike) == alike  # a page never goes as a whole


def test_a_line_inside_the_page_is_no_header() -> None:
    pages = [f"{body}\nOrtak bir ara satır burada\n{body[::-1]}\n{body.upper()}" for body in BODIES]
    assert all("Ortak bir ara satır" in page for page in remove_running_lines(pages))


def test_page_numbers_count_with_the_pages() -> None:
    pages = [f"{41 + number}\n{body}" for number, body in enumerate(BODIES)]
    assert remove_counted_pages(pages) == list(BODIES)
    other = [f"{number}\n{body}" for number, body in zip((5237, 6098, 4721), BODIES, strict=True)]
    assert remove_counted_pages(other) == other


def test_headers_in_a_text_without_pages() -> None:
    text = "T.C.\nYARGITAY\n4. Hukuk Dairesi\n\nDavacı vekili hükmün\n{}bozulmasını istemiştir."
    for header in ("Yargıtay 4. Hukuk Dairesi    E. 2024/3494\n", "Danıştay On Üçüncü Daire E. 2024/3494\n"):
        assert remove_headers(text.format(header)) == text.format("")
    kept = text.format("Yargıtay 4. Hukuk Dairesi E. 2024/3494, K. 2024/5460 sayılı kararının\n")
    assert remove_headers(kept) == kept


def test_the_court_under_review_and_precedents_stay() -> None:
    precedents = "Yargıtay 4. Hukuk Dairesi E. 2019/123\nYargıtay 3. Hukuk Dairesi E. 2018/77"
    kept = (
        "T.C.\nYARGITAY\n4. Hukuk Dairesi\nEsas No: 2024/3494\nKarar No: 2024/5460\nİNCELENEN KARAR\n"
        "İstanbul Bölge Adliye Mahkemesi 3. Hukuk Dairesi E. 2023/17\nDavacı vekili hükmün bozulmasını istemiştir.\n"
        f"Nitekim şu kararlarda da\n{precedents}\nbu görüş benimsenmiş,\nYargıtay 4. Hukuk Dairesi E. 2017/9\n"
        "sayılı kararda da aynı sonuca varılmıştır."
    )
    assert remove_headers(kept) == kept
    own = kept.replace("Nitekim", "Yargıtay 4. Hukuk Dairesi E. 2024/3494\nNitekim")
    assert remove_headers(own) == kept


def test_repeated_titles_that_cut_sentences() -> None:
    def text(line: str, *, copies: int, before: str = "konusunda yapılan", length: int = 60) -> str:
        parts = (
            f"{word} {'uzun bir cümle ' * length}{before}\n{line}\nbaşvuru {word} reddedildi.\n" for word in "abcçd"
        )
        return "".join(list(parts)[:copies])

    assert "BAROSU" not in remove_headers(text("ANKARA BAROSU DERGİSİ", copies=3))
    for kept in (
        text("ANKARA BAROSU DERGİSİ", copies=2),
        text("ANKARA BAROSU DERGİSİ", copies=5, before="sona erdi."),
        text("ANKARA BAROSU DERGİSİ", copies=5, length=4),  # nearer than pages are
        text("birleşen davada bedelin idare adına tesciline", copies=5),  # a sentence, wrapped
        text("Yargıtay kararında belirtilen", copies=5),
    ):
        assert remove_headers(kept) == kept


@given(
    st.lists(
        st.text() | st.lists(st.sampled_from(["Başlık 1", "Başlık 2", "metin satırı", "7"])).map("\n".join), max_size=6
    )
)
def test_any_pages_lose_whole_lines_only(pages: list[str]) -> None:
    for remove in (remove_running_lines, remove_counted_pages):
        for before, after in zip(pages, remove(pages), strict=True):
            left = iter(before.split("\n"))
            assert all(line in left for line in after.split("\n")) or after == ""
