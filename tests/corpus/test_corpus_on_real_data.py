"""Real legal documents are not junk."""

from itertools import islice
from pathlib import Path

import pytest

from mecelle.base.collection import read_jsonl
from mecelle.base.document import Document
from mecelle.corpus.build import CorpusConfig

MOST_DROPPED = 2  # of 600: the whole of the three files loses 1 of 12,750


@pytest.mark.real_data
def test_filters_keep_real_documents(real_data: Path) -> None:
    texts = [
        (kind, row["text"])
        for name, kind, step in (
            ("statutes", "statute", 5),
            ("regulations", "regulation", 11),
            ("decisions", "decision", 45),
        )
        for row in islice(read_jsonl(real_data / "legal" / f"{name}.jsonl.gz"), 0, None, step)
    ]
    config = CorpusConfig()
    dropped = []
    for kind, text in texts:
        for cleaner in config.cleaning:
            text = cleaner.clean(text)
        document = Document(text=text, id="x", metadata={"kind": kind})
        dropped += [v for one in config.filters if not (v := one.judge(document)).kept][:1]
    assert len(texts) > 600
    assert len(dropped) <= MOST_DROPPED, dropped
