"""What a mix must know of every document of a collection: 24 bytes each, so that the collection may outgrow memory."""

from array import array
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from mecelle.base.document import Document
from mecelle.base.seeds import derive
from mecelle.corpus.mixing.size import Ruler
from mecelle.corpus.statistics.amounts import Amount
from mecelle.corpus.statistics.categories import category

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Index:
    """Parallel arrays over the documents of a collection, in its order, and their amounts by category.

    `keys`: a number in 0..2**63-1 of seed and id alone, so that a document's fate does not hang on its neighbours;
    `sizes`: in the unit of the mix; `characters`: of the text; `codes`: numbers of `categories`. Of samples that were
    merged from pages (`page_ids` in their metadata), the keys of the pages are held too.
    """

    def __init__(self, documents: Iterable[Document], ruler: Ruler, *, seed: int) -> None:
        """Reads the documents once. seed: what the keys follow from."""
        keys, sizes, characters, codes = array("q"), array("q"), array("i"), array("i")
        pages, samples = array("q"), array("q")
        known: dict[str, int] = {}
        self.amounts: dict[str, Amount] = {}
        for place, document in enumerate(documents):
            name, size = category(document), ruler(document)
            keys.append(self.key(seed, document.id))
            sizes.append(size)
            characters.append(len(document.text))
            codes.append(known.setdefault(name, len(known)))
            for page in document.metadata.get("page_ids", ()):
                pages.append(self.key(seed, page))
                samples.append(place)
            self.amounts.setdefault(name, Amount()).add(document.text, tokens=size if ruler.counts_tokens else 0)
        self.keys: Numbers = np.array(keys, dtype=np.int64)
        self.sizes: Numbers = np.array(sizes, dtype=np.int64)
        self.characters: NDArray[np.int32] = np.array(characters, dtype=np.int32)
        self.codes: NDArray[np.int32] = np.array(codes, dtype=np.int32)
        self.categories = list(known)
        self._pages: Numbers = np.array(pages, dtype=np.int64)
        self._samples: Numbers = np.array(samples, dtype=np.int64)

    @staticmethod
    def key(seed: int, identity: str) -> int:
        """The key of a document."""
        return derive(seed, "draw", identity)

    def __len__(self) -> int:
        return len(self.keys)

    def where(self, wanted: Callable[[str], bool]) -> Mask:
        """Which documents are of a wanted category."""
        return np.array([wanted(name) for name in self.categories], dtype=np.bool_)[self.codes]

    def keys_of(self, chosen: Mask) -> Numbers:
        """Keys of the chosen documents and of the pages that they were merged from."""
        return np.concatenate([self.keys[chosen], self._pages[chosen[self._samples]]])

    def with_keys(self, keys: Numbers) -> Mask:
        """Which documents have one of these keys, or a page that has."""
        found = np.isin(self.keys, keys)
        found[self._samples[np.isin(self._pages, keys)]] = True
        return found

    def size_by_category(self) -> dict[str, int]:
        """Sizes of the categories, in the unit of the mix."""
        return {name: int(self.sizes[self.codes == code].sum()) for code, name in enumerate(self.categories)}

    def characters_of(self, copies: NDArray[np.int32]) -> int:
        """Characters that so many copies of each document have together."""
        return int(self.characters.astype(np.int64) @ copies)
