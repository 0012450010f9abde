"""What an entity may be, and how the labels of the Turkish legal NER set of Koç Lab name it."""

from typing import Final, Literal, get_args

Kind = Literal[
    "person", "organisation", "location", "court", "chamber", "date", "case_number", "decision_number", "amount",
    "article", "decision", "gazette",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""kişi, kurum, yer, mahkeme, daire, tarih, esas no, karar no, tutar, kanun maddesi, anılan karar, Resmî Gazete."""

OF_TAG: Final[dict[str, Kind]] = {
    "PER": "person",
    "ORG": "organisation",
    "LOC": "location",
    "COU": "court",
    "DAT": "date",
    "LEG": "article",
    "REF": "decision",
    "OFF": "gazette",
}
"""Tag of the NER set -> kind. Chambers, numbers and amounts have no tag of their own there."""
