"""The model card: what the model is, what it was made from, how to use it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mecelle.embedding.config import EmbeddingConfig

CARD = """---
language: tr
library_name: sentence-transformers
pipeline_tag: sentence-similarity
tags: [sentence-transformers, feature-extraction, legal, retrieval]
---

# Turkish legal retrieval model, made with Mecelle

Maps a text of up to {max_length} tokens to a unit vector of {width} components{dims}; similarity is the dot product.

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("path/to/this/folder")
queries = model.encode_query(["kiracı kirayı ödemezse ne olur"])
documents = model.encode_document(["Kiracı, kira bedelini ödemekle yükümlüdür."])
print(model.similarity(queries, documents))
```

## Data
{trained:,} pairs of official texts, {per_step} a step in {steps:,} steps. Queries have {query_mean} tokens on average,
documents {document_mean}; {share_lost:.2%} of the documents' tokens were beyond the limit and lost.
`lineage/` names the pairs of every step, and the documents that they come from (`mecelle lineage`).

## Training
Loss `{loss}`, temperature {temperature}, margin {margin}, peak learning rate {learning_rate}.
Guide: {guide}.
{held}

The scores of this model stand in the evaluation report of the run, not here.
"""


def write_card(folder: Path, config: EmbeddingConfig, *, width: int, trained: int, figures: Mapping[str, Any]) -> None:
    """Write README.md into the model folder. figures: those of the stage's run record. Nothing in it tells the time."""
    guide, last = figures["guide"], figures["last"]
    accuracy = last.get("eval_accuracy")
    text = CARD.format(
        max_length=config.max_length,
        width=width,
        dims=f" (or their first {', '.join(map(str, config.dims))})" if config.dims else "",
        trained=trained,
        per_step=figures["pairs_per_step"],
        steps=figures["steps"],
        query_mean=figures["tokens"]["queries"]["mean"],
        document_mean=figures["tokens"]["documents"]["mean"],
        share_lost=figures["tokens"]["documents"]["share_lost"],
        loss=config.loss,
        temperature=config.temperature,
        margin=config.margin,
        learning_rate=config.learning_rate,
        guide=f"{guide['name']} (fingerprint {guide['fingerprint']})" if guide else "none",
        held=f"Held-out pairs: own document nearest for {accuracy:.1%} of the queries." if accuracy is not None else "",
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
