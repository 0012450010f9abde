"""Stage "choice": checkpoints are measured, one is chosen by retrieval on development, and scored once on test."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mecelle.base import artifacts
from mecelle.base.collection import JsonlWriter
from mecelle.base.errors import ConfigError
from mecelle.base.progress import track
from mecelle.base.seeds import derive
from mecelle.embedding.losses import LOSSES
from mecelle.evaluation.choice import HEADLINE
from mecelle.evaluation.compare import compare, interval
from mecelle.evaluation.probing.correlation import least_p
from mecelle.evaluation.probing.words import read_sentences
from mecelle.evaluation.sides import Sides, divide
from mecelle.evaluation.tasks.retrieval import RetrievalTask, read_task
from mecelle.evaluation.tasks.texts import draw, read_texts
from mecelle.recipes.choice import inside, masked
from mecelle.recipes.choice.candidates import Candidate, averages, copy_model, curve_of, find
from mecelle.recipes.choice.config import STAGE, VERSION, ChoiceConfig
from mecelle.recipes.choice.decision import Decision, decide
from mecelle.recipes.choice.page import write_page
from mecelle.recipes.choice.searching import PostTraining, Scores, Setting, only, search, thinned

Found = dict[Setting, dict[str, Scores]]
"""Setting -> candidate -> scores of queries."""


def choose(
    checkpoints: Sequence[str | Path],
    out: Path,
    config: ChoiceConfig,
    *,
    queries: Path,
    documents: Path,
    heldout: Path,
    work: Path,
    seed: int,
    splits: Path | None = None,
    pairs: Path | None = None,
    guide: Path | None = None,
    treebank: Path | None = None,
    cache: Path | None = None,
) -> Decision:
    """Measure checkpoints, choose one, and write it with the report of the choice.

    out/model         the chosen one, a plain transformers folder with its lineage
    out/choice.json   everything measured; out/per_query.jsonl the scores of each query
    out/choice.html   the same for a person, with the plots of Mecellem's Figs. 7 and 8; out/*.svg the plots alone

    checkpoints: see `candidates.find`. queries, documents: as of `mecelle evaluate`; splits: docs/splits.json, without
    it half of the queries by seed are for development. Test queries are asked of two candidates at most: the chosen one
    and the one with the lowest loss. heldout: JSON Lines with `text`, or an artifact with documents, that no candidate
    was trained on. pairs, guide: of stage "pairs" and "guide"; with pairs every candidate is also trained shortly for
    retrieval, which then decides. treebank: words for the probes. work: for means of checkpoints and post-training,
    taken up again by another call; cache: of vectors.
    Raises ConfigError, InputError or ArtifactError that says which checkpoint, file or parameter cannot serve.
    """
    if pairs and not guide and LOSSES.get(config.post_training.loss).guided:  # told now, and not hours later
        raise ConfigError(f"post_training.loss '{config.post_training.loss}' needs --guide; or choose info_nce.v1")
    named = find(checkpoints)
    whole = read_task(queries.name.partition(".")[0], queries, documents, pool=config.pool)
    task, sides = divide(thinned(whole, config.most_documents, seed=derive(seed, "pool")), splits, seed=seed)
    inputs: dict[str, Path | str] = {f"checkpoint {candidate.name}": candidate.folder for candidate in named}
    files = {"queries": queries, "documents": documents, "heldout": heldout, "splits": splits}
    files |= {"pairs": pairs, "guide": guide, "treebank": treebank}
    inputs |= {name: path for name, path in files.items() if path}
    post = PostTraining(pairs, guide, config.post_training, work, derive(seed, "post-training")) if pairs else None
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        candidates = [*named, *averages(named, config.averages, work / "means")]
        study = _Study(config, task, sides, post, cache, seed)
        found = study.search(candidates, sides["development"])
        rows = _describe(candidates, study, heldout, treebank)
        decision = study.decide(found, rows, candidates)
        tested = [name for name in found[study.deciding] if name in (decision.chosen, decision.lowest_loss)]
        final = study.search([one for one in candidates if one.name in tested], sides["test"], deciding_only=True)
        summary = study.summary(candidates, rows, found, final, decision)
        _write(run.folder, summary, found | {"test": final[study.deciding]})
        write_page(run.folder, summary, {one.run: curve_of(one.home) for one in candidates if one.home})
        copy_model(next(one for one in candidates if one.name == decision.chosen), run.folder / "model")
        run.accounts = task.accounts
        run.figures |= {name: summary[name] for name in ("decision", "verdict", "way", "test", "queries", "documents")}
    return decision


@dataclass(frozen=True)
class _Study:
    """What all candidates are asked."""

    config: ChoiceConfig
    task: RetrievalTask
    sides: Sides
    post: PostTraining | None
    cache: Path | None
    seed: int

    @property
    def deciding(self) -> Setting:
        return "post-trained" if self.post else "zero-shot"

    @property
    def way(self) -> str:
        """In words, what the deciding scores are of."""
        if not self.post:
            return "the candidates as pre-training left them (zero-shot), since no pairs were given"
        training = self.config.post_training
        steps = f"{training.most_steps} steps" if training.most_steps else f"{training.epochs:g} epochs"
        return (
            f"each candidate after one and the same short training on pairs: {steps} of "
            f"{training.batch * training.accumulation} by {training.loss}"
        )

    def search(self, candidates: Sequence[Candidate], queries: Sequence[str], *, deciding_only: bool = False) -> Found:
        asked, folders = only(self.task, queries), {one.name: one.folder for one in candidates}
        found: Found = {}
        if not self.post or (self.config.zero_shot and not deciding_only):
            found["zero-shot"] = search(
                folders, asked, depth=self.config.depth, max_length=self.config.max_length, cache=self.cache
            )
        if self.post:
            trained = {one.name: self.post.apply(one) for one in track(candidates, "post-training", unit="models")}
            found["post-trained"] = search(trained, asked, depth=self.config.depth, max_length=None, cache=self.cache)
        return found

    def decide(self, found: Found, rows: Sequence[dict[str, Any]], candidates: Sequence[Candidate]) -> Decision:
        development = self.sides["development"]
        return decide(
            {name: [scores[HEADLINE][query] for query in development] for name, scores in found[self.deciding].items()},
            {row["name"]: row["masked"]["bits_per_byte"] for row in rows},
            {one.name: one.amount for one in candidates},
            rule=self.config.rule,
            alpha=self.config.alpha,
            seed=derive(self.seed, "decide"),
            resamples=self.config.resamples,
        )

    def summary(
        self,
        candidates: Sequence[Candidate],
        rows: Sequence[dict[str, Any]],
        found: Found,
        final: Found,
        decision: Decision,
    ) -> dict[str, Any]:
        retrieval = {setting: self._intervals(scores, "development") for setting, scores in found.items()}
        single = [place for place, one in enumerate(candidates) if not one.members]
        means = {
            setting: [by_name[candidates[place].name][HEADLINE]["mean"] for place in single]
            for setting, by_name in retrieval.items()
        }
        return {
            "candidates": [
                row | {"retrieval": {setting: by_name[row["name"]] for setting, by_name in retrieval.items()}}
                for row in rows
            ],
            "decision": decision.model_dump(),
            "verdict": decision.sentence,
            "deciding": self.deciding,
            "way": self.way,
            "headline": HEADLINE,
            "queries": {side: len(members) for side, members in self.sides.items()},
            "documents": len(self.task.documents),
            "test": self._intervals(final[self.deciding], "test"),
            "test_difference": self._test_difference(final[self.deciding], decision),
            "correlations": {
                setting: {
                    name: one.model_dump()
                    for name, one in inside.correlations(
                        [rows[place] for place in single], values, seed=derive(self.seed, setting)
                    ).items()
                }
                for setting, values in means.items()
            },
            "least_p": least_p(len(single)),
        }

    def _intervals(self, scores: dict[str, Scores], side: str) -> dict[str, dict[str, Any]]:
        return {
            name: {
                measure: interval(
                    list(by_query.values()),
                    seed=derive(self.seed, "interval", side, measure),
                    resamples=self.config.resamples,
                ).model_dump()
                for measure, by_query in own.items()
            }
            for name, own in scores.items()
        }

    def _test_difference(self, scores: dict[str, Scores], decision: Decision) -> dict[str, Any] | None:
        """The chosen one minus the one with the lowest loss; None where they are one."""
        if decision.chosen == decision.lowest_loss:
            return None
        ours, theirs = (scores[name][HEADLINE] for name in (decision.chosen, decision.lowest_loss))
        asked = list(ours)
        found = compare(
            [ours[query] for query in asked],
            [theirs[query] for query in asked],
            seed=derive(self.seed, "test"),
            resamples=self.config.resamples,
        )
        return found.model_dump(exclude={"p_holm"})


def _describe(
    candidates: Sequence[Candidate], study: _Study, heldout: Path, treebank: Path | None
) -> list[dict[str, Any]]:
    """What is measured of each candidate besides retrieval."""
    config, seed = study.config, study.seed
    sizes = config.masked
    texts = [
        text
        for own in draw(
            read_texts({"heldout": heldout}), per_domain=sizes.documents, words=sizes.passage_words, seed=seed
        ).values()
        for text in own
    ]
    sentences = read_sentences(treebank) if treebank else []
    task = only(study.task, study.sides["development"])
    rows = []
    for one in track(candidates, "measuring candidates", unit="models"):
        shaped = inside.shape(
            one.folder, task, texts=config.geometry_texts, max_length=config.max_length, cache=study.cache, seed=seed
        )
        row: dict[str, Any] = {"name": one.name, "run": one.run, "step": one.step, "tokens": one.tokens}
        row |= {"members": list(one.members), "geometry": shaped.model_dump()}
        row |= {"masked": masked.score(one.folder, texts, sizes, seed=seed).model_dump()}
        if sentences:
            found = inside.probes(one.folder, sentences, config.probes, seed=seed)
            row["probes"] = {prop: score.model_dump() for prop, score in found.items()}
        rows.append(row)
    return rows


def _write(folder: Path, summary: dict[str, Any], found: dict[Any, dict[str, Scores]]) -> None:
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    (folder / "choice.json").write_bytes(orjson.dumps(summary, option=options))
    with JsonlWriter(folder / "per_query.jsonl") as writer:
        for part, by_name in found.items():
            for name, scores in by_name.items():
                for query, value in scores[HEADLINE].items():
                    writer.write({"part": part, "candidate": name, "query": query, HEADLINE: value})
