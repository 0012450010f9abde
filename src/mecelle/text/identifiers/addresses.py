"""Postal addresses (adres): quarter, road, street or village with a door number, up to postcode, district, province.

The grammar of a Turkish address: a name ends in its type (Atatürk Mah., 1234. Sok.), the order runs from large to
small, and district and province close it (06680 Çankaya/Ankara). A quarter or a street alone is a place, not an
address: "Karşıyaka Mahallesi, Mustafa Kemal Bulvarı üzerinde" stays.
"""

import re
from collections.abc import Iterator

from mecelle.text.casing import fold, title, upper
from mecelle.text.identifiers.identifier import Identifier
from mecelle.text.tables import table

_TYPES = {
    "quarter": ("Mahallesi", "MAHALLESİ", "Mah", "MAH", "Mh", "MH", "mahallesi", "mah"),
    "road": ("Caddesi", "CADDESİ", "Bulvarı", "BULVARI", "Cad", "CAD", "Cd", "CD", "Bulv", "BULV", "Bul", "BUL", "Blv",
             "BLV", "caddesi", "bulvarı", "cad"),
    "street": ("Sokağı", "SOKAĞI", "Sokak", "SOKAK", "Sok", "SOK", "Sk", "SK", "sokağı", "sokak", "sok"),
    "village": ("Köyü", "KÖYÜ"),
}  # fmt: skip
_SMALL = ("mahallesi", "caddesi", "bulvarı", "sokağı", "sokak", " mah.", " cad.", " sok.")
_END = r"(?:\.|(?!\w))"  # of a word, or of an abbreviation: "Mah.Derya Sok.No:3" is written, too


_KINDS = {word: kind for kind, words in _TYPES.items() for word in words}
# No groups ahead of the first letters: `re` then leaves a wrong letter at once. And few letters of a text are capitals.
_TYPE = re.compile(rf"({'|'.join(_KINDS)}){_END}")
_CAPITAL_TYPE = re.compile(rf"({'|'.join(word for word in _KINDS if word[0] in 'MCSBK')}){_END}")
_WORD = r"(?:[A-ZÇĞİÖŞÜÂÎÛ][\w\-]*\.?|\d{1,5}\.?)"
_NAME = rf"(?:{_WORD}[ ]?){{1,4}}"
_NAME_BEFORE = re.compile(rf"(?<![\w.,/]){_NAME}(?<=[ .])\Z")
_COURT = re.compile(  # of a folded name in front of "Mah."
    r"(?<!\w)(?:ana?|anayasa|huk|hukuk|ceza|cz|tic|ticaret|asl|asliye|sulh|aile|iş|icra|id|idare|vergi|tük|tüketici|kad"
    r"|kadastro|çocuk|sınai haklar|bölge adliye)\.? ?\Z"
)
_CHAMBER = re.compile(r"(?<!\w)(?:yargıtay|bam|mahkemesi) \d{1,2}\.? ?\Z")  # in front of "CD" (ceza dairesi)
_AMBIGUOUS = ("CD", "Cd", "SK", "Sk")  # "2. CD" is a chamber, too, and "6100 SK" an act (sayılı kanun)
_NUMBERED = re.compile(r"(?<!\w)\d{1,4}\.? ?\Z")

_BETWEEN = r"(?:[ ,;/\-–]{1,3}|(?<=\.))"
_MONTHS = "|".join(form for month in table("months") for form in (title(month), upper(month)))
_NUMBER = (
    r"(?:(?:Dış |DIŞ |İç |İÇ )?(?:Kapı |KAPI )?(?:No|NO|no|Numara|numara|N)\s?[.:]{0,2} ?"
    r"\d{1,5}(?!\d)(?:[/\-]\w{1,4}|/ \d{1,3})*"
    r"|\d{1,3}(?:/\d{1,3})?(?![\w/]|\.\w|[.,]? ?(?:[a-zçğıöşü]|Ada|ADA|Par|PAR|Paf|PAF"
    rf"|(?:{_MONTHS})(?!\w))))"  # 63/1, but not "227 ada" or "21 Mayıs"
)
_PART = (
    r"(?:(?:Kat|KAT|kat|K|Daire|DAİRE|daire|D|Blok|BLOK|B) ?[.:] ?\w{1,4}|\d{1,3}\. ?(?:[Kk]at|[Dd]aire)(?!\w)"
    r"|(?:\w{1,3}[ \-])?(?:Blok|BLOK)(?!\w)|\([^()\n]{1,30}\)(?= ?(?:No|NO))"
    rf"|{_NAME}?(?:Apartmanı|APARTMANI|Apt|APT|Ap|AP|Sitesi|SİTESİ|Sit|SİT|İş Merkezi|İŞ MERKEZİ|İş Hanı|İŞ HANI|İşhanı"
    rf"|Plaza|PLAZA|Mevkii|MEVKİİ|Mevkisi){_END})"
)
_STREET = rf"{_NAME}?(?:{'|'.join(_KINDS)}|[Yy]olu|YOLU){_END}"
# Items are few, and each is short: so the chain is matched in bounded time at any text.
_CHAIN = re.compile(rf"(?:{_BETWEEN}(?:{_STREET}|{_PART}|{_NUMBER})){{0,9}}")
_DOOR = re.compile(rf"{_BETWEEN}{_NUMBER}")
_LETTER = re.compile(r"[^\W\d_]")
_CASE_NUMBER = re.compile(r"\D*(?:19|20)\d\d ?/ ?\d+")
_PROVINCES = "|".join(
    sorted({form for name in (*table("provinces"), "Hakkâri", "İst", "Ank", "İzm") for form in (name, upper(name))})
)
_POSTCODE = r"(?:0[1-9]|[1-7]\d|8[01])\d{3}(?!\d)"  # PTT: two digits of the province, three of the place
_PLACE = re.compile(
    rf"(?:[ ,\-]{{1,2}}{_POSTCODE})?(?:[ ,\-/]{{1,3}}[A-ZÇĞİÖŞÜ]\w*){{0,3}}?[ ,/\-–]{{1,3}}(?:{_PROVINCES})(?!\w)"
    rf"(?:[ ,/\-]{{1,2}}{_POSTCODE})?|[ ,\-]{{1,2}}{_POSTCODE}"
)
_CLOSED = re.compile(r"[/\d]")  # a place with a postcode, or its province behind a slash
_ADDRESS_WORD = re.compile(r"[Aa]dres|ADRES|[İi]kamet|[Mm]ukim")
INVENTED_QUARTER = "Kurgu Mah."  # "fiction": pseudonyms of addresses start so, and are no addresses


def find_addresses(s: str) -> Iterator[Identifier]:
    """Addresses in order, disjoint. One needs a door number, or two types (quarter and street) close to "adres"."""
    done = 0
    for anchor in (_TYPE if any(word in s for word in _SMALL) else _CAPITAL_TYPE).finditer(s):
        name = (
            _NAME_BEFORE.search(s, max(done, anchor.start() - 60), anchor.start()) if anchor.start() >= done else None
        )
        if name is None or _is_court(name.group(), anchor.group(1)):
            continue
        chain = _CHAIN.match(s, anchor.end())
        assert chain is not None, "a chain may be empty"
        done = chain.end()  # an anchor inside the chain would find no more than this one
        place = _PLACE.match(s, done)
        types = {_KINDS[found.group(1)] for found in _TYPE.finditer(s, name.start(), done)}
        named = bool(_ADDRESS_WORD.search(s[max(0, name.start() - 40) : name.start()] + s[done : done + 40]))
        if len(types) > 1:
            is_address = named or bool(_DOOR.search(chain.group()))
        else:
            proved = named or bool(place and _CLOSED.search(place.group()))
            unclear = not proved and anchor.group(1) in _AMBIGUOUS and bool(_NUMBERED.search(name.group()))
            is_address = _has_door(chain.group(), spelled=unclear)
        if is_address:
            done = place.end() if place else done
            if not s.startswith(INVENTED_QUARTER, name.start()):
                yield Identifier("address", name.start(), done, s[name.start() : done])


def _has_door(chain: str, *, spelled: bool) -> bool:
    """Whether a door number stands in the chain that is no case number; spelled: only one with "No" counts."""
    doors = [door.group() for door in _DOOR.finditer(chain) if not _CASE_NUMBER.match(door.group())]
    return any(not spelled or _LETTER.search(door) for door in doors)


def _is_court(name: str, kind: str) -> bool:
    if _KINDS[kind] == "quarter":
        return bool(_COURT.search(fold(name)))
    return kind in _AMBIGUOUS and bool(_CHAMBER.search(fold(name)))
