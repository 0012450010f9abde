"""Retrieval against masked-LM loss over the checkpoints of one or more runs, on real Turkish law (Mecellem §4.1).

    python benchmarks/checkpoint_choice.py general=RUN legal=RUN --work FOLDER [--pairs P --guide G]

RUN: an artifact of `mecelle encoder pretrain` with snapshots. Held-out texts are the development decisions of
docs/splits.json; queries are citizens' questions over the articles of the acts that answer them (or fewer: --articles);
probes are of the UD treebanks. Prints a table and writes benchmarks/results/checkpoint_choice.json; the page with the
plots stands in FOLDER/choice.
"""

import argparse
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.collection import read_jsonl
from mecelle.base.config import parse
from mecelle.base.seeds import generator
from mecelle.evaluation.compare import Interval
from mecelle.evaluation.splits import Splits
from mecelle.recipes.choice.config import ChoiceConfig
from mecelle.recipes.choice.run import choose

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "checkpoint_choice.json"
SPLITS = ROOT / "docs" / "splits.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", help="name=FOLDER of a run with snapshots, or of any model")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--work", type=Path, required=True, help="folder for everything that is made")
    parser.add_argument("--pairs", type=Path, help="artifact of `embedding pairs`: post-trained retrieval too")
    parser.add_argument("--guide", type=Path, help="artifact of `embedding guide`")
    parser.add_argument("--articles", type=int, help="articles that are searched; all of the gold acts by default")
    parser.add_argument("--cache", type=Path, help="folder of vectors")
    parser.add_argument("--set", default="{}", help="JSON over the parameters of the choice")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()

    work, data, legal = arguments.work, arguments.data, arguments.data / "legal"
    work.mkdir(parents=True, exist_ok=True)
    queries = legal / "retrieval_statutes.jsonl.gz"
    config = parse(ChoiceConfig, {"pool": "gold_acts"} | orjson.loads(arguments.set), where="--set")
    decision = choose(
        arguments.runs,
        work / "choice",
        config,
        queries=queries,
        documents=articles(legal, queries, work / "articles.jsonl", arguments.articles, seed=arguments.seed),
        heldout=held_out(legal, work / "heldout.jsonl"),
        splits=SPLITS,
        treebank=data / "general" / "morphology.jsonl.gz",
        pairs=arguments.pairs,
        guide=arguments.guide,
        work=work / "work",
        cache=arguments.cache,
        seed=arguments.seed,
    )
    found = orjson.loads((work / "choice" / "choice.json").read_bytes())
    RESULT.write_bytes(orjson.dumps({"parameters": config.model_dump(), "seed": arguments.seed} | found, option=2))
    for line in [*table(found), "", decision.sentence, f"Chosen: {decision.chosen}"]:
        print(line)


def articles(legal: Path, queries: Path, out: Path, most: int | None, *, seed: int) -> Path:
    """The articles that are searched: with `most`, all that answer a question, and others drawn by the seed."""
    if most is None:
        return legal / "statute_articles.jsonl.gz"
    gold = {identifier for row in read_jsonl(queries) for identifier in row["gold"]}
    rows = list(read_jsonl(legal / "statute_articles.jsonl.gz"))
    others = [place for place, row in enumerate(rows) if row["id"] not in gold and not row["repealed"]]
    drawn = {others[place] for place in generator(seed, "articles").permutation(len(others))[:most]}
    write(out, [row for place, row in enumerate(rows) if row["id"] in gold or place in drawn])
    return out


def held_out(legal: Path, out: Path) -> Path:
    """Decisions of the development side, which no training may see."""
    wanted = set(Splits.load(SPLITS).decisions["development"])
    write(out, [row for row in read_jsonl(legal / "decisions.jsonl.gz") if row["id"] in wanted])
    return out


def write(path: Path, rows: list[Any]) -> None:
    path.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))


def table(found: dict[str, Any]) -> list[str]:
    """Candidates as rows of a Markdown table."""
    settings = list(found["candidates"][0]["retrieval"])
    probes = list(found["candidates"][0].get("probes", {}))
    columns = [
        "candidate",
        "tokens",
        "loss",
        "bits a byte",
        "accuracy",
        *(f"nDCG@10, {one}" for one in settings),
        "tied",
    ]
    columns += ["mean cosine", "uniformity", *(f"{one}, selectivity" for one in probes)]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for row in found["candidates"]:
        masked, shape = row["masked"], row["geometry"]
        cells = [row["name"], f"{row['tokens'] or 0:,}", spread(masked["loss"]), f"{masked['bits_per_byte']:.3f}"]
        cells += [spread(masked["accuracy"]), *(spread(row["retrieval"][one]["ndcg@10"]) for one in settings)]
        cells += ["yes" if row["name"] in found["decision"]["tied"] else "no"]
        cells += [f"{shape['mean_cosine']:.3f}", f"{shape['uniformity']:.2f}"]
        cells += [spread(row["probes"][one]["selectivity"]) for one in probes]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def spread(interval: dict[str, float]) -> str:
    return Interval.model_validate(interval).text()


if __name__ == "__main__":
    main()
