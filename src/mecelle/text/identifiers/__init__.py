"""Personal identifiers in running Turkish text, with their offsets: what a corpus must not show.

A number counts only if it proves itself: by its checksum (TCKN, IBAN, card; VKN also needs a tax word near it, since
one ten-digit number in ten passes), or by a shape that nothing else in a decision has (phone, plate, e-mail, URL,
postal address). Case numbers, law numbers, dates and amounts do not match, nor do the 444 lines of firms. Names of
persons: mecelle.text.names. The kinds are those of Mecellem, app. E, told apart as they are in Türkiye.

Documents without a candidate cost next to nothing: each kind first looks for what it cannot do without.
"""

from collections.abc import Callable, Sequence
from itertools import chain

from mecelle.base.errors import InputError
from mecelle.text.identifiers.addresses import find_addresses
from mecelle.text.identifiers.identifier import TAGS, Identifier, Kind, disjoint
from mecelle.text.identifiers.numbers import find_numbers
from mecelle.text.identifiers.plates import find_plates
from mecelle.text.identifiers.web import find_emails, find_urls

__all__ = ["TAGS", "Identifier", "Kind", "disjoint", "find_identifiers", "mask", "replace"]


def find_identifiers(s: str) -> list[Identifier]:
    """Identifiers of the text, sorted by offset and disjoint; of two that overlap the longer stays. Linear time.

    >>> [(i.kind, i.text) for i in find_identifiers("TCKN 10000000146, esas 2019/1234, tel: 0532 123 45 67")]
    [('tckn', '10000000146'), ('phone', '0532 123 45 67')]
    """
    return disjoint(chain(find_numbers(s), find_emails(s), find_urls(s), find_plates(s), find_addresses(s)))


def mask(s: str, found: Sequence[Identifier]) -> str:
    """The text with each identifier of `found` replaced by its tag (`TAGS`); all other characters stay.

    Raises InputError as `replace` does.
    """
    return replace(s, found, lambda one: TAGS[one.kind])


def replace(s: str, found: Sequence[Identifier], replacement: Callable[[Identifier], str]) -> str:
    """The text with the replacement of each identifier of `found` in its place; all other characters stay.

    Raises InputError if an identifier does not stand in `s` at its offsets, or two of them overlap.
    """
    pieces: list[str] = []
    done = 0
    for one in sorted(found, key=lambda i: i.start):
        if one.start < done or s[one.start : one.end] != one.text:
            raise InputError(
                f"{one.kind} at characters {one.start}-{one.end} does not fit the text, or overlaps the one before it; "
                "mask the same text that was searched, with the list that find_identifiers gave"
            )
        pieces += s[done : one.start], replacement(one)
        done = one.end
    return "".join(pieces) + s[done:]
