"""Put a quantised embedding model into the package, as `package:mecelle`, with its scores and commands in its card.

    mecelle embedding prune package:e5 --texts TRAINING --out pruned --seed 7 --set size=40000 --set licence=mit \\
        --set base_name=intfloat/multilingual-e5-small
    mecelle embedding pairs TRAINING --out pairs --exclude retrieval_statutes.jsonl.gz --set most_per_kind=5000 \\
        --set 'kinds=[article_heading.v1, act_and_heading.v1, article_question.v1, decision_cited_article.v1]'
    mecelle embedding negatives pairs --out hard --set count=1
    mecelle embedding train pruned --pairs hard --out trained --work work --seed 7 --set loss=multiple_negatives.v1 \\
        --set batch=32 --set accumulation=1 --set most_steps=160 --set learning_rate=4e-5 --set temperature=0.02 \\
        --set max_length=128 --set 'query_prompt="query: "' --set 'document_prompt="passage: "' \\
        --set 'dims=[192,96]' --set evaluation_steps=80 --set evaluation_pairs=200
    mecelle embedding quantise trained --out small --seed 7 --set most_megabytes=40 --set max_length=256 \\
        --set licence=mit --set base_name=intfloat/multilingual-e5-small
    python benchmarks/search_quality.py --model small --part test --tasks statutes --weights W
    python tools/package_embedding.py small benchmarks/results/search_quality_statutes_test.json
"""

import argparse
import shutil
from pathlib import Path
from typing import Any

import orjson

from mecelle.base import artifacts
from mecelle.base.errors import ArtifactError
from mecelle.embedding.quantise import MEGABYTE, STAGE, VERSION

PLACE = Path(__file__).parents[1] / "src" / "mecelle" / "models" / "packaged" / "mecelle_small"
MOST_MEGABYTES = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("scores", type=Path, nargs="*", help="results of benchmarks/search_quality.py")
    given = parser.parse_args()
    artifacts.read_marker(given.model, stage=STAGE)
    size = sum(path.stat().st_size for path in given.model.rglob("*") if path.is_file()) / MEGABYTE
    if size > MOST_MEGABYTES:
        raise ArtifactError(f"{given.model}: {size:.1f} MB, the package takes {MOST_MEGABYTES}: prune or quantise more")
    shutil.rmtree(PLACE, ignore_errors=True)
    shutil.copytree(given.model, PLACE, ignore=shutil.ignore_patterns(artifacts.MARKER))
    card = PLACE / "README.md"
    scores = "".join(_table(orjson.loads(path.read_bytes())) for path in given.scores)
    told = card.read_text(encoding="utf-8") + scores + "\n## Made by\n```bash\n" + commands() + "\n```\n"
    card.write_text(told, encoding="utf-8")
    artifacts.mark(PLACE, stage=STAGE, version=VERSION)


def commands() -> str:
    """The commands at the head of this file."""
    lines = (__doc__ or "").splitlines()
    return "\n".join(line[4:] for line in lines if line.startswith("    "))


def _table(found: dict[str, Any]) -> str:
    rows = []
    for task, one in found.items():
        if isinstance(one, dict) and "systems" in one:
            rows.append(f"\n## Scores: {task}, {one['n']} queries, {one['documents']:,} documents\n")
            rows.append("| search | nDCG@10 [95%] | recall@100 |\n|---|---|---|")
            for system, row in one["systems"].items():
                mean, low, high = (row["interval"][name] for name in ("mean", "low", "high"))
                rows.append(f"| {system} | {mean:.3f} [{low:.3f}, {high:.3f}] | {row['recall@100']:.3f} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
