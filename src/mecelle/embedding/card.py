"""The model card: what the model is, what it was made from, how to use it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mecelle.base.artifacts import hash_input
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.derived import name_and_licence

CARD = """---
{front}---

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
{trained:,} pairs, {per_step} a step in {steps:,} steps. Queries have {query_mean} tokens on average, documents
{document_mean}; {share_lost:.2%} of the documents' tokens were beyond the limit and lost. Pairs at hand, by kind:

{kinds}
{remarks}
## Training
Begun with {base} (licence: {licence}).
Loss `{loss}`, {settings}peak learning rate {learning_rate}.
Guide: {guide}.
Prompts: {prompts}.

## Scores
{held}
Scores on evaluation sets stand in the report of the run that made this model; these are of held-out pairs of its own
training data.

## Lineage
Pairs: content {pairs_hash}. `lineage/` names the pairs of every step, and the documents that they come from
(`mecelle lineage`).
"""


@dataclass(frozen=True)
class Origin:
    """What a model was made of."""

    base: Path | str
    """Folder, hub id or `package:` name of the model that training began with."""
    pairs: Path
    kinds: Mapping[str, int]
    """Kind of pair -> how many training could draw from."""


def write_card(
    folder: Path,
    config: EmbeddingConfig,
    origin: Origin,
    settings: Mapping[str, Any],
    *,
    width: int,
    trained: int,
    figures: Mapping[str, Any],
) -> None:
    """Write README.md into the model folder. settings: parameters that the loss takes; figures: of the run record.

    Name and licence of the base are those of its own card, so that they stand in the card of every later stage.
    Nothing in it tells the time or a path.
    """
    guide = figures["guide"]
    base, licence = name_and_licence(origin.base)
    front = {
        "language": "tr",
        "library_name": "sentence-transformers",
        "pipeline_tag": "sentence-similarity",
        "tags": ["sentence-transformers", "feature-extraction", "legal", "retrieval"],
        "base_model": base,
        **({"license": licence} if licence else {}),
    }
    ordered = [name for name in type(config).model_fields if name in settings]
    text = CARD.format(
        front=yaml.safe_dump(front, allow_unicode=True, sort_keys=False),
        base=base,
        licence=licence or "not stated; find it out before you share this model",
        kinds="\n".join(f"- `{kind}`: {count:,}" for kind, count in sorted(origin.kinds.items())),
        pairs_hash=hash_input(origin.pairs),
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
        settings="".join(f"{name.replace('_', ' ')} {settings[name]}, " for name in ordered),
        learning_rate=config.learning_rate,
        guide=f"{guide['name']} (fingerprint {guide['fingerprint']})" if guide else "none",
        prompts="; ".join(_prompts(figures["prompts"])) or "none",
        remarks="".join(f"{remark}\n" for remark in _remarks(origin, figures)),
        held="\n".join(_scores(figures["last"])) or "No pairs were held out.",
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def _prompts(prompts: Mapping[str, str]) -> Iterator[str]:
    for role, name in (("query", "queries"), ("document", "documents")):
        if prompts[role]:
            yield f"`{prompts[role]}` before {name}"


def _remarks(origin: Origin, figures: Mapping[str, Any]) -> Iterator[str]:
    """What a reader of the scores must know."""
    if "note" in figures:
        yield f"\nTrained in batches of fewer pairs than asked: {figures['note']}."
    if not origin.pairs.is_dir():
        yield (
            "\nThe pairs come straight from a table: no gate looked for questions of evaluations among them "
            "(`mecelle embedding import TABLE --exclude QUESTIONS` does)."
        )


def _scores(last: Mapping[str, Any]) -> Iterator[str]:
    if "eval_accuracy" in last:
        yield f"- own document nearest of all held-out documents: {last['eval_accuracy']:.1%} of the queries"
        yield f"- MRR@10 among them: {last['eval_mrr_at_10']:.3f}"
    if "eval_spearman" in last:
        yield f"- Spearman's correlation of similarity and grade: {last['eval_spearman']:.3f}"
