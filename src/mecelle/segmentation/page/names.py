"""What the page calls things, for Turkish lawyers."""

from functools import cache

from mecelle.segmentation.record import CitationLink, Entity
from mecelle.text.citations.laws import laws

SECTIONS = {
    "header": "Karar başlığı", "formal": "Usul", "claim": "İddia", "defense": "Savunma", "reasoning": "Gerekçe",
    "ruling": "Hüküm", "footer": "Kapanış", "dissent": "Karşı oy", "outside": "Bölüm dışı",
}  # fmt: skip
ENTITIES = {
    "person": "kişi", "organisation": "kurum", "location": "yer", "court": "mahkeme", "chamber": "daire",
    "date": "tarih", "case_number": "esas no", "decision_number": "karar no", "amount": "tutar",
    "article": "kanun maddesi", "decision": "anılan karar", "gazette": "Resmî Gazete",
}  # fmt: skip
OUTCOMES = {"bozma": "Bozma", "onama": "Onama", "red": "Ret", "kabul": "Kabul"}


def percent(share: float) -> str:
    """A share as Turkish writes it.

    >>> percent(0.966)
    '%97'
    """
    return f"%{100 * share:.0f}"


def thousands(count: int) -> str:
    """A count as Turkish writes it.

    >>> thousands(12400)
    '12.400'
    """
    return f"{count:,}".replace(",", ".")


def entity(one: Entity) -> str:
    """The kind of an entity, and how sure its finder was; rules are."""
    name = ENTITIES.get(one.kind, one.kind)
    return name if one.confidence == 1.0 else f"{name} · {percent(one.confidence)}"


def cited(link: CitationLink) -> str:
    """A citation in short: `TBK m. 49/2`; as the decision writes it where the act is not known, or it is a decision."""
    if link.kind == "decision" or link.law is None:
        return " ".join(link.text.split())
    act = _abbreviations().get(link.law, f"{link.law} s. K.")
    return f"{act} m. {link.key.partition(':m')[2].replace('_', ' ')}" if link.kind == "article" else act


@cache
def _abbreviations() -> dict[str, str]:
    return {law.number: law.abbreviations[0] for law in laws() if law.abbreviations}
