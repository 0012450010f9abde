"""What lies inside each candidate, and whether it goes with retrieval: Mecellem's open question 2."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from mecelle.base.seeds import derive, generator
from mecelle.evaluation.compare import holm
from mecelle.evaluation.probing import geometry
from mecelle.evaluation.probing.correlation import Correlation, spearman
from mecelle.evaluation.probing.probe import ProbeConfig, ProbeScore
from mecelle.evaluation.probing.run import probe_all
from mecelle.evaluation.probing.words import Property, Sentence
from mecelle.evaluation.tasks.retrieval import RetrievalTask
from mecelle.evaluation.vectors import Vectors
from mecelle.models.names import load_encoder
from mecelle.models.word_vectors import WordVectors

DIGITS = 5
"""Of the figures of geometry, behind the point."""


class Geometry(BaseModel):
    """Of the vectors of texts, by mean pooling, without post-training."""

    model_config = ConfigDict(frozen=True)

    texts: int
    pairs: int
    mean_cosine: float
    """Of different documents: anisotropy."""
    participation_ratio: float
    uniformity: float
    alignment: float
    """Of development queries with their gold documents."""


def shape(folder: Path, task: RetrievalTask, *, texts: int, max_length: int, cache: Path | None, seed: int) -> Geometry:
    """Geometry of up to `texts` documents of the task, and of its queries with their gold documents."""
    names = sorted(task.documents)
    drawn = sorted(generator(seed, "geometry").permutation(len(names))[:texts].tolist())
    pairs = [(query, gold) for query in sorted(task.gold) for gold in sorted(task.gold[query] & task.documents.keys())]
    vectors = Vectors(load_encoder(folder, max_length=max_length), cache)
    found = vectors.encode([task.documents[names[place]] for place in drawn], role="document")
    left = vectors.encode([task.queries[query] for query, _ in pairs], role="query")
    right = vectors.encode([task.documents[gold] for _, gold in pairs], role="document")
    return Geometry(
        texts=len(found),
        pairs=len(pairs),
        # What is in the cache decides which texts share a batch, which the last digits of their vectors feel.
        mean_cosine=round(geometry.mean_cosine(found), DIGITS),
        participation_ratio=round(geometry.participation_ratio(found), DIGITS - 1),
        uniformity=round(geometry.uniformity(found), DIGITS),
        alignment=round(geometry.alignment(left, right), DIGITS),
    )


def probes(
    folder: Path, sentences: Sequence[Sentence], config: ProbeConfig, *, seed: int
) -> dict[Property, ProbeScore]:
    """Accuracy and selectivity of linear probes on the candidate's word vectors."""
    return probe_all(WordVectors(folder, layer=config.layer), sentences, config, seed=seed)


def measures(row: Mapping[str, Any]) -> dict[str, float]:
    """All that is measured of one candidate besides retrieval, by name."""
    found = {"loss": row["masked"]["bits_per_byte"], "accuracy": row["masked"]["accuracy"]["mean"]}
    shaped: Mapping[str, float] = row["geometry"]
    found |= {name: shaped[name] for name in ("mean_cosine", "participation_ratio", "uniformity", "alignment")}
    for prop, one in row.get("probes", {}).items():
        found |= {f"{prop} accuracy": one["accuracy"]["mean"], f"{prop} selectivity": one["selectivity"]["mean"]}
    return found


def correlations(rows: Sequence[Mapping[str, Any]], retrieval: Sequence[float], *, seed: int) -> dict[str, Correlation]:
    """Spearman's rho of each measure with retrieval over candidates; p corrected for their number.

    Give no means of other candidates: they are not checkpoints of their own.
    """
    columns = [measures(row) for row in rows]
    found = {
        name: spearman([column[name] for column in columns], retrieval, seed=derive(seed, "correlation", name))
        for name in (columns[0] if columns else ())
    }
    tested = [name for name, one in found.items() if one.p is not None]
    corrected = dict(zip(tested, holm([p for name in tested if (p := found[name].p) is not None]), strict=True))
    return {name: one.model_copy(update={"p_holm": corrected.get(name)}) for name, one in found.items()}
