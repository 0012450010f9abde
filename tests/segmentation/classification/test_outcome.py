"""How a decision ends."""

import time

import pytest

from mecelle.segmentation.classification.kind import stated_kind
from mecelle.segmentation.classification.outcome import read_outcome, ruling_start
from mecelle.segmentation.record import SectionSpan, Segmented


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Temyiz itirazlarının reddiyle hükmün ONANMASINA, 1.1.2020 gününde karar verildi.", "onama"),
        ("Sair itirazların REDDİNE, hükmün BOZULMASINA, diğerinin ONANMASINA karar verildi.", "bozma"),
        ("hükmün DÜZELTİLEREK ONANMASINA", "onama"),
        ("Karar düzeltme isteminin REDDİNE karar verildi.", "red"),
        ("Adli yardım talebinin KABULÜNE, başvurunun KABUL EDİLEMEZ OLDUĞUNA karar verildi.", "red"),
        ("İhlal iddiasının KABUL EDİLEBİLİR OLDUĞUNA, hakkın İHLAL EDİLDİĞİNE, kalan talebin REDDİNE", "kabul"),
        ("Davanın kabulüne karar verildi.", "kabul"),
        ("Daha önce hükmün bozulmasına karar verilmişti. Şimdi ONANMASINA karar verildi.", "onama"),
        ("Bozma ilamına uyularak dosyanın GÖNDERİLMESİNE karar verildi.", None),
        ("", None),
    ],
)
def test_the_order_of_the_ruling_counts(text, outcome):
    assert read_outcome(Segmented(text=text)) == outcome


def test_what_the_court_below_or_the_dissent_orders_is_not_the_outcome():
    below = "Mahkeme davanın reddine karar verdi. " + "Dosya incelendi. " * 120
    text = f"{below}Hükmün ONANMASINA karar verildi.\n(X) KARŞI OY\nHükmün BOZULMASINA karar verilmeliydi."
    assert read_outcome(Segmented(text=text)) == "onama"


def test_a_table_of_numbers_takes_no_quadratic_time():
    table = "\n1.250,75 12 " * 20_000
    clock = time.process_time()
    assert read_outcome(Segmented(text=f"Hükmün ONANMASINA karar verildi.{table}")) is None
    assert stated_kind("\n" * 100_000) is None
    assert time.process_time() - clock < 5


def test_the_known_ruling_is_read_and_hidden_from_its_start():
    text = "Gerekçe: hüküm BOZULMASINA değmez. Hükmün ONANMASINA karar verildi."
    ruling = SectionSpan(label="ruling", start=35, end=len(text))
    decision = Segmented(text=text, sections=(ruling,))
    assert (read_outcome(decision), ruling_start(decision)) == ("onama", 35)
