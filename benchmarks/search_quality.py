"""Which search finds the right article or decision: words, vectors, both, re-ranked; sections against fixed passages.

    python benchmarks/search_quality.py --model MODEL --part development --weights 0.5 1 2 4
    python benchmarks/search_quality.py --model MODEL --part test --weights 2 --reranker FOLDER --sectioner FOLDER

Two tasks, each through a real index (`mecelle.retrieval.index.build`, `Searcher.search`): a citizen's question to the
articles that answer it (`retrieval_statutes`, all articles in force are searched), and a decision's summary to the
decision (all decisions of its chamber and 500 others are searched; the summary is no part of what is searched).
Development chooses the weight of the vectors; test is scored once. All pairs of systems are compared on the same
queries: bootstrap interval and sign-flip test, corrected by Holm within a task.
"""

import argparse
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from measuring import DATA, machine, write_results

from mecelle.base.document import Document
from mecelle.base.seeds import generator
from mecelle.evaluation.metrics.ranking import score_rankings
from mecelle.evaluation.splits import Splits
from mecelle.evaluation.statistics.bootstrap import interval
from mecelle.evaluation.statistics.tables import compare_many
from mecelle.models.names import load_encoder
from mecelle.recipes.sectioning import SectionsOfModel
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.hits import Hit
from mecelle.retrieval.index import build
from mecelle.retrieval.reranking import load_reranker
from mecelle.retrieval.search import Searcher
from mecelle.retrieval.sections import SectionReader, SectionsOfFile, SectionSpan
from mecelle.segmentation.mapping import mapping
from mecelle.text.unicode import clean

K, TEN = 100, 10
OTHERS = 500
"""Decisions of other chambers."""
Task = tuple[dict[str, str], dict[str, set[str]], list[dict[str, Any]]]
"""Queries by id, ids of the documents that answer each, and the rows that are searched."""


def rows_of(name: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / "legal" / f"{name}.jsonl.gz") as lines:
        return [orjson.loads(line) for line in lines]


def statutes(splits: Splits, part: str, *, most: int | None, seed: int) -> Task:
    asked = [row for row in rows_of("retrieval_statutes") if row["id"] in set(splits.questions[part])]
    gold = {row["id"]: set(row["gold"]) for row in asked}
    wanted = set().union(*gold.values())
    rows = [row for row in rows_of("statute_articles") if not row["repealed"] or row["id"] in wanted]
    for row in rows:
        row |= {"kind": "article", "title": row["law"], "path": None}
    queries = {row["id"]: row["query"] for row in asked if gold[row["id"]]}
    return queries, {key: gold[key] for key in queries}, drawn(rows, wanted, most, seed=seed)


def summaries(splits: Splits, part: str, *, most: int | None, seed: int) -> Task:
    rows, chosen = rows_of("decisions"), set(splits.decisions[part])
    asked = [row for row in rows if row["id"] in chosen and row.get("summary")]
    queries = {f"summary of {row['id']}": row["summary"] for row in asked}
    gold = {f"summary of {row['id']}": {row["id"]} for row in asked}
    alike = {(row["court"], row["chamber"]) for row in asked}
    near = {row["id"] for row in rows if (row["court"], row["chamber"]) in alike}
    found = drawn(rows, near, OTHERS + len(near), seed=seed)
    kept = ("id", "court", "chamber", "date", "number", "text")
    found = [{"kind": "decision", **{name: row[name] for name in kept if row.get(name)}} for row in found]
    return queries, gold, found if most is None else drawn(found, set().union(*gold.values()), most, seed=seed)


def drawn(rows: list[dict[str, Any]], wanted: set[str], most: int | None, *, seed: int) -> list[dict[str, Any]]:
    """The wanted rows, and others up to `most` in all."""
    if most is None:
        return rows
    others = [row for row in rows if row["id"] not in wanted]
    order = generator(seed, "others").permutation(len(others))[: max(0, most - len(wanted))]
    return [row for row in rows if row["id"] in wanted] + [others[place] for place in order]


def ranked(searcher: Searcher, queries: Mapping[str, str], **settings: Any) -> dict[str, list[str]]:
    """The ten hits that a user asks for, then what a search for a hundred adds (more candidates, another order)."""
    found = {}
    for key, query in queries.items():
        few, many = (ids(searcher.search(query, k=k, **settings)) for k in (TEN, K))
        found[key] = [*few, *(one for one in many if one not in few)]
    return found


def ids(hits: Sequence[Hit]) -> list[str]:
    return [str(hit.source_id) for hit in hits]


def re_ranked(searcher: Searcher, queries: Mapping[str, str], before: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The first hits anew, as many as the service orders anew, and behind them the rest in the order `before`."""
    first = {
        key: ids(searcher.search(query, k=searcher.config.rerank_hits, mode="hybrid")) for key, query in queries.items()
    }
    return {key: [*first[key], *(one for one in before[key] if one not in first[key])] for key in queries}


def measured(
    name: str, task: Task, index: Path, options: argparse.Namespace, sections: SectionReader
) -> dict[str, Any]:
    """Scores of all systems on one task, and how each pair compares."""
    queries, gold, rows = task
    encoder = load_encoder(options.model, precision="auto")
    reranker = load_reranker(options.reranker) if options.reranker else None
    source = index.with_suffix(".jsonl")
    source.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
    rankings: dict[str, dict[str, list[str]]] = {}
    cuttings = ("structure", "fixed") if name == "summary to decision" else ("structure",)
    passages: dict[str, int] = {}
    for cutting in cuttings:
        place = index.with_name(f"{index.name}-{cutting}")
        config = IndexConfig(cutting=cutting)
        report = build(source, place, config, model=encoder, sections=sections, workers=1)
        passages[cutting] = report.passages
        label = "" if len(cuttings) == 1 else f", {cutting}"
        with Searcher(place, encoder=encoder, reranker=reranker) as searcher:
            for mode in ("bm25", "dense"):
                rankings[f"{mode}{label}"] = ranked(searcher, queries, mode=mode, rerank=False)
            for weight in options.weights:
                searcher.config = config.model_copy(update={"dense_weight": weight})
                rankings[f"hybrid {weight:g}{label}"] = ranked(searcher, queries, mode="hybrid", rerank=False)
            searcher.config = config.model_copy(update={"fusion": "ranks"})
            rankings[f"hybrid by ranks{label}"] = ranked(searcher, queries, mode="hybrid", rerank=False)
            if reranker:
                before = f"hybrid {options.weights[0]:g}{label}"
                searcher.config = config.model_copy(update={"dense_weight": options.weights[0]})
                rankings[f"{before}, re-ranked"] = re_ranked(searcher, queries, rankings[before])
    scores = {system: score_rankings(found, gold) for system, found in rankings.items()}
    order = sorted(gold)
    vectors = {system: [found["ndcg@10"][key] for key in order] for system, found in scores.items()}
    table = {
        system: {
            **{measure: sum(values.values()) / len(values) for measure, values in found.items()},
            "interval": interval(vectors[system], seed=options.seed).model_dump(),
        }
        for system, found in scores.items()
    }
    names = list(vectors)
    compared = compare_many(vectors, names, seed=options.seed)
    pairs = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    differences = {f"{b} - {a}": compared[a][b].model_dump() for a, b in pairs}
    return {"n": len(order), "documents": len(rows), "passages": passages, "systems": table, "differences": differences}


class HeadedSections:
    """Sections by the courts' own headings (`decision_sections`), of decisions whose text is found in them."""

    fingerprint = "headings of decision_sections"

    def __init__(self) -> None:
        self._by_id = {row["id"]: row for row in rows_of("decision_sections")}
        self.known = self.asked = 0

    def read(self, documents: Sequence[Document]) -> list[tuple[SectionSpan, ...]]:
        found = [self._spans(one) for one in documents]
        self.asked, self.known = self.asked + len(found), self.known + sum(map(bool, found))
        return found

    def _spans(self, document: Document) -> tuple[SectionSpan, ...]:
        row = self._by_id.get(document.metadata.get("source_id"))
        labels = [one["label"] for one in row["sections"]] if row else []
        spans: list[SectionSpan] = []
        at = 0
        for place, one in enumerate(row["sections"] if row else ()):
            label = mapping().section(one["label"], row["court"], one["heading"], labels[place + 1 :])
            text = clean(one["text"]).strip()
            start = document.text.find(text, at)
            if not text or start < 0:
                continue
            at = start + len(text)
            if spans and spans[-1].label == label and not document.text[spans[-1].end : start].strip():
                spans[-1] = replace(spans[-1], end=at)
            else:
                spans.append(SectionSpan(label, start, at))
        return tuple(spans)


TASKS = {"statutes": ("question to article", statutes), "summaries": ("summary to decision", summaries)}


def sections_of(options: argparse.Namespace) -> SectionReader:
    if options.sections:
        return SectionsOfFile(options.sections)
    return SectionsOfModel(options.sectioner) if options.sectioner else HeadedSections()


def show(name: str, found: dict[str, Any]) -> None:
    print(f"\n{name}: {found['n']} queries, {found['documents']:,} documents, passages {found['passages']}")
    for system, row in found["systems"].items():
        one = row["interval"]
        rest = "  ".join(f"{key} {row[key]:.3f}" for key in ("recall@100", "mrr@10", "precision@1"))
        print(f"  {system:34} ndcg@10 {one['mean']:.3f} ({one['low']:.3f}-{one['high']:.3f})  {rest}")
    for pair, one in found["differences"].items():
        print(f"  {pair:60} {one['difference']:+.3f} ({one['low']:+.3f}-{one['high']:+.3f}) p {one['p_holm']:.3f}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--reranker")
    parser.add_argument("--sectioner", help="artifact of `mecelle segment train`, or package:sectioner")
    parser.add_argument("--sections", type=Path, help="file of `mecelle segment apply`")
    parser.add_argument("--part", choices=("development", "test"), default="development")
    parser.add_argument("--weights", type=float, nargs="+", default=[1.0])
    parser.add_argument("--splits", type=Path, default=Path("docs/splits.json"))
    parser.add_argument("--tasks", choices=TASKS, nargs="+", default=list(TASKS))
    parser.add_argument("--most", type=int, help="documents of each task: easier than the whole collection")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache/mecelle/search-quality")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    splits = Splits.load(options.splits)
    sections = sections_of(options)
    options.work.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = {
        "options": {name: str(value) for name, value in sorted(vars(options).items())},
        **machine("bm25s", "qdrant-edge-py", "sentence-transformers", "torch"),
    }
    for given in options.tasks:
        name, make = TASKS[given]
        task = make(splits, options.part, most=options.most, seed=options.seed)
        # All articles are the same for both parts; the decisions around the right one are not.
        part = "both" if make is statutes and options.most is None else options.part
        index = options.work / f"{name.replace(' ', '-')}-{part}-{options.most or 'all'}"
        figures[name] = measured(name, task, index, options, sections)
        show(name, figures[name])
    if isinstance(sections, HeadedSections):
        figures["decisions with sections"] = {"known": sections.known, "asked": sections.asked}
        print(f"sections known of {sections.known} of {sections.asked} decisions that were cut")
    size = f"_of_{options.most}" if options.most else ""
    write_results(f"search_quality_{'_'.join(options.tasks)}_{options.part}{size}", figures)


if __name__ == "__main__":
    main()
