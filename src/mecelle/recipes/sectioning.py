"""A sectioner, trained (`mecelle segment train`) or brought, as what an index asks for the sections of decisions."""

from collections.abc import Sequence
from pathlib import Path

from mecelle.base.artifacts import read_marker
from mecelle.base.document import Document
from mecelle.retrieval.sections import SectionSpan, checked
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sectioner import PACKAGED, load_sectioner, sectioner_folder


class SectionsOfModel:
    """`mecelle.retrieval.sections.SectionReader` by a sectioner."""

    def __init__(self, place: str | Path = PACKAGED) -> None:
        """place: an artifact of `segment train`, by default what Mecelle brings. Raises ArtifactError if it is none."""
        self.fingerprint = read_marker(sectioner_folder(place)).hash
        self._sectioner = load_sectioner(place)

    def read(self, documents: Sequence[Document]) -> list[tuple[SectionSpan, ...]]:
        """The sections of each document, sorted and disjoint; () for a text without any."""
        asked = [Segmented(id=one.id, text=one.text, metadata=dict(one.metadata)) for one in documents]
        found = self._sectioner.read(asked)
        return [checked([SectionSpan(span.label, span.start, span.end) for span in one.sections]) for one in found]
