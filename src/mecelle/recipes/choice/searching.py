"""Retrieval of candidates, as they are and after the same short contrastive training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from mecelle.base import artifacts
from mecelle.base.seeds import generator
from mecelle.embedding import config as embedding
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.train import train
from mecelle.evaluation.metrics.ranking import score_rankings
from mecelle.evaluation.systems import Panel
from mecelle.evaluation.tasks.retrieval import RetrievalTask
from mecelle.models.names import load_encoder
from mecelle.recipes.choice.candidates import Candidate
from mecelle.training.checkpoints import run_key

Setting = Literal["zero-shot", "post-trained"]
Scores = Mapping[str, Mapping[str, float]]
"""Measure -> query -> score."""


@dataclass(frozen=True)
class PostTraining:
    """What every candidate is trained on before it is asked."""

    pairs: Path
    guide: Path | None
    config: EmbeddingConfig
    work: Path
    seed: int

    def apply(self, candidate: Candidate) -> Path:
        """The folder of the trained candidate; one that was made before, of the same model and pairs, is taken."""
        inputs: dict[str, Path | str] = {"encoder": candidate.folder, "pairs": self.pairs}
        if self.guide:
            inputs["guide"] = self.guide
        key = run_key(
            self.config, inputs, stage=embedding.STAGE, version=embedding.VERSION, seed=self.seed,
            leave_out=embedding.NOT_IN_KEY,
        )  # fmt: skip
        out = self.work / "post-trained" / key
        if not artifacts.is_artifact(out, stage=embedding.STAGE):
            train(
                candidate.folder, self.pairs, self.guide, out, self.config, seed=self.seed, work=self.work / "training"
            )
        return out


def only(task: RetrievalTask, queries: Sequence[str]) -> RetrievalTask:
    """The task with some of its queries: what is not asked is not looked at."""
    return replace(
        task,
        queries={query: task.queries[query] for query in queries},
        gold={query: task.gold[query] for query in queries},
    )


def thinned(task: RetrievalTask, most: int | None, *, seed: int) -> RetrievalTask:
    """The task with `most` documents: those that answer a query, were they more, and others drawn by the seed."""
    answers = set().union(*task.gold.values()) & task.documents.keys()
    others = sorted(task.documents.keys() - answers)
    if most is None or len(task.documents) <= most:
        return task
    drawn = generator(seed, "documents").permutation(len(others))[: max(0, most - len(answers))]
    kept = answers | {others[place] for place in drawn}
    return replace(task, documents={name: text for name, text in task.documents.items() if name in kept})


def search(
    folders: Mapping[str, Path], task: RetrievalTask, *, depth: int, max_length: int | None, cache: Path | None
) -> dict[str, Scores]:
    """Candidate -> scores per query. max_length: in tokens; None takes each model's own limit."""
    loaders = {name: partial(load_encoder, folder, max_length=max_length) for name, folder in folders.items()}
    found: dict[str, Scores] = {}
    for name, loader in loaders.items():
        # A panel of its own: it would keep the rankings of all candidates.
        panel = Panel(task, {"model": loader}, k=depth, cache=cache)
        rankings = {query: [document for document, _ in ranking] for query, ranking in panel.rank("model").items()}
        found[name] = score_rankings(rankings, dict(task.gold))
    return found
