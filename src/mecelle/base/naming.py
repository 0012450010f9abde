"""`NAME=PLACE` on a command line: a folder, a file or a hub id, and what results call it."""

from pathlib import Path


def name_and_place(text: str) -> tuple[str | None, str]:
    """Name and place of `NAME=PLACE`; None and the whole where it names nothing.

    Paths may hold a `=` themselves (`/data/lang=tr/texts.jsonl`): what exists as it stands is a path, and so is what
    has a `/` before its first `=`.

    >>> name_and_place("mine=/data/lang=tr"), name_and_place("/data/lang=tr")
    (('mine', '/data/lang=tr'), (None, '/data/lang=tr'))
    """
    name, equals, place = text.partition("=")
    if not equals or "/" in name or (name and Path(text).exists()):
        return None, text
    return name, place
