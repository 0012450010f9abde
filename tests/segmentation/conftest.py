"""Small decisions with known sections, and what is made of them once."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from mecelle.base.collection import JsonlWriter
from mecelle.segmentation.data import SectionDataConfig, build_section_data
from mecelle.segmentation.decision import from_pieces, write_decisions
from mecelle.segmentation.record import Segmented

SUBJECTS = ("kira", "nafaka", "tazminat", "alacak", "tapu", "miras", "sigorta", "haciz")


def decision(number: int, *, dissent: bool = False) -> Segmented:
    """A decision of nine or ten sections."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    parts = [
        (
            "header",
            f"T.C.\nYARGITAY\n4. HUKUK DAİRESİ\nESAS NO : 2023/{100 + number}\nKARAR NO : 2024/{200 + number}\n",
        ),
        ("formal", f"Taraflar arasındaki {subject} davasından dolayı dosya incelenip gereği düşünüldü.\n"),
        ("claim", f"Davacı vekili, {subject} alacağının ödenmediğini ileri sürerek davanın kabulünü istemiştir.\n"),
        ("defense", f"Davalı vekili, {subject} borcu bulunmadığını savunarak davanın reddini istemiştir.\n"),
        ("formal", "İlk Derece Mahkemesince davanın kabulüne karar verilmiştir.\n" * (1 + number % 3)),
        ("reasoning", f"Uyuşmazlık, {subject} istemine ilişkindir. Dosyadaki delillere göre hüküm yerindedir.\n"),
        ("ruling", "Temyiz itirazlarının reddi ile hükmün ONANMASINA, "),
        ("footer", f"{1 + number % 28:02d}.03.2024 tarihinde oy birliğiyle karar verildi.\n"),
    ]
    if dissent:
        parts.append(("dissent", "Sayın çoğunluğun görüşüne katılmıyorum. Hükmün bozulması gerekirdi."))
    court = "Yargıtay" if number % 2 else "Danıştay"
    facts = {"court": court, "chamber": f"{number % 3}. Daire", "date": f"20{20 + number % 5}-05-01"}
    return from_pieces(Segmented(id=f"d{number}", text="", metadata=facts), parts)


@pytest.fixture(scope="session")
def decisions() -> Sequence[Segmented]:
    """40 of them, every fourth with a dissent."""
    return [decision(number, dissent=number % 4 == 0) for number in range(40)]


@pytest.fixture(scope="session")
def section_data(decisions: Sequence[Segmented], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact of `segment data` over them, with texts that are no decisions."""
    folder = tmp_path_factory.mktemp("sections")
    write_decisions(decisions, folder / "decisions.jsonl")
    with JsonlWriter(folder / "outside.jsonl") as file:
        for number in range(20):
            lines = [f"Tarif {number}: iki yumurta ile {n} bardak un iyice karıştırılır." for n in range(3)]
            file.write({"id": str(number), "text": "\n".join(lines)})
    build_section_data(
        folder / "decisions.jsonl", folder / "data", SectionDataConfig(outside=9), seed=7,
        outside=folder / "outside.jsonl",
    )  # fmt: skip
    return folder / "data"
