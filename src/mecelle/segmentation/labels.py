"""The eight sections of a decision, and the BIO tags that a token classifier gives."""

from typing import Final, Literal

from mecelle.sample.records import SECTION_LABELS

Section = Literal["header", "formal", "claim", "defense", "reasoning", "ruling", "footer", "dissent"]

SECTIONS: Final[tuple[Section, ...]] = SECTION_LABELS
"""karar başlığı, usul, iddia, savunma, gerekçe, hüküm, kapanış, karşı oy (HukukBERT §3.7)."""
OUTSIDE: Final = "outside"
"""Text that belongs to no section: what is no decision."""
LABELS: Final[tuple[str, ...]] = (OUTSIDE, *SECTIONS)
"""What a unit or a word may be; the number of a label is its place."""
TAGS: Final[tuple[str, ...]] = ("O", *(f"{kind}-{section}" for section in SECTIONS for kind in "BI"))
"""`O`, `B-header`, `I-header`, ...: the first word of a section, and its others."""


def label_of_tag(tag: int) -> int:
    """The number of the label that a numbered tag belongs to.

    >>> LABELS[label_of_tag(TAGS.index("I-claim"))]
    'claim'
    """
    return (tag + 1) // 2


def tag_of_label(label: int, *, begins: bool) -> int:
    """The number of the tag of a word with a numbered label."""
    return 0 if label == 0 else 2 * label - begins
