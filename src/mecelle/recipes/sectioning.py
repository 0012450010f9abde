"""A trained sectioner (`mecelle segment train`) as what an index asks for the sections of decisions."""

from collections.abc import Sequence
from pathlib import Path

from mecelle.base.artifacts import read_marker
from mecelle.base.document import Document
from mecelle.retrieval.sections import SectionSpan, checked
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sectioner import load_sectioner


class SectionsOfModel:
    """`mecelle.retrieval.sections.SectionReader` by a sectioner."""

    def __init__(self, folder: Path) -> None:
        """Raises ArtifactError if `folder` is no artifact of `segment train`."""
        self.fingerprint = read_marker(folder).hash
        self._sectioner = load_sectioner(folder)

    def read(self, documents: Sequence[Document]) -> list[tuple[SectionSpan, ...]]:
        """The sections of each document, sorted and disjoint; () for a text without any."""
        asked = [Segmented(id=one.id, text=one.text, metadata=dict(one.metadata)) for one in documents]
        found = self._sectioner.read(asked)
        return [checked([SectionSpan(span.label, span.start, span.end) for span in one.sections]) for one in found]
