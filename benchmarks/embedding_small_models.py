"""Small models for a CPU: how much vocabulary Turkish law needs, what 8 bits cost, how fast each way of using them is.

python benchmarks/embedding_small_models.py vocabulary --texts ~/.cache/mecelle/full/training --sizes 20000 40000
python benchmarks/embedding_small_models.py speed e5=package:e5 pruned=FOLDER bf16=bf16:FOLDER
python benchmarks/embedding_small_models.py search e5=package:e5 static=FOLDER --articles 600 --questions 60
python benchmarks/embedding_small_models.py ship --texts TEXTS --pairs PAIRS --out FOLDER --steps 500

vocabulary: each size is pruned, packed in 8 bits, and compared with the whole model on documents that were not counted.
speed: one process, one thread, the same articles, models take turns; the clock covers `encode` alone. Also bf16:FOLDER,
and int8:FOLDER of what `mecelle export --onnx --int8` wrote. search: development questions of `retrieval_statutes` over
a pool of all their gold articles and articles drawn at random: so small a pool is easier than the whole law.
ship: prune, train, quantise: the model in the package.
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from measuring import machine, write_results

from mecelle.base.artifacts import read_record
from mecelle.base.seeds import generator
from mecelle.embedding.pruning.prune import PruneConfig, prune
from mecelle.embedding.quantise import QuantiseConfig, quantise
from mecelle.evaluation.contestants import contestants
from mecelle.evaluation.tasks.definition import Source
from mecelle.evaluation.tasks.local.statutes import QUESTIONS, articles
from mecelle.models.late import maxsim
from mecelle.models.names import load_encoder
from mecelle.models.onnx import OnnxEncoder

E5 = "package:e5"
LICENCE = {"licence": "mit", "base_name": "intfloat/multilingual-e5-small"}
LIMIT_MEGABYTES = 40.0
PASSAGE = 600


def vocabulary(arguments: argparse.Namespace) -> dict[str, Any]:
    rows = []
    for size in arguments.sizes:
        with TemporaryDirectory() as place:
            config = PruneConfig(
                size=size, documents=arguments.documents, compared=500, vectors=arguments.vectors, **LICENCE
            )
            prune(E5, arguments.texts, Path(place) / "pruned", config, seed=arguments.seed)
            quantise(Path(place) / "pruned", Path(place) / "small", QuantiseConfig(), seed=arguments.seed)
            found, packed = read_record(Path(place) / "pruned"), read_record(Path(place) / "small")
            assert found is not None
            assert packed is not None
            rows.append({"size": size, **found.figures, "int8_megabytes": packed.figures["megabytes"]})
        _say(rows[-1])
    return {"rows": rows}


def speed(arguments: argparse.Namespace) -> dict[str, Any]:
    texts = _drawn([text[:PASSAGE] for text in articles(_source(arguments)).values()], arguments.passages, arguments)
    models = {name: _load(place) for name, place in _named(arguments.models)}
    vectors: dict[str, Any] = {}
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(arguments.rounds):
        for name, model in models.items():
            model.encode(texts[:2])
            began = time.process_time()
            vectors[name] = model.encode(texts)
            seconds[name].append(time.process_time() - began)
    first = next(iter(vectors.values()))
    rows = []
    for name in models:
        row = {"model": name, "texts_per_cpu_second": round(len(texts) / min(seconds[name]), 2)}
        if vectors[name].shape == first.shape:
            cosines = (vectors[name] * first).sum(axis=1)
            row |= {"mean_cosine": float(cosines.mean()), "least_cosine": float(cosines.min())}
        rows.append(row)
        _say(row)
    return {"rows": rows, "passages": len(texts), "characters": sum(map(len, texts)), "rounds": arguments.rounds}


def _load(place: str) -> Any:
    """`bf16:folder` computes in bfloat16; int8 graphs of `mecelle export` go by `int8:folder`."""
    kind, colon, folder = place.partition(":")
    if not colon or kind not in ("bf16", "int8"):
        return load_encoder(place, threads=1)
    if kind == "int8":
        return OnnxEncoder(Path(folder), name=place, graph="model_int8.onnx", threads=1)
    found = load_encoder(folder)
    found.model.bfloat16()
    return found


def search(arguments: argparse.Namespace) -> dict[str, Any]:
    source = _source(arguments)
    wanted = set(source.scored().questions["development"])
    everything = articles(source)
    asked = [row for row in source.rows(QUESTIONS) if row["id"] in wanted and set(row["gold"]) <= everything.keys()]
    asked = _drawn(asked, arguments.questions, arguments)
    gold = {key for row in asked for key in row["gold"]}
    others = _drawn([key for key in everything if key not in gold], arguments.articles - len(gold), arguments)
    pool = sorted(gold | set(others))
    texts, questions = [everything[key] for key in pool], [row["query"] for row in asked]
    rows = []
    for one in contestants(arguments.models, seed=arguments.seed, max_length=256, memory=None):
        scores = _scores(one, questions, texts)
        gains = [
            _ndcg([pool[i] for i in np.argsort(-row)[:10]], set(q["gold"]))
            for row, q in zip(scores, asked, strict=True)
        ]
        drawn = generator(arguments.seed, "bootstrap").choice(gains, (2000, len(gains))).mean(axis=1)
        low, high = np.percentile(drawn, [2.5, 97.5])
        rows.append(
            {
                "model": one.name,
                "ndcg_at_10": round(float(np.mean(gains)), 4),
                "low": round(float(low), 4),
                "high": round(float(high), 4),
                "questions": len(gains),
                "articles": len(pool),
            }
        )
        _say(rows[-1])
    return {"rows": rows}


def _scores(one: Any, questions: list[str], texts: list[str]) -> Any:
    if one.late is not None:
        model = one.late()
        documents = model.encode(texts)
        return np.array([[maxsim(query, d) for d in documents] for query in model.encode(questions, role="query")])
    if one.words is not None:
        from mecelle.retrieval.bm25 import Bm25

        built = Bm25.build(((str(i), text) for i, text in enumerate(texts)), one.words)
        scores = np.zeros((len(questions), len(texts)))
        for row, question in enumerate(questions):
            for identifier, score in built.rank(question, len(texts)):
                scores[row, int(identifier)] = score
        return scores
    return one.encoder.encode(questions, role="query") @ one.encoder.encode(texts, role="document").T


def _ndcg(ranked: list[str], gold: set[str]) -> float:
    gain = sum(1 / np.log2(place + 2) for place, key in enumerate(ranked) if key in gold)
    return float(gain / sum(1 / np.log2(place + 2) for place in range(min(10, len(gold)))))


def ship(arguments: argparse.Namespace) -> dict[str, Any]:
    """prune -> train -> quantise; each an artifact beside `--out`, so that a second call finds them."""
    from mecelle.embedding.config import EmbeddingConfig
    from mecelle.embedding.train import train

    out: Path = arguments.out
    pruned, trained = out.with_name(out.name + "-pruned"), out.with_name(out.name + "-trained")
    if not (pruned / "artifact.json").exists():
        prune(
            E5,
            arguments.texts,
            pruned,
            PruneConfig(size=arguments.size, documents=arguments.documents, **LICENCE),
            seed=arguments.seed,
        )
    settings = {
        "query_prompt": "query: ",
        "document_prompt": "passage: ",
        "loss": arguments.loss,
        "batch": arguments.batch,
        "accumulation": 1,
        "most_steps": arguments.steps,
        "max_length": 256,
    }
    config = EmbeddingConfig.model_validate(settings)
    train(
        pruned,
        arguments.pairs,
        arguments.guide,
        trained,
        config,
        seed=arguments.seed,
        work=out.with_name(out.name + "-work"),
    )
    quantise(
        trained,
        out,
        QuantiseConfig(most_megabytes=LIMIT_MEGABYTES, **LICENCE),
        seed=arguments.seed,
        texts=arguments.texts[:1],
    )
    record = read_record(out)
    assert record is not None
    _say(record.figures)
    return {"rows": [record.figures]}


def _source(arguments: argparse.Namespace) -> Source:
    return Source(arguments.data, arguments.splits)


def _named(models: list[str]) -> list[tuple[str, str]]:
    return [(one.partition("=")[0], one.partition("=")[2] or one) for one in models]


def _drawn(items: list[Any], count: int, arguments: argparse.Namespace) -> list[Any]:
    places = generator(arguments.seed, "small_models").permutation(len(items))[: max(0, count)]
    return [items[place] for place in np.sort(places)]


def _say(row: dict[str, Any]) -> None:
    sys.stdout.write("  ".join(f"{name} {value}" for name, value in row.items()) + "\n")
    sys.stdout.flush()


COMMANDS = {"vocabulary": vocabulary, "speed": speed, "search": search, "ship": ship}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("models", nargs="*", help="of speed and search: name=folder, or package:e5")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--splits", type=Path, default=Path("docs/splits.json"))
    parser.add_argument("--texts", type=Path, action="append", default=[])
    parser.add_argument("--documents", type=int, default=40_000)
    parser.add_argument("--vectors", type=int, default=50)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 30_000, 40_000])
    parser.add_argument("--size", type=int, default=40_000)
    parser.add_argument("--passages", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--guide", type=Path)
    parser.add_argument("--loss", default="info_nce.v1")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    began = machine("torch", "transformers", "sentence-transformers", "onnxruntime", "model2vec")
    figures = COMMANDS[arguments.command](arguments)
    command = {name: str(value) for name, value in vars(arguments).items()}
    write_results(f"embedding_small_models_{arguments.command}", {**figures, "arguments": command, "machine": began})


if __name__ == "__main__":
    main()
