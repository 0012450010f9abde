"""What a section begins and ends at: sentences, cut once more where a closing formula may begin."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from mecelle.segmentation.labels import LABELS
from mecelle.segmentation.record import SectionSpan, Segmented
from mecelle.text.casing import fold
from mecelle.text.dates import DATE
from mecelle.text.sentences import sentence_spans

CLOSING = re.compile(
    DATE + r"['’\s]*(?:tarihinde|tarihli oturumda|gününde|günü|gün)\b"
    r"[^;\n]{0,150}?(?:oy\s?birliği|oy\s?çokluğu|karar verildi(?!ği|ğin|kten))"
)
"""The closing formula, in small letters: `03.12.2024 tarihinde oy birliğiyle karar verildi`."""
_HEARD = re.compile(r"(?:düşünüldü|görüşüldü|konuşuldu|incelendi)\s?[:;]\s*(?=\S)")
_OPENING = re.compile(
    r"\w{4}\)?\s?:\s?[^:\n]{1,300}?(?<=\s)(?=taraflar aras|başvuru[,;]|(?:…|\.{2,4})\s?(?:bölge )?(?:idare|vergi) mahke"
    r"|danıştay \w+ dairesi|(?:itiraz hakem heyeti|bölge adliye mahkemesi|ilk derece mahkemesi|mahkeme) karar)"
)
"""A caption, and the formula that opens the text where no line end divides them: `VEKİLİ : Av. … Başvuru, ...`"""
_LONGEST = 10_000
"""Characters; a longer sentence is a table or a scan without full stops, and is cut at the white space before."""

Span = tuple[int, int]


def unit_spans(text: str) -> list[Span]:
    """Half-open character offsets, sorted, disjoint, none empty; what they leave out is white space.

    >>> text = "Dosyanın mahkemesine gönderilmesine, 03.12.2024 tarihinde oy birliğiyle karar verildi."
    >>> [text[start:end] for start, end in unit_spans(text)]
    ['Dosyanın mahkemesine gönderilmesine,', '03.12.2024 tarihinde oy birliğiyle karar verildi.']
    """
    found: list[Span] = []
    for start, end in sentence_spans(text):
        inside = [start + cut for cut in _cuts(text[start:end])]
        for left, right in zip([start, *inside], [*inside, end], strict=True):
            found += _short(text, left, right)
    return found


def labels_of(decision: Segmented, units: Sequence[Span]) -> list[int]:
    """The number of the label of each unit: that of the section in which it begins, else 0."""
    starts = [section.start for section in decision.sections]
    labels = []
    for start, _ in units:
        at = bisect_right(starts, start) - 1
        inside = at >= 0 and start < decision.sections[at].end
        labels.append(LABELS.index(decision.sections[at].label) if inside else 0)
    return labels


def sections_of(text: str, units: Sequence[Span], labels: Sequence[int], shares: Sequence[float]) -> list[SectionSpan]:
    """Neighbours of one label as one section, which reaches to the next; units outside make none.

    shares: probability of the label of each unit.
    """
    found: list[SectionSpan] = []
    first = 0
    for at in range(1, len(units) + 1):
        if at < len(units) and labels[at] == labels[first]:
            continue
        if labels[first]:
            end = units[at][0] if at < len(units) else len(text)
            lengths = [right - left for left, right in units[first:at]]
            weight = sum(share * length for share, length in zip(shares[first:at], lengths, strict=True)) / sum(lengths)
            found.append(SectionSpan.model_validate({
                "label": LABELS[labels[first]], "start": units[first][0], "end": end,
                "confidence": round(min(max(weight, 0.0), 1.0), 4),
            }))  # fmt: skip
        first = at
    return found


def _cuts(sentence: str) -> list[int]:
    """Where a section may begin inside a sentence: at a closing formula, behind that of the hearing or a caption."""
    folded = fold(sentence)
    if len(folded) != len(sentence):  # letters that fold to two; offsets would be off
        return []
    cuts = {one.start() for one in CLOSING.finditer(folded)}
    cuts |= {one.end() for behind in (_HEARD, _OPENING) for one in behind.finditer(folded)}
    return sorted(cuts - {0})


def _short(text: str, start: int, end: int) -> list[Span]:
    """The stretch without white space around it, in parts of at most `_LONGEST` characters."""
    parts = []
    while end - start > _LONGEST:
        cut = text.rfind(" ", start + 1, start + _LONGEST)
        cut = cut if cut > 0 else start + _LONGEST
        parts.append((start, cut))
        start = cut
    parts.append((start, end))
    stripped = [(s + len(text[s:e]) - len(text[s:e].lstrip()), s + len(text[s:e].rstrip())) for s, e in parts]
    return [(s, e) for s, e in stripped if s < e]
