"""What became of each document of a collection over all phases of a curriculum."""

from collections.abc import Mapping

import numpy as np

from mecelle.corpus.mixing.index import Mask, Numbers

KEPT, NOT_SAMPLED, NO_SOURCE = "kept", "not_sampled", "no_source"


class Fates:
    """One fate a document, the best of its phases: kept before not sampled before the reason of its first drop."""

    def __init__(self, keys: Numbers) -> None:
        """keys: of `Index`. Documents whose source stands in no phase stay `no_source`."""
        self._keys = keys
        self._names = [NO_SOURCE, KEPT, NOT_SAMPLED]
        self._codes = np.zeros(len(keys), dtype=np.int16)

    def drop(self, keys: Numbers, reason: str) -> None:
        """Steps of a phase took these documents out."""
        self._set(np.isin(self._keys, keys) & (self._codes == 0), reason)

    def leave(self, keys: Numbers) -> None:
        """These came through the steps of a phase, but were not drawn."""
        self._set(np.isin(self._keys, keys) & (self._codes != self._names.index(KEPT)), NOT_SAMPLED)

    def keep(self, keys: Numbers) -> None:
        """These were drawn."""
        self._set(np.isin(self._keys, keys), KEPT)

    def __getitem__(self, place: int) -> str:
        return self._names[int(self._codes[place])]

    def counts(self) -> Mapping[str, int]:
        """Documents by fate, sorted by name."""
        found, counts = np.unique(self._codes, return_counts=True)
        return dict(sorted((self._names[code], int(count)) for code, count in zip(found, counts, strict=True)))

    def _set(self, mask: Mask, name: str) -> None:
        if name not in self._names:
            self._names.append(name)
        self._codes[mask] = self._names.index(name)
