"""`NAME=PLACE` on a command line: a folder, a file or a hub id, and what results call it."""

import os

from mecelle.base.errors import ConfigError

_MOST_BYTES = 255  # of a name in a folder, on all common file systems
_MOST_NAME_BYTES = 200  # results are files of these names, with a step, a hash and an ending behind


def name_and_place(text: str) -> tuple[str | None, str]:
    """Name and place of `NAME=PLACE`; None and the whole where it names nothing.

    Paths may hold a `=` themselves (`/data/lang=tr/texts.jsonl`): what exists as it stands is a path, and so is what
    has a `/` before its first `=`. Raises ConfigError for a name that no file can have, of the place as well.

    >>> name_and_place("mine=/data/lang=tr"), name_and_place("/data/lang=tr")
    (('mine', '/data/lang=tr'), (None, '/data/lang=tr'))
    """
    name, equals, place = text.partition("=")
    names = bool(equals) and "/" not in name
    bounds = [(name, _MOST_NAME_BYTES)] if names else [(part, _MOST_BYTES) for part in name.split("/")]
    for part, most in (*bounds, *((part, _MOST_BYTES) for part in place.split("/"))):
        if (num_bytes := len(os.fsencode(part))) > most:
            raise ConfigError(f"'{part[:20]}...' has {num_bytes} bytes; expected a name of at most {most}")
    # `Path.exists` raises where name and place are too long together.
    if not equals or "/" in name or (name and os.path.exists(text)):  # noqa: PTH110
        return None, text
    return name, place
