"""The embedding model that Mecelle ships, for Turkish law on a processor: how it was made stands in its card.

The weights lie beside this file in 8 bits (`mecelle.models.int8`); `mecelle export package:mecelle --out FOLDER` writes
an ordinary sentence-transformers folder.
"""

from pathlib import Path

from mecelle.base.protocols import Precision, TextEncoder
from mecelle.models import int8
from mecelle.models.folders import fingerprint
from mecelle.models.packaged import PACKAGED, PACKAGED_FOLDERS

NAME = "package:mecelle"
FOLDER = Path(__file__).with_name("mecelle_small")


@PACKAGED.register("mecelle")
def load_mecelle(*, batch_size: int, max_length: int | None, threads: int, precision: Precision) -> TextEncoder:
    """The `TextEncoder` `package:mecelle`: unit vectors of 384 components. threads: torch's own setting holds."""
    from mecelle.models.st import SentenceTransformerEncoder

    return SentenceTransformerEncoder(
        mecelle_folder(), name=NAME, batch_size=batch_size, max_length=max_length, precision=precision
    )


@PACKAGED_FOLDERS.register("mecelle")
def mecelle_folder() -> Path:
    """The model as a sentence-transformers folder in float32, unpacked into the cache when it is first asked for."""
    return int8.unpacked(FOLDER, fingerprint(FOLDER, {}))
