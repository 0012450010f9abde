"""Zip archives with equal bytes for equal content: fixed times, sorted names."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold


def write_archive(path: Path, members: Mapping[str, bytes], *, first: str | None = None) -> None:
    """Write `members` to `path`; `first` names one that must lead, the others follow by name."""
    names = sorted(members, key=lambda name: (name != first, name))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, members[name])
