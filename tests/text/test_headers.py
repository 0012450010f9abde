import pytest

from mecelle.text.chambers import chamber_abbreviation, chamber_in
from mecelle.text.dates import iso_date, turkish_date
from mecelle.text.headers import DecisionMetadata, citation_form, decision_metadata

CASES = {
    "site header of Yargıtay, lower court below": (
        "Yargıtay 4. Hukuk Dairesi         2024/3494 E.  ,  2024/5460 K.\n\nMAHKEMESİ :Ankara Ticaret Mahkemesi\n"
        "SAYISI : 2020/1 E., 2021/2 K.\n\nHükmün ONANMASINA, 29.05.2024 tarihinde oy birliğiyle karar verildi.",
        ("Yargıtay", "4. Hukuk Dairesi", "2024/3494", "2024/5460", "2024-05-29"),
    ),
    "only the lower court's header": (
        "Tebliğname No : 6 - 2011/377798\nMAHKEMESİ : Bakırköy 13. Ağır Ceza Mahkemesi\nTARİHİ : 10/03/2011\n"
        "NUMARASI : 2007/368 (E) ve 2011/76 (K)\nHükmün BOZULMASINA, 16.09.2015 tarihinde oybirliğiyle karar verildi.",
        ("Yargıtay", None, None, None, "2015-09-16"),
    ),
    "general assembly": (
        "T.C. YARGITAY\nHUKUK GENEL KURULU\nESAS NO : 2017/4-123\nKARAR NO : 2019/45",
        ("Yargıtay", "Hukuk Genel Kurulu", "2017/4-123", "2019/45", None),
    ),
    "Danıştay with spaced letters": (
        "T.C.\nD A N I Ş T A Y\nÜÇÜNCÜ DAİRE\nEsas No : 2021/1107\nKarar No : 2021/4927\n\nTEMYİZ EDEN (DAVALI) :…\n"
        "… gönderilmesine, 04/11/2021 tarihinde oybirliğiyle kesin olarak karar verildi.\n\nKARŞI OY :\n"
        "Vergi 03/12/2019 tarihinde tarh edilmiştir.",
        ("Danıştay", "3. Daire", "2021/1107", "2021/4927", "2021-11-04"),
    ),
    "individual application, line ends lost": (
        "TÜRKİYE CUMHURİYETİ ANAYASA MAHKEMESİ BİRİNCİ BÖLÜM KARAR O.A. BAŞVURUSU (Başvuru Numarası: 2023/54758) "
        "Karar Tarihi: 17/2/2026 R.G. Tarih ve Sayı: 4/5/2026 - 33243 BİRİNCİ BÖLÜM KARAR Başkan : Hasan Tahsin GÖKCAN",
        ("Anayasa Mahkemesi", "Birinci Bölüm", "2023/54758", None, "2026-02-17"),
    ),
    "norm review": (
        "ANAYASA MAHKEMESİ KARARI\nEsas Sayısı : 2019/12\nKarar Sayısı : 2020/3\nKarar Tarihi : 22/1/2020",
        ("Anayasa Mahkemesi", None, "2019/12", "2020/3", "2020-01-22"),
    ),
    "regional court": (
        "T.C.\nİSTANBUL\nBÖLGE ADLİYE MAHKEMESİ\n13. HUKUK DAİRESİ\nDOSYA NO : 2023/1458 Esas\nKARAR NO : 2023/1695\n"
        "T Ü R K   M İ L L E T İ   A D I N A\nİNCELENEN KARARIN\nMAHKEMESİ : İSTANBUL 4. ASLİYE TİCARET MAHKEMESİ\n"
        "TARİHİ : 10/02/2023\nNUMARASI : 2022/895 Esas, 2023/312 Karar\nKARAR TARİHİ : 05/10/2023",
        ("İstanbul Bölge Adliye Mahkemesi", "13. Hukuk Dairesi", "2023/1458", "2023/1695", "2023-10-05"),
    ),
    "first instance": (
        "T.C.\nANKARA\n5. ASLİYE HUKUK MAHKEMESİ\nESAS NO : 2019/222 Esas\nKARAR NO : 2021/32\nDAVACI : A.B.\n"
        "DAVA TARİHİ : 01/02/2019\nKARAR TARİHİ : 03/03/2021",
        ("Ankara 5. Asliye Hukuk Mahkemesi", None, "2019/222", "2021/32", "2021-03-03"),
    ),
    "numbers of another decision in running text": (
        "Asliye Ceza Mahkemesinden verilen 21.02.2008 tarih ve 2007/948 Esas, 2008/109 Karar sayılı kararı ile sanığın "
        "mahkumiyetine dair hüküm sanık müdafii tarafından temyiz edilmekle dosya incelenerek gereği düşünüldü:",
        ("Yargıtay", None, None, None, None),
    ),
    "read out in the session": (
        "MAHKEMESİ : Ağır Ceza Mahkemesi\nONANMASINA ilişkin oybirliğiyle alınan karar 08.07.2015 gününde Yargıtay "
        "Cumhuriyet Savcısı E...'ın katıldığı oturumda yöntemince okunup anlatıldı.",
        ("Yargıtay", None, None, None, "2015-07-08"),
    ),
    "number of the lower court in words": (
        "MAHKEMESİ : Konya 2. İş Mahkemesi\nSAYISI : 2022/895 Esas, 2023/312 Karar\nEK KARAR TARİHİ : 19/02/2015",
        ("Yargıtay", None, None, None, None),
    ),
    "two closing formulas and one in the dissent": (
        "MAHKEMESİ : İş Mahkemesi\nİlk derecede 01.02.2010 tarihinde kabulüne karar verildi. Bozma üzerine, hükmün "
        "ONANMASINA, 03.04.2015 tarihinde oyçokluğuyla karar verildi.\nKARŞI OY\nKurulca 05.06.2014 tarihinde "
        "bozulmasına karar verildi.",
        ("Yargıtay", None, None, None, "2015-04-03"),
    ),
    "no decision": ("Kira sözleşmesi taraflarca imzalanmıştır.", (None, None, None, None, None)),
    "empty": ("", (None, None, None, None, None)),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_decision_metadata(text: str, expected: tuple[str | None, ...]) -> None:
    fields = ("court", "chamber", "case_number", "decision_number", "date")
    assert decision_metadata(text) == DecisionMetadata(**dict(zip(fields, expected, strict=True)))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("Yargıtay", "4. Hukuk Dairesi", "2024/3494", "2024/5460", "2024-05-29"),
            "Yargıtay 4. HD, E. 2024/3494, K. 2024/5460, 29.05.2024",
        ),
        (("Danıştay", "3. Daire", "2021/1107", "2021/4927", None), "Danıştay 3. D, E. 2021/1107, K. 2021/4927"),
        (("Yargıtay", "Hukuk Genel Kurulu", "2017/4-123", None, None), "Yargıtay HGK, E. 2017/4-123"),
        (
            ("Anayasa Mahkemesi", "Birinci Bölüm", "2023/54758", None, "2026-02-17"),
            "Anayasa Mahkemesi Birinci Bölüm, B. No: 2023/54758, 17.02.2026",
        ),
        ((None, None, "2019/1", None, "12.2.2020"), "E. 2019/1, 12.2.2020"),
        ((None, None, None, None, None), ""),
    ],
)
def test_citation_form(arguments: tuple[str | None, ...], expected: str) -> None:
    assert citation_form(*arguments) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4. HUKUK DAİRESİ", "4. Hukuk Dairesi"),
        ("6.Ceza Dairesi", "6. Ceza Dairesi"),
        ("ONİKİNCİ DAİRE", "12. Daire"),
        ("3. Daire Başkanlığı", "3. Daire"),
        ("İDARİ DAVA DAİRELERİ KURULU", "İdari Dava Daireleri Kurulu"),
        ("12. İdari Dava Dairesi", "12. İdari Dava Dairesi"),
        ("Ağır Ceza Mahkemesi", None),
        ("kararın bu bölüm hükmü", None),
    ],
)
def test_chamber_in(text: str, expected: str | None) -> None:
    assert chamber_in(text) == expected


@pytest.mark.parametrize(
    ("chamber", "short"),
    [("12. Ceza Dairesi", "12. CD"), ("Ceza Genel Kurulu", "CGK"), ("3. Daire Başkanlığı", "3. D")],
)
def test_chamber_abbreviation(chamber: str, short: str) -> None:
    assert chamber_abbreviation(chamber) == short


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("29.05.2024", "2024-05-29"),
        ("7/6/2010", "2010-06-07"),
        ("23.11. 2015", "2015-11-23"),
        ("29 MAYIS 2024", "2024-05-29"),
        ("1 Ağustos 2020", "2020-08-01"),
        ("31.02.2020", None),
        ("5 gün 2020", None),
        ("2019/1234", None),
    ],
)
def test_iso_date(text: str, expected: str | None) -> None:
    assert iso_date(text) == expected


def test_turkish_date_turns_back() -> None:
    assert iso_date(turkish_date("2024-05-09")) == "2024-05-09"
