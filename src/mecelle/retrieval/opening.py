"""Opening the generation that is in place, though a build may put another in its place meanwhile."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mecelle.base.errors import ArtifactError
from mecelle.retrieval.manifest import Manifest, read_manifest

Opened = TypeVar("Opened")

_ATTEMPTS = 3


def opened_generation(index: Path, open_files: Callable[[Manifest], Opened]) -> Opened:
    """What `open_files` makes of the generation that the marker names; of the next one if that went before it was open.

    open_files: raises OSError, sqlite3.Error or ArtifactError if a file is gone, and lets go of those it has opened.
    Raises ArtifactError if there is no whole index or its files cannot be opened.
    """
    for attempt in range(_ATTEMPTS):
        manifest = read_manifest(index)
        try:
            return open_files(manifest)
        except (OSError, sqlite3.Error, ArtifactError) as error:
            if attempt == _ATTEMPTS - 1:
                folder = manifest.folder(index)
                raise ArtifactError(f"{folder}: cannot be opened ({error}); delete it and build again") from error
    raise AssertionError
